{#- Make the lake readable in Snowflake, and know its newest objects: a stage, an external table per source, a
    refresh. `dbt run-operation stage_lake` before each build; it changes nothing that is there already.
    `--args '{days: 2}'` looks only at what landed in the last days: a lake of years takes long to list.
    DuckDB reads the lake itself: there it says so and does nothing. -#}
{% macro stage_lake(days=none) -%}
    {%- if target.type != 'snowflake' -%}
        {{ return(log('stage_lake: ' ~ target.type ~ ' reads the lake itself', info=true)) }}
    {%- endif -%}
    {%- if not lake_root().startswith('s3://') -%}
        {{ exceptions.raise_compiler_error('Snowflake cannot read BACKBEAT_LAKE=' ~ lake_root() ~ ': it must be s3://bucket/prefix') }}
    {%- endif -%}
    {%- do expect_utc() -%}
    {%- do run_query(stage_ddl()) -%}
    {%- for table in graph.sources.values() | selectattr('package_name', 'equalto', project_name) -%}
        {%- set relation = source(table.source_name, table.name) -%}
        {%- do run_query('create schema if not exists ' ~ relation.without_identifier()) -%}
        {%- do run_query(external_table_ddl(table, relation)) -%}
        {%- for path in folders_to_refresh(table, days) -%}
            {%- do run_query('alter external table ' ~ relation ~ ' refresh' ~ path) -%}
        {%- endfor -%}
        {%- set known = run_query('select count(*) from ' ~ external_files(relation)).columns[0].values() | first -%}
        {%- do log('stage_lake: ' ~ relation ~ ' knows ' ~ known ~ ' files', info=true) -%}
    {%- endfor -%}
{%- endmacro %}

{#- Where new objects can be: bronze lies by the day it landed, reference files lie side by side. -#}
{% macro folders_to_refresh(table, days) -%}
    {%- set paths = [] -%}
    {%- for ago in range(days or 0) if table.source_name == 'lake' -%}
        {%- set day = modules.datetime.datetime.now(modules.pytz.utc) - modules.datetime.timedelta(days=ago) -%}
        {%- do paths.append(day.strftime(" 'year=%Y/month=%m/day=%d/'")) -%}
    {%- endfor -%}
    {{ return(paths or ['']) }}
{%- endmacro %}

{#- A lake's times are instants; Snowflake would cast them to the session's time zone. -#}
{% macro expect_utc() -%}
    {%- set zone = run_query("show parameters like 'TIMEZONE' in session").rows[0]['value'] -%}
    {%- if zone not in ['UTC', 'Etc/UTC'] -%}
        {{ exceptions.raise_compiler_error("the user's time zone is " ~ zone ~ ": alter user " ~ target.user ~ " set timezone = 'UTC'") }}
    {%- endif -%}
{%- endmacro %}

{#- Never replaced: external tables would lose it. -#}
{% macro stage_ddl() -%}
    {%- set integration = env_var('SNOWFLAKE_STORAGE_INTEGRATION', '') -%}
    create stage if not exists {{ target.database }}.{{ target.schema }}.backbeat_lake
        url = '{{ lake_root() }}/'
        {{ 'storage_integration = ' ~ integration if integration }}
{%- endmacro %}

{#- The columns say where a row lies: they come from the path, so that a filter on them opens no other object.
    What is in a record is read from VALUE by the bronze models: a new field needs no new external table. -#}
{% macro external_table_ddl(table, relation) -%}
    {%- set stage = '@' ~ target.database ~ '.' ~ target.schema ~ '.backbeat_lake' -%}
    {%- if table.source_name == 'lake' -%}
    create external table if not exists {{ relation }} (
        _file varchar as ({{ file_in_lake('bronze/' ~ table.name ~ '/year=', 'metadata$filename', 'year=') }}),
        landed_date date as (to_date(
            {{ in_path('year') }} || '-' || {{ in_path('month') }} || '-' || {{ in_path('day') }}, 'YYYY-MM-DD'
        )),
        landed_hour integer as (cast({{ in_path('hour') }} as integer))
    )
    partition by (landed_date, landed_hour)
    location = {{ stage }}/bronze/{{ table.name }}/
    auto_refresh = false
    pattern = '.*[.]parquet'
    file_format = (type = parquet use_logical_type = true)
    {%- else -%}
    create external table if not exists {{ relation }} (
        _file varchar as ({{ file_in_lake('landing/' ~ table.name ~ '/', 'metadata$filename', '/') }})
    )
    location = {{ stage }}/landing/{{ table.name }}/
    auto_refresh = false
    {%- if table.source_name == 'statements' %}
    pattern = '.*[.]parquet'
    file_format = (type = parquet use_logical_type = true)
    {%- else %}
    pattern = '.*[.]csv'
    file_format = (type = csv skip_header = 1 field_optionally_enclosed_by = '"' encoding = 'UTF8')
    {%- endif %}
    {%- endif -%}
{%- endmacro %}

{% macro in_path(key) -%}
    split_part(split_part(metadata$filename, '{{ key }}=', -1), '/', 1)
{%- endmacro %}

{#- The path in the lake, of a path in the bucket: the lake's own prefix does not count, as in DuckDB. -#}
{% macro file_in_lake(folder, path, separator) -%}
    '{{ folder }}' || split_part({{ path }}, '{{ separator }}', -1)
{%- endmacro %}

{#- What Snowflake knows of a table's files: without opening one. -#}
{% macro external_files(relation) -%}
    table({{ relation.database }}.information_schema.external_table_files(table_name => '{{ relation }}'))
{%- endmacro %}
