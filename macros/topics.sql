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
    {%- set validated = {} -%}
    {%- for topic in topics -%}
        {%- do validated.update({
            topic: changed_plays() if topic == 'plays' and merged else ref('silver_' ~ topic ~ '_validated')
        }) -%}
    {%- endfor -%}
    {%- if not (execute and is_incremental()) -%}{{ return('true') }}{%- endif -%}
    {%- set loaded = last_loaded(loaded_column) -%}
    {%- set queries = [] -%}
    {%- for topic in topics -%}
        {%- set own_day = 'occurred_date' if topic != 'plays' else 'played_date' -%}
        {%- do queries.append(
            'select ' ~ own_day ~ ' from ' ~ validated[topic]
            ~ ' as changed where ' ~ own_day ~ ' is not null and _loaded_at > ' ~ loaded
        ) -%}
    {%- endfor -%}
    {%- set days = column_of(queries | join(' union ')) -%}
    {{ return(day ~ ' in ' ~ rebuilds(literals(days | map('string') | sort))) }}
{%- endmacro %}

{#- The condition that a record of any of `topics` landed on a day on which one newer than this model did, as
    literals; true in a full build. Records land in order, so only the newest row groups are read. -#}
{% macro touched_landings(topics) -%}
    {%- set validated = [] -%}
    {%- for topic in topics -%}{%- do validated.append(ref('silver_' ~ topic ~ '_validated')) -%}{%- endfor -%}
    {%- if not (execute and is_incremental()) -%}{{ return('true') }}{%- endif -%}
    {%- set loaded = last_loaded('_loaded_at') -%}
    {%- set queries = [] -%}
    {%- for relation in validated -%}
        {%- do queries.append('select cast(_timestamp as date) from ' ~ relation ~ ' where _loaded_at > ' ~ loaded) -%}
    {%- endfor -%}
    {%- set days = column_of(queries | join(' union ')) | map('string') | sort -%}
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
