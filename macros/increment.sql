{#- What incremental models share: what they have loaded, and the days that newer rows touch. -#}

{#- Now, as a literal: the stamp of rows read from bronze. Taken when the model starts, not when the run does:
    a run that waited for the warehouse's lock would otherwise stamp its rows older than its predecessor's. -#}
{% macro loaded_at() -%}
    cast('{{ modules.datetime.datetime.now(modules.pytz.utc).strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp)
{%- endmacro %}

{#- The stamp of rows made from the named models: the oldest of their newest stamps. So a stamp says which
    loads a row reflects, and a run that skipped a model between is made good by the next that does not. -#}
{% macro loaded_from() -%}
    {%- set stamps = [] -%}
    {%- for name in varargs -%}
        {%- do stamps.append(
            '(select max(' ~ ('_loaded_at' if name.startswith('silver') else 'loaded_at') ~ ') from ' ~ ref(name) ~ ')'
        ) -%}
    {%- endfor -%}
    {{ stamps[0] if stamps | length == 1 else 'least(' ~ stamps | join(', ') ~ ')' }}
{%- endmacro %}

{#- The newest `column` of this model, as a literal; long ago when it holds nothing. -#}
{% macro last_loaded(column='loaded_at') -%}
    {%- set newest = 'select ' ~ stamp_text('max(' ~ column ~ ')') ~ ' from ' ~ this -%}
    {%- set newest = column_of(newest) | first if is_incremental() else none -%}
    cast('{{ newest or "1970-01-01" }}' as timestamp)
{%- endmacro %}

{#- The condition that `day` is one that rows of silver_<topic>_validated newer than this model touch, as
    literals; true in a full build. Refused rows count: a row that lost to a copy leaves its day. Of plays, so do
    those that are merged with another, or no longer. `spans` are more queries that give a first and a last
    day each, with the word TOUCHED for the newer rows. -#}
{% macro touched(topic, day, loaded_column='loaded_at', spans=[]) -%}
    {%- set changed = ref('silver_' ~ topic ~ '_validated') if topic != 'plays' else changed_plays() -%}
    {%- if not (execute and is_incremental()) -%}{{ return('true') }}{%- endif -%}
    {%- set touched = '(select * from ' ~ changed ~ ' as changed where _loaded_at > ' ~ last_loaded(loaded_column) ~ ')' -%}
    {%- set queries = ['select distinct ' ~ own_day(topic) ~ ', ' ~ own_day(topic) ~ ' from TOUCHED as touched'] + spans -%}
    {%- set days = [] -%}
    {%- for first_day, last_day in run_query((queries | join(' union ')).replace('TOUCHED', touched)).rows -%}
        {%- for ahead in range((last_day - first_day).days + 1 if first_day and last_day else 0) -%}
            {%- do days.append((first_day + modules.datetime.timedelta(days=ahead)) | string) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(day ~ ' in ' ~ rebuilds(literals((days + asked_days()) | unique | sort))) }}
{%- endmacro %}

{#- The days that a backfill makes anew though nothing in them is new (`backbeat build --from --to`), as text. -#}
{% macro asked_days() -%}
    {%- set start, end = env_var('BACKBEAT_REBUILD_FROM', ''), env_var('BACKBEAT_REBUILD_TO', '') -%}
    {%- set days = [] -%}
    {%- if start and end -%}
        {%- set start, end = modules.datetime.date.fromisoformat(start), modules.datetime.date.fromisoformat(end) -%}
        {%- for ahead in range((end - start).days) -%}
            {%- do days.append((start + modules.datetime.timedelta(days=ahead)) | string) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(days) }}
{%- endmacro %}

{#- `touched` of plays, and every day of the sessions beside them: a late play can join two sessions, or
    move the beginning of one, and with it the session of plays on other days. -#}
{% macro touched_with_sessions(day, spans=[]) -%}
    {%- set sessions -%}
        select cast(sessions.started_at as date), cast(sessions.ended_at as date)
        from TOUCHED as touched
        inner join {{ ref('silver_sessions') }} as sessions
            on touched.user_id = sessions.user_id
            and sessions.started_at <= {{ dateadd('minute', var('session_gap_minutes'), 'touched.ended_at') }}
            and sessions.ended_at >= {{ dateadd('minute', -var('session_gap_minutes'), 'touched.started_at') }}
    {%- endset -%}
    {{ return(touched('plays', day, spans=[sessions] + spans)) }}
{%- endmacro %}

{#- Says that this run makes every row anew whose unique key is in `keys` (what stands right of an `in`), and
    returns them. Without it only keys that have rows now would be replaced: a day or a user that lost its
    last play, because a copy elsewhere took its place, would keep what it had. The marks are how the statement
    that writes finds them: it sees the compiled model, and nothing else of its compilation. -#}
{% macro rebuilds(keys) -%}
    {{ return('/* rebuilt: */ ' ~ keys ~ ' /* :rebuilt */' if execute and is_incremental() else keys) }}
{%- endmacro %}

{#- Says how this run deletes what it makes anew, where that is no matter of one key: what stands behind the
    table's name in a `delete from`. -#}
{% macro deletes(clause) -%}
    {{ return('/* deletes: ' ~ clause ~ ' :deletes */') }}
{%- endmacro %}

{#- The first day on which `relation` differs from what this model was made of, as a literal: of its newer rows,
    and of those that this model has and it has no more. None in a full build; none that will ever be when
    they agree. -#}
{% macro first_changed_day(relation, day, loaded_column='loaded_at') -%}
    {%- if not (execute and is_incremental()) -%}{{ return(none) }}{%- endif -%}
    {%- set first_day = column_of(
        'select min(' ~ day ~ ') from (select ' ~ day ~ ' from ' ~ relation
        ~ ' where _loaded_at > ' ~ last_loaded(loaded_column)
        ~ ' union (select ' ~ day ~ ' from ' ~ this ~ ' except select ' ~ day ~ ' from ' ~ relation ~ ')) as changed'
    ) | first -%}
    {%- set first_day = [(first_day or '9999-12-31') | string] + asked_days() -%}
    {{ return("cast('" ~ first_day | min ~ "' as date)") }}
{%- endmacro %}

{#- The condition `day >= first_day`, and this run deletes by it; nothing in a full build (`first_day` is none). -#}
{% macro deletes_from(day, first_day) -%}
    {%- set clause = 'where ' ~ day ~ ' >= ' ~ first_day -%}
    {{ return(deletes(clause) ~ ' ' ~ clause if first_day else '') }}
{%- endmacro %}

{#- delete+insert: as the model says (`deletes`), else by the keys that it rebuilds where it names them, else by
    those of the new rows. -#}
{% macro default__get_incremental_delete_insert_sql(arguments) -%}
    {%- set new_rows = arguments['temp_relation'] -%}
    {%- set key = arguments['unique_key'] -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    {%- set named = model.compiled_code.split('/* rebuilt: */') -%}
    {%- set keys = (named | last).split('/* :rebuilt */') | first if named | length > 1
        else '(select ' ~ key ~ ' from ' ~ new_rows ~ ')' -%}
    {%- set said = model.compiled_code.split('/* deletes: ') -%}
    {%- set clause = (said | last).split(' :deletes */') | first if said | length > 1
        else 'where ' ~ key ~ ' in ' ~ keys ~ (landed_with(new_rows) if '"_timestamp"' in columns | lower else '') -%}
    {%- set changes -%}
        delete from {{ arguments['target_relation'] }} {{ clause }};
        insert into {{ arguments['target_relation'] }} ({{ columns }})
        select {{ columns }} from {{ new_rows }}
    {%- endset -%}
    {{ return(changes) }}
{%- endmacro %}

{#- For rows that replace themselves: they landed when they landed, so no older or younger row need be looked at. -#}
{% macro landed_with(new_rows) -%}
    {%- set ends = run_query(
        'select ' ~ stamp_text('min(_timestamp)') ~ ', ' ~ stamp_text('max(_timestamp)') ~ ' from ' ~ new_rows
    ).rows[0] -%}
    {%- if ends[0] is none -%}{{ return('') }}{%- endif -%}
    {{ return(
        " and (_timestamp between cast('" ~ ends[0] ~ "' as timestamp) and cast('" ~ ends[1] ~ "' as timestamp)"
        ~ ' or _timestamp is null)'
    ) }}
{%- endmacro %}

{% macro snowflake__get_incremental_delete_insert_sql(arguments) -%}
    {{ return(snowflake_dml_explicit_transaction(default__get_incremental_delete_insert_sql(arguments))) }}
{%- endmacro %}

{% macro column_of(query) -%}
    {{ return(run_query(query).columns[0].values() | list if execute else []) }}
{%- endmacro %}

{% macro literals(values) -%}
    ({% for value in values %}'{{ value | replace("'", "''") }}'{{ ', ' if not loop.last }}{% else %}null{% endfor %})
{%- endmacro %}

{#- The objects that the newest load of a validated model read; none before it is built. -#}
{% macro newest_files(validated) -%}
    {%- if not (execute and load_relation(validated)) -%}{{ return([]) }}{%- endif -%}
    {{ return(column_of(
        'select distinct _file from ' ~ validated ~ ' where _loaded_at = (select max(_loaded_at) from ' ~ validated ~ ')'
    )) }}
{%- endmacro %}
