{#- What models over several topics share. -#}

{% macro topics() -%}
    {{ return([
        'auth_events', 'likes', 'page_views', 'playback_started', 'plays', 'podcast_events', 'skips',
        'subscription_changes',
    ]) }}
{%- endmacro %}

{#- `touched` by any of `topics`, for a model whose rows mix them; stamp those rows with `loaded_from_any`. With
    `merged`, for one that leaves out plays that another source tells better. -#}
{% macro touched_by_any(topics, day, loaded_column='_loaded_at', merged=false) -%}
    {#- Named before it is known whether they are needed: dbt must see them when it parses. -#}
    {%- set days = [] -%}
    {%- for topic in topics -%}
        {%- do days.append([
            own_day(topic),
            changed_plays() if topic == 'plays' and merged else ref('silver_' ~ topic ~ '_validated'),
        ]) -%}
    {%- endfor -%}
    {%- if not (execute and is_incremental()) -%}{{ return('true') }}{%- endif -%}
    {{ return(day ~ ' in ' ~ rebuilds(literals(newer_days(days, loaded_column)))) }}
{%- endmacro %}

{#- The days of rows newer than this model, in order: `days` are pairs of an expression and the relation it is of. -#}
{% macro newer_days(days, loaded_column) -%}
    {%- set loaded, queries = last_loaded(loaded_column), [] -%}
    {%- for day, relation in days -%}
        {%- do queries.append(
            'select ' ~ day ~ ' from ' ~ relation
            ~ ' as changed where ' ~ day ~ ' is not null and _loaded_at > ' ~ loaded
        ) -%}
    {%- endfor -%}
    {%- set newer = column_of(queries | join(' union ')) | map('string') | list -%}
    {{ return((newer + asked_days()) | unique | sort) }}
{%- endmacro %}

{#- The column of the day that an event names as its own: a play belongs to the day on which it began. -#}
{% macro own_day(topic) -%}
    {{ return('played_date' if topic == 'plays' else 'occurred_date') }}
{%- endmacro %}

{#- The condition that a record of any of `topics` landed on a day on which one newer than this model did, as
    literals; true in a full build. Records land in order, so only the newest row groups are read. -#}
{% macro touched_landings(topics) -%}
    {%- set landings = [] -%}
    {%- for topic in topics -%}
        {%- do landings.append(['cast(_timestamp as date)', ref('silver_' ~ topic ~ '_validated')]) -%}
    {%- endfor -%}
    {%- if not (execute and is_incremental()) -%}{{ return('true') }}{%- endif -%}
    {%- set days = newer_days(landings, '_loaded_at') -%}
    {%- set first_day = days | first if days else '9999-12-31' -%}
    {{ return(
        "_timestamp >= cast('" ~ first_day ~ "' as timestamp) and cast(_timestamp as date) in " ~ rebuilds(literals(days))
    ) }}
{%- endmacro %}

{#- The stamp of rows made from all of `topics` at once: the newest of their newest. A topic that is silent
    for a week must not make every run rebuild that week, as the oldest would. It is safe where the rows are
    read straight from the validated tables: what is loaded later has a later stamp, whatever its topic. -#}
{% macro loaded_from_any(topics, merged=false) -%}
    (
        select max(stamps.newest) from (
        {%- for topic in topics %}
            select max(_loaded_at) as newest
            from {{ ref('silver_compared_plays' if topic == 'plays' and merged else 'silver_' ~ topic ~ '_validated') }}
            {{- ' union all' if not loop.last }}
        {%- endfor %}
        ) as stamps
    )
{%- endmacro %}
