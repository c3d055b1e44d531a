{#- What the models of platforms' reports share. -#}

{#- The rows that importers landed of one kind, typed: Parquet objects side by side, one a report. -#}
{% macro report_rows(kind) -%}
    {{ return(adapter.dispatch('report_rows')(kind)) }}
{%- endmacro %}

{% macro duckdb__report_rows(kind) -%}
    {%- set files = lake_glob(kind, 'landing/' ~ kind ~ '/*.parquet') -%}
(
    select
    {%- for column in source_columns(kind) %}
        {%- set value = column.name if files else 'null' %}
        cast({{ value ~ (" at time zone 'UTC'" if files and column.data_type == 'timestamp' else '') }} as {{ column.data_type }})
        {{- ' as ' ~ column.name ~ (',' if not loop.last else '') }}
    {%- endfor %}
    {%- if files %}
    from read_parquet('{{ files }}')
    {%- else %}
    where false
    {%- endif %}
)
{%- endmacro %}

{% macro snowflake__report_rows(kind) -%}
(
    select
    {%- for column in source_columns(kind) %}
        cast(value:{{ column.name }} as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}
    from {{ source('statements', kind) }}
)
{%- endmacro %}

{#- An amount in the currency that reports are summed in: to a millionth, so that two engines agree. -#}
{% macro converted(amount, rate) -%}
    cast(round(cast({{ amount }} as decimal(24, 12)) * cast({{ rate }} as decimal(14, 8)), 6) as decimal(28, 6))
{%- endmacro %}
