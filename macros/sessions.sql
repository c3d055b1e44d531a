{#- Which sessions a run makes anew: of each user whose plays changed, those from the first change on. -#}

{#- Clauses behind `from <rows>`: of each user with plays newer than this model, what begins at or after the session
    that the first of them touches, or after it where it touches none. Whatever lies before is as it was: the
    gap in front of a session does not depend on what comes behind it. Refused plays count, as they left somebody, and merged ones.
    Empty in a full build. `session_started_at` is this model's column for where a session begins. -#}
{% macro from_changed_sessions(rows, session_started_at) -%}
    {#- Named before it is known whether it is needed: dbt must see it when it parses. -#}
    {%- set plays = changed_plays() -%}
    {%- if not (execute and is_incremental()) -%}{{ return('') }}{%- endif -%}
    {%- set changed = changed_users(plays) -%}
    {%- set first_change = earliest('changed_from', changed) -%}
    {%- if first_change is none -%}{{ return(deletes('where false') ~ ' where false') }}{%- endif -%}
    {%- set rebuilt = rebuilt_users(changed, first_change, session_started_at) -%}
    {%- set first_rebuilt = earliest('rebuilt_from', rebuilt) -%}
    {{ return(
        deletes('using ' ~ rebuilt ~ ' as rebuilt where ' ~ is_rebuilt(this.identifier, first_rebuilt))
        ~ ' inner join ' ~ rebuilt ~ ' as rebuilt on ' ~ is_rebuilt(rows, first_rebuilt)
    ) }}
{%- endmacro %}

{% macro changed_users(plays) -%}
    (
        select
            user_id,
            min(started_at) as changed_from
        from {{ plays }} as plays
        where
            (
                _loaded_at > {{ last_loaded('_loaded_at') }}
                {{ 'or played_date in ' ~ literals(asked_days()) if asked_days() }}
            )
            and user_id is not null
            and started_at is not null
        group by user_id
    )
{%- endmacro %}

{#- The literal bound on `ended_at` lets an engine leave out all that is older without looking for whom it is. -#}
{% macro rebuilt_users(changed, first_change, session_started_at) -%}
    {%- set gap = var('session_gap_minutes') -%}
    (
        select
            changed.user_id,
            coalesce(min(known.{{ session_started_at }}), min(changed.changed_from)) as rebuilt_from
        from {{ changed }} as changed
        left join (
            select * from {{ this }}
            where ended_at >= {{ dateadd('minute', -gap, first_change) }}
        ) as known
            on changed.user_id = known.user_id
            and known.started_at <= changed.changed_from
            and known.ended_at >= {{ dateadd('minute', -gap, 'changed.changed_from') }}
        group by changed.user_id
    )
{%- endmacro %}

{% macro is_rebuilt(rows, first_rebuilt) -%}
    {{ rows }}.user_id = rebuilt.user_id
    and {{ rows }}.started_at >= rebuilt.rebuilt_from
    and {{ rows }}.started_at >= {{ first_rebuilt }}
{%- endmacro %}

{#- The least `column` of `relation` as a literal; none when it has no row. -#}
{% macro earliest(column, relation) -%}
    {%- set found = column_of('select ' ~ stamp_text('min(' ~ column ~ ')') ~ ' from ' ~ relation ~ ' as rows') | first -%}
    {{ return("cast('" ~ found ~ "' as timestamp)" if found else none) }}
{%- endmacro %}
