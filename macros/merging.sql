{#- What merging plays that several sources tell rests on: which days are compared, when two names are one recording. -#}

{#- What a plain build needs: true. In an increment two conditions on `played_date`, as literals: `rebuilt`, the days
    whose plays may be merged otherwise than before, and `read`, those that it takes to say so. What belongs together
    begins within a day (`compared_length_ms`), so each is one day wider than the one before. -#}
{% macro days_to_compare() -%}
    {#- Named before it is known whether they are needed: dbt must see them when it parses. -#}
    {%- set validated, kept_apart = ref('silver_plays_validated'), ref('kept_apart_plays') -%}
    {%- if not (execute and is_incremental()) -%}{{ return({'rebuilt': 'true', 'read': 'true'}) }}{%- endif -%}
    {%- set changed = column_of(
        'select played_date from ' ~ validated
        ~ ' where played_date is not null and _loaded_at > ' ~ last_loaded('_loaded_at')
        ~ ' union select merged.played_date from ' ~ this ~ ' as merged inner join ' ~ kept_apart ~ ' as kept_apart'
        ~ ' on merged.user_id = kept_apart.user_id'
        ~ ' and kept_apart.play_id in (merged.play_id, merged.winner_play_id)'
    ) -%}
    {%- for day in asked_days() -%}
        {%- do changed.append(modules.datetime.date.fromisoformat(day)) -%}
    {%- endfor -%}
    {{ return({
        'rebuilt': 'played_date in ' ~ rebuilds(literals(days_around(changed, 1))),
        'read': 'played_date in ' ~ literals(days_around(changed, 2)),
    }) }}
{%- endmacro %}

{#- `days` and those up to `distance` days before and after, in order. -#}
{% macro days_around(days, distance) -%}
    {%- set found = [] -%}
    {%- for day in days -%}
        {%- for ahead in range(-distance, distance + 1) -%}
            {%- do found.append((day + modules.datetime.timedelta(days=ahead)) | string) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found | unique | sort) }}
{%- endmacro %}

{#- One recording, however its artist and title are spelled: case, accents, punctuation, guests in brackets and
    remasters make no difference. Live, acoustic, demo, remix and edit do: they are other recordings. -#}
{% macro recording_key(artist, title) -%}
    md5({{ plain_words(without_guests(latin(artist))) }} || '|' || {{ plain_words(
        every_match_removed(
            without_guests(latin(title)),
            '((19|20)[0-9][0-9]( -)? )?(digital(ly)? )?re-?master(ed)?( version| edition)?( in)?( (19|20)[0-9][0-9])?',
        )
    ) }})
{%- endmacro %}

{#- Lower case, without accents, one kind of bracket and dash. By a list, so that two engines do the same; accents
    that are characters of their own are left out. -#}
{% macro latin(value) -%}
    {%- set spelled = 'àáâãäåāăąçćčďđèéêëēėęěğìíîïīįıłñńňòóôõöøōőŕřśşšșťţțùúûüūůűųýÿźżž[]–—' -%}
    {%- set plain = 'aaaaaaaaacccddeeeeeeeegiiiiiiilnnnoooooooorrsssstttuuuuuuuuyyzzz()--' -%}
    {%- set accents = '\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0327\u0328' -%}
    {%- set doubled = "replace(replace(replace(lower(trim(" ~ value ~ ")), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')" -%}
    {{ return("translate(" ~ doubled ~ ", '" ~ spelled ~ accents ~ "', '" ~ plain ~ "')") }}
{%- endmacro %}

{% macro without_guests(value) -%}
    {{ return(every_match_removed(
        every_match_removed(value, '[(] *(feat|ft|featuring|with)[. ][^)]*[)]'),
        ' (feat|ft|featuring)[. ][^-(]*'
    )) }}
{%- endmacro %}

{#- Letters and digits alone; all of it where there are none, as in "( )". -#}
{% macro plain_words(value) -%}
    coalesce(
        nullif(translate(replace({{ value }}, '&', 'and'), ' .,;:!?''"`´‘’“”()-_/*#+…', ''), ''),
        {{ value }}
    )
{%- endmacro %}

{#- Whose plays changed, where and when: by what landed, or by being merged or no longer so. To be cut by `_loaded_at`;
    a model that is stamped from silver_compared_plays has then seen all that is older. -#}
{% macro changed_plays() -%}
    {%- set columns = 'select user_id, played_date, started_at, ended_at, _loaded_at from ' -%}
    {{ return(
        '(' ~ columns ~ ref('silver_plays_validated')
        ~ ' union all ' ~ columns ~ ref('silver_compared_plays') ~ ' where event_id is not null)'
    ) }}
{%- endmacro %}
