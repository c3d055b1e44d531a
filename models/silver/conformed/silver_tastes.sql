with

silver_user_tracks as (
    select * from {{ ref('silver_user_tracks') }}
    where {{ of_listeners([ref('silver_user_tracks')]) }}
),

-- Damped: the tenth play says less than the second. A like is worth about two plays, an early skip takes
-- as much as half a play gives.
weighed as (
    select
        user_track_key,
        user_id,
        track_key,
        artist_key,
        ln(1 + streams)
        + case when is_liked then 1 else 0 end
        - 0.5 * ln(1 + early_skips) as weight
    from silver_user_tracks
),

first_tastes as (
    select
        *,
        row_number() over (partition by user_id order by round(weight, 6) desc, track_key asc) as taste_rank
    from weighed
    where weight > 0
    qualify taste_rank <= {{ var('taste_tracks') }}
),

silver_tastes as (
    select
        user_track_key,
        user_id,
        track_key,
        artist_key,
        -- Whole numbers: their sums do not depend on the order of adding.
        cast(round(100 * weight) as bigint) as weight,
        cast(round(1000 * weight / avg(round(weight, 6)) over (partition by user_id)) as bigint) as affinity,
        taste_rank,
        {{ loaded_from('silver_user_tracks') }} as _loaded_at
    from first_tastes
)

select * from silver_tastes
