{#- Everything that knows how the lake is reached. DuckDB globs files; Snowflake reads external tables. -#}

{% macro lake_records(topic) -%}
    {{ return(adapter.dispatch('lake_records')(topic)) }}
{%- endmacro %}

{% macro duckdb__lake_records(topic) -%}
    {%- set columns = source_columns(topic) -%}
    {%- set files = lake_glob(topic, 'bronze/' ~ topic ~ '/*/*/*/*/*.parquet') -%}
    {%- set file = "substr(filename, " ~ (lake_root() | length + 2) ~ ")" -%}
(
    select
    {%- for column in columns %}
        cast(
            {{- column.name ~ (" at time zone 'UTC'" if files and column.data_type == 'timestamp' else '') }} as {{ column.data_type }}
            {{- '' }}) as {{ column.name }},
    {%- endfor %}
    {%- if files %}
        {{ file }} as _file,
        md5({{ file }} || '|' || _offset) as record_id,
        make_timestamp(
            cast(year as bigint), cast(month as bigint), cast(day as bigint), cast(hour as bigint), 0, 0
        ) as _landed_hour
    from read_parquet(
        '{{ files }}', filename = true, hive_partitioning = true, hive_types_autocast = false
    )
    {%- else %}
        cast(null as varchar) as _file,
        cast(null as varchar) as record_id,
        cast(null as timestamp) as _landed_hour
    from (select {% for column in columns %}null as {{ column.name }}{{ ',' if not loop.last }}{% endfor %})
    where false
    {%- endif %}
)
{%- endmacro %}

{% macro snowflake__lake_records(topic) -%}
(
    select
    {%- for column in source_columns(topic) %}
        cast(value:{{ column.name }} as {{ column.data_type }}) as {{ column.name }},
    {%- endfor %}
        _file,
        md5(_file || '|' || cast(value:_offset as varchar)) as record_id,
        dateadd('hour', landed_hour, to_timestamp_ntz(landed_date)) as _landed_hour
    from {{ source('lake', topic) }}
)
{%- endmacro %}

{% macro lake_files(topic) -%}
    {{ return(adapter.dispatch('lake_files')(topic)) }}
{%- endmacro %}

{% macro duckdb__lake_files(topic) -%}
    select substr(file, {{ lake_root() | length + 2 }}) as _file
    from glob('{{ lake_root() }}/bronze/{{ topic }}/*/*/*/*/*.parquet')
{%- endmacro %}

{% macro snowflake__lake_files(topic) -%}
    select {{ file_in_lake('bronze/' ~ topic ~ '/year=', 'file_name', 'year=') }} as _file
    from {{ external_files(source('lake', topic)) }}
{%- endmacro %}

{#- The condition that a bronze row is of one of `files`. Snowflake prunes by partition, so it is told their hours too. -#}
{% macro in_files(files) -%}
    {{ return(adapter.dispatch('in_files')(files)) }}
{%- endmacro %}

{% macro default__in_files(files) -%}
    _file in {{ literals(files) }}
{%- endmacro %}

{% macro snowflake__in_files(files) -%}
    {%- set hours = [] -%}
    {%- for file in files -%}
        {%- set _, year, month, day, hour = file.rsplit('/', 1)[0].rsplit('=', 4) -%}
        {%- do hours.append(year[:4] ~ '-' ~ month[:2] ~ '-' ~ day[:2] ~ ' ' ~ hour ~ ':00:00') -%}
    {%- endfor -%}
    _landed_hour in {{ literals(hours | unique | sort) }} and _file in {{ literals(files) }}
{%- endmacro %}

{#- The rows of all files of one kind in landing/, as text, with the file they are from. -#}
{% macro landed_rows(kind) -%}
    {{ return(adapter.dispatch('landed_rows')(kind)) }}
{%- endmacro %}

{% macro duckdb__landed_rows(kind) -%}
    {%- set columns = source_columns(kind) -%}
    {%- set files = lake_glob(kind, 'landing/' ~ kind ~ '/*.csv') -%}
(
    select
    {%- for column in columns %}
        {{ 'nullif(' ~ column.name ~ ", '')" if files else 'cast(null as varchar)' }} as {{ column.name }},
    {%- endfor %}
        {{ 'substr(filename, ' ~ (lake_root() | length + 2) ~ ')' if files else 'cast(null as varchar)' }} as _file
    {%- if files %}
    from read_csv(
        '{{ files }}', filename = true, header = true, auto_detect = false,
        delim = ',', quote = '"', escape = '"', nullstr = '',
        columns = { {%- for column in columns %}'{{ column.name }}': 'varchar'{{ ', ' if not loop.last }}{% endfor -%} }
    )
    {%- else %}
    where false
    {%- endif %}
)
{%- endmacro %}

{% macro snowflake__landed_rows(kind) -%}
(
    select
    {%- for column in source_columns(kind) %}
        nullif(cast(value:c{{ loop.index }} as varchar), '') as {{ column.name }},
    {%- endfor %}
        _file
    from {{ source('reference', kind) }}
)
{%- endmacro %}

{% macro landed_files(kind) -%}
    {{ return(adapter.dispatch('landed_files')(kind)) }}
{%- endmacro %}

{% macro duckdb__landed_files(kind) -%}
    select substr(file, {{ lake_root() | length + 2 }}) as _file
    from glob('{{ lake_root() }}/landing/{{ kind }}/*.csv')
{%- endmacro %}

{% macro snowflake__landed_files(kind) -%}
    select {{ file_in_lake('landing/' ~ kind ~ '/', 'file_name', '/') }} as _file
    from {{ external_files(source('reference', kind)) }}
{%- endmacro %}

{#- The condition that a landed row is of a file this model has not read, as literals; true in a full build. -#}
{% macro new_landed_files(kind) -%}
    {%- if not (execute and is_incremental()) -%}{{ return('true') }}{%- endif -%}
    {%- set new_files = column_of(
        'select _file from (' ~ landed_files(kind) ~ ') as landed'
        ~ ' where _file not in (select distinct _file from ' ~ this ~ ')'
    ) -%}
    {{ return('_file in ' ~ literals(new_files)) }}
{%- endmacro %}

{% macro lake_root() -%}
    {{ return(env_var('BACKBEAT_LAKE', 'var/lake').rstrip('/').replace("'", "''")) }}
{%- endmacro %}

{#- The glob of `pattern` in the lake, or none when no object is there yet (read_parquet would fail). -#}
{% macro lake_glob(table, pattern) -%}
    {%- set glob = lake_root() ~ '/' ~ pattern -%}
    {%- if execute and run_query("select 1 from glob('" ~ glob ~ "') limit 1").rows -%}
        {{ return(glob) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{#- The columns of a source table, as its .yml lists them: rendered from the contract. -#}
{% macro source_columns(table) -%}
    {%- if not execute -%}{{ return([{'name': 'event_id', 'data_type': 'varchar'}]) }}{%- endif -%}
    {{ return((graph.sources.values() | selectattr('name', 'equalto', table) | first).columns.values() | list) }}
{%- endmacro %}
