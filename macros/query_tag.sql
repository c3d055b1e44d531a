{#- Snowflake's bill names the query tag: which node of which run a statement belongs to. Set for every node, so
    none has to be put back. (dbt dispatches these; DuckDB has no tags.) -#}
{% macro snowflake__set_query_tag() -%}
    {%- set tag = {'project': project_name, 'target': target.name, 'node': model.name, 'run': invocation_id} -%}
    {%- do run_query("alter session set query_tag = '" ~ tojson(tag) ~ "'") -%}
{%- endmacro %}

{% macro snowflake__unset_query_tag(original_query_tag) -%}{%- endmacro %}
