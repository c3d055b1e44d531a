{%- set days = days_to_compare() -%}

with

silver_plays_validated as (
    select * from {{ ref('silver_plays_validated') }}
    where {{ days.read }}
),

{{ compared_plays() }},

{{ paired_plays() }},

-- What was told better by one that was told better still goes with that one: the last of them counts.
resolved as (
    select
        told_better.worse_event_id,
        coalesce(better_still.better_event_id, told_better.better_event_id) as best_event_id,
        told_better.worse_source,
        told_better.rule,
        told_better.distance_ms
    from told_better
    left join told_better as better_still on told_better.better_event_id = better_still.worse_event_id
),

-- One of each source at most: two plays that a source tells apart stay two.
merged as (
    select resolved.*
    from resolved
    left join told_better as not_the_last on resolved.best_event_id = not_the_last.worse_event_id
    where not_the_last.worse_event_id is null
    qualify row_number() over (
        partition by resolved.best_event_id, resolved.worse_source
        order by resolved.distance_ms, resolved.worse_event_id
    ) = 1
),

-- A row whose verdict is what it was keeps its stamp: nobody need look at its day again.
known as (
    {%- if is_incremental() %}
    select
        event_id as known_event_id,
        winner_event_id as known_winner_event_id,
        _loaded_at as known_loaded_at
    from {{ this }}
    where event_id is not null and {{ days.read }}
    {%- else %}
    select
        cast(null as varchar) as known_event_id,
        cast(null as varchar) as known_winner_event_id,
        cast(null as timestamp) as known_loaded_at
    {%- endif %}
),

judged_plays as (
    select
        compared.event_id as compared_key,
        compared.event_id,
        compared.user_id,
        compared.play_id,
        merged.best_event_id as winner_event_id,
        winners.play_id as winner_play_id,
        compared.source,
        winners.source as winner_source,
        merged.rule,
        cast(abs({{ datediff('winners.started_at', 'compared.started_at', 'millisecond') }}) as double) / 1000
            as seconds_between,
        case
            when merged.best_event_id is not null
                then cast(greatest(0, {{ datediff(
                    'greatest(winners.started_at, compared.started_at)',
                    'least(winners.ended_at, compared.ended_at)',
                    'millisecond'
                ) }}) as double) / 1000
        end as overlap_seconds,
        compared.played_date,
        compared.started_at,
        compared.ended_at,
        case
            when coalesce(merged.best_event_id, '') = coalesce(known.known_winner_event_id, '')
                then coalesce(known.known_loaded_at, compared._loaded_at)
            else {{ loaded_at() }}
        end as _loaded_at
    from compared
    left join merged on compared.event_id = merged.worse_event_id
    left join compared as winners on merged.best_event_id = winners.event_id
    left join known on compared.event_id = known.known_event_id
),

-- A day has a row of its own: it says that the day was compared, though nobody had two sources.
days as (
    select distinct
        cast(played_date as varchar) as compared_key,
        cast(null as varchar) as event_id,
        cast(null as varchar) as user_id,
        cast(null as varchar) as play_id,
        cast(null as varchar) as winner_event_id,
        cast(null as varchar) as winner_play_id,
        cast(null as varchar) as source,
        cast(null as varchar) as winner_source,
        cast(null as varchar) as rule,
        cast(null as double) as seconds_between,
        cast(null as double) as overlap_seconds,
        played_date,
        cast(null as timestamp) as started_at,
        cast(null as timestamp) as ended_at,
        {{ loaded_at() }} as _loaded_at
    from silver_plays_validated
    where played_date is not null
),

silver_compared_plays as (
    select * from judged_plays
    where {{ days.rebuilt }}
    union all
    select * from days
    where {{ days.rebuilt }}
)

select * from silver_compared_plays
