{#- Size and suspension of the target's warehouse, as the environment says (MODIFY on it is enough).
    `dbt run-operation size_warehouse`: XSMALL and a minute, larger for a rebuild, then small again. -#}
{% macro size_warehouse() -%}
    {%- set settings -%}
        warehouse_size = {{ env_var('SNOWFLAKE_WAREHOUSE_SIZE', 'XSMALL') }}
        auto_suspend = {{ env_var('SNOWFLAKE_AUTO_SUSPEND_SECONDS', '60') }}
        auto_resume = true
    {%- endset -%}
    {%- do run_query('alter warehouse ' ~ target.warehouse ~ ' set ' ~ settings) -%}
    {%- do log('size_warehouse: ' ~ target.warehouse ~ ' ' ~ settings.split() | join(' '), info=true) -%}
{%- endmacro %}
