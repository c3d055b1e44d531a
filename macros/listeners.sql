{#- What models over whole listeners share: an hour's run makes those anew who were heard of, a whole run all. -#}

{#- Whether this run is an hour's (`--selector hourly`, or asked for by the variable where models are chosen
    otherwise): it adds what is new, and the day's run the rest. -#}
{% macro is_hourly() -%}
    {{ return(is_incremental() and hour_is_asked_for()) }}
{%- endmacro %}

{% macro hour_is_asked_for() -%}
    {{ return(var('only_listeners', invocation_args_dict.get('selector') == 'hourly')) }}
{%- endmacro %}

{#- The condition that a row is of a listener whom this run makes anew: in an hour's run those with rows in
    `relations` newer than this model, in any other all. Deletes what they had. -#}
{% macro of_listeners(relations, loaded_column='_loaded_at') -%}
    {%- if not (execute and is_incremental()) -%}{{ return('true') }}{%- endif -%}
    {%- if not is_hourly() -%}{{ return(deletes('where true') ~ ' true') }}{%- endif -%}
    {%- set heard_of = heard_of_since(relations, last_loaded(loaded_column)) -%}
    {{ return(deletes('where ' ~ heard_of) ~ ' ' ~ heard_of) }}
{%- endmacro %}

{#- The condition that a row is of a user with rows in `relations` newer than `moment`. -#}
{% macro heard_of_since(relations, moment) -%}
    {%- set newer = [] -%}
    {%- for relation in relations -%}
        {%- do newer.append(
            'select user_id from ' ~ relation ~ ' as newer where _loaded_at > ' ~ moment ~ ' and user_id is not null'
        ) -%}
    {%- endfor -%}
    {{ return('user_id in (' ~ newer | join(' union ') ~ ')') }}
{%- endmacro %}

{#- The condition that `model`, which reads this one and says `of_listeners` with the same `relations`, is going to
    make a user anew. It is in no graph that this looks at a model below: how far that has come is asked for. -#}
{% macro due_for(model, relations) -%}
    {%- set made = load_relation(this.incorporate(path={'identifier': model})) if execute else none -%}
    {%- if made is none or should_full_refresh() or not hour_is_asked_for() -%}{{ return('true') }}{%- endif -%}
    {%- set newest = column_of('select ' ~ stamp_text('max(_loaded_at)') ~ ' from ' ~ made) | first -%}
    {%- set moment = "cast('" ~ (newest or '1970-01-01') ~ "' as timestamp)" -%}
    {{ return(heard_of_since(relations, moment)) }}
{%- endmacro %}

{#- Whether influences are learned, and candidates scored, in Python: on Snowflake that needs Snowpark, so there it
    has to be asked for, by true. -#}
{% macro learns_influences() -%}
    {{ return(env_var('BACKBEAT_LEARN_INFLUENCES', 'duckdb') in ('true', target.type)) }}
{%- endmacro %}
