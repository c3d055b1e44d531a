with

silver_user_tracks as (
    select * from {{ ref('silver_user_tracks') }}
),

-- Damped: the tenth play says less than the second. A like is worth about two plays, an early skip takes
-- as much as half a play gives. Whole numbers: their sums do not depend on the order of adding.
weighed as (
    select
        user_track_key,
        user_id,
        track_key,
        cast(round(100 * (
            ln(1 + streams)
            + case when is_liked then 1 else 0 end
            - 0.5 * ln(1 + early_skips)
        )) as bigint) as weight
    from silver_user_tracks
),

silver_tastes as (
    select
        user_track_key,
        user_id,
        track_key,
        weight,
        row_number() over (partition by user_id order by weight desc, track_key asc) as taste_rank
    from weighed
    where weight > 0
    qualify taste_rank <= {{ var('taste_tracks') }}
)

select * from silver_tastes
