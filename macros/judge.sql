{#- What the eight validated models share: which rows to read, the envelope's rules, which copy stands. -#}

{#- The steps from bronze_<topic> to `judged`: a row per record to write, all its codes in `codes`, each
    followed by a comma. `own_codes` are the topic's own rules, an expression of bronze's columns.
    With play_id among the `keys`, another event for the same play is refused too. -#}
{% macro judged_records(topic, keys=['event_id'], own_codes='') -%}
{%- set bronze = 'bronze_' ~ topic -%}
{%- set rows = rows_to_judge(topic, keys) -%}
{{ bronze }} as {{ read_again() }} (
    select * from {{ ref(bronze) }}
    {{ rows.read }}
),

countries as (
    select country as known_country from {{ ref('countries') }}
),

located as {{ read_again() }} (
    select
        {{ bronze }}.*,
        countries.known_country
    from {{ bronze }}
    left join countries on {{ bronze }}.country = countries.known_country
),

checked as {{ read_again() }} (
    select
        *,
        {{ envelope_codes() }}{{ ' || ' ~ own_codes if own_codes }} as rule_codes
    from located
),

-- Few keys are there twice, and only their rows need be put in order.
{% for key in keys %}
shared_{{ key }}s as (
    select {{ short_key(key) }} as shared_key
    from checked
    where event_id is not null
    group by {{ short_key(key) }}
    having count(*) > 1
),
{% endfor %}
repeated_events as (
    select record_id as repeated_record_id
    from checked
    where event_id is not null and {{ short_key('event_id') }} in (select shared_key from shared_event_ids)
    qualify row_number() over (partition by event_id order by {{ first_copy() }}) > 1
),
{% if 'play_id' in keys %}
-- Another event for the same play: a copy of the event itself is counted above.
repeated_plays as (
    select record_id as replayed_record_id
    from checked
    where event_id is not null and {{ short_key('play_id') }} in (select shared_key from shared_play_ids)
    qualify event_id <> first_value(event_id) over (partition by play_id order by {{ first_copy() }})
),
{% endif %}
with_copies as (
    select
        checked.*,
        repeated_events.repeated_record_id
        {{- ',\n        repeated_plays.replayed_record_id' if 'play_id' in keys }}
    from checked
    left join repeated_events on checked.record_id = repeated_events.repeated_record_id
    {{ 'left join repeated_plays on checked.record_id = repeated_plays.replayed_record_id' if 'play_id' in keys }}
    {{ rows.write }}
),

judged as (
    select
        *,
        rule_codes
        || case when repeated_record_id is null then '' else 'duplicate_event_id,' end
        {{- " || case when replayed_record_id is null then '' else 'duplicate_play,' end" if 'play_id' in keys }} as codes
    from with_copies
)
{%- endmacro %}

{#- Which bronze rows an incremental run reads and writes: two clauses, `read` and `write`, empty in a full build.

    New objects are found by name, not by time, so the order in which they appear does not matter.
    `keys` are the columns that copies share (event_id first). A row that shares one with a new row is
    judged again, so its object is read too, and so are those of the rows that *it* shares one with:
    without them it could not be judged. Names of objects are literals: DuckDB then opens nothing else. -#}
{% macro rows_to_judge(topic, keys=['event_id']) -%}
    {%- set bronze = ref('bronze_' ~ topic) -%}
    {%- if not (execute and is_incremental()) -%}{{ return({'read': '', 'write': ''}) }}{%- endif -%}
    {%- set new_files = column_of(
        'select _file from (' ~ lake_files(topic) ~ ') as landed'
        ~ ' where _file not in (select distinct _file from ' ~ this ~ ')'
    ) -%}
    {%- set is_new = in_files(new_files) -%}
    {%- set new_rows = '(select * from ' ~ bronze ~ ' where ' ~ is_new ~ ')' -%}
    {%- set steps = ['hop_0 as ' ~ new_rows] -%}
    {%- for _ in keys -%}
        {%- set hop, selected = loop.index0, 'select ' ~ keys | join(', ') ~ ', _file from ' ~ this ~ ' where ' -%}
        {#- A union of single conditions: behind an `or` DuckDB prunes no row group by what it looks for. -#}
        {%- set found = [] -%}
        {%- for key in keys -%}
            {%- do found.append(selected ~ shares_a_key([key], 'hop_' ~ hop)) -%}
        {%- endfor -%}
        {%- do steps.append('hop_' ~ (hop + 1) ~ ' as (' ~ found | join(' union ') ~ ')') -%}
    {%- endfor -%}
    {%- set copies = column_of(
        'with ' ~ steps | join(', ') ~ ' select distinct _file from hop_' ~ keys | length
    ) if new_files else [] -%}
    {{ return({
        'read': 'where ' ~ in_files(new_files + copies),
        'write': 'where ' ~ is_new ~ ' or ' ~ shares_a_key(keys, new_rows),
    }) }}
{%- endmacro %}

{% macro shares_a_key(keys, relation) -%}
    {%- for key in keys -%}
        {{ ' or ' if not loop.first }}{{ key }} in (select {{ key }} from {{ relation }} as sharing)
    {%- endfor -%}
{%- endmacro %}

{#- The codes every topic shares, each followed by a comma: the contract's (the part of bronze's error
    before each colon), then the envelope's rules. `known_country` comes from the seed. -#}
{% macro envelope_codes() -%}
    case
        when error is null then ''
        when left(error, 7) = 'import_' then split_part(error, ':', 1) || ','
        else coalesce(
            nullif(
                ''
            {%- for code in ['not_utf8', 'empty_payload', 'not_json', 'not_an_object', 'missing_field', 'invalid_field'] %}
                || case when '; ' || error || ':' like '%; {{ code }}:%' then '{{ code }},' else '' end
            {%- endfor %},
                ''
            ),
            split_part(error, ':', 1) || ','
        )
    end
    || case
        when occurred_at > {{ dateadd('hour', var('clock_skew_hours'), '_timestamp') }}
            then 'occurred_in_future,'
        when occurred_at < timestamp '2000-01-01 00:00:00' then 'occurred_too_early,'
        else ''
    end
    || case when country is not null and known_country is null then 'unknown_country,' else '' end
{%- endmacro %}

{#- Which of several copies stands: one without a fault before one with, then the one that landed first.
    It depends on the records alone, never on the run that read them. -#}
{% macro first_copy() -%}
    case when rule_codes = '' then 0 else 1 end, _timestamp, _partition, _offset, record_id
{%- endmacro %}

{#- For a step that several others read, each only some of its columns: DuckDB would keep all of them, payloads
    included, where reading the files again costs a fraction. The steps that it reads need it too: a step read again
    makes those before it be read more than once. Other engines decide by themselves. -#}
{% macro read_again() -%}
    {{ return(adapter.dispatch('read_again')()) }}
{%- endmacro %}

{% macro default__read_again() -%}{%- endmacro %}

{% macro duckdb__read_again() -%}not materialized{%- endmacro %}

{#- What `column` may be counted by: equal where it is, and hardly anywhere else. 8 bytes a row, not 60. -#}
{% macro short_key(column) -%}
    {{ return(adapter.dispatch('short_key')(column)) }}
{%- endmacro %}

{% macro default__short_key(column) -%}{{ column }}{%- endmacro %}

{% macro duckdb__short_key(column) -%}hash({{ column }}){%- endmacro %}
