{#- What models over whole listeners share: an hour's run makes those anew who were heard of, a whole run all. -#}

{#- Whether this run is an hour's (`--selector hourly`, or asked for by the variable where models are chosen
    otherwise): it adds what is new, and the day's run the rest. -#}
{% macro is_hourly() -%}
    {%- set asked = var('only_listeners', invocation_args_dict.get('selector') == 'hourly') -%}
    {{ return(is_incremental() and asked) }}
{%- endmacro %}

{#- The condition that a row is of a listener whom this run makes anew: in an hour's run those with rows in
    `relations` newer than this model, in any other all. Deletes what they had. -#}
{% macro of_listeners(relations, loaded_column='_loaded_at') -%}
    {%- if not (execute and is_incremental()) -%}{{ return('true') }}{%- endif -%}
    {%- if not is_hourly() -%}{{ return(deletes('where true') ~ ' true') }}{%- endif -%}
    {%- set newer = [] -%}
    {%- for relation in relations -%}
        {%- do newer.append(
            'select user_id from ' ~ relation ~ ' as newer where _loaded_at > ' ~ last_loaded(loaded_column)
            ~ ' and user_id is not null'
        ) -%}
    {%- endfor -%}
    {%- set heard_of = 'user_id in (' ~ newer | join(' union ') ~ ')' -%}
    {{ return(deletes('where ' ~ heard_of) ~ ' ' ~ heard_of) }}
{%- endmacro %}

{#- Whether influences are learned. That is a Python model: on Snowflake it needs Snowpark, so there it has to be
    asked for, by true. -#}
{% macro learns_influences() -%}
    {{ return(env_var('BACKBEAT_LEARN_INFLUENCES', 'duckdb') in ('true', target.type)) }}
{%- endmacro %}
