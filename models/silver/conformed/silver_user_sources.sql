with

silver_due_users as (
    select * from {{ ref('silver_due_users') }}
),

silver_tastes as (
    select * from {{ ref('silver_tastes') }}
),

by_track as (
    select
        silver_due_users.user_id,
        'track|' || silver_tastes.track_key as source_key,
        silver_tastes.affinity as weight,
        1 as tracks
    from silver_due_users
    inner join silver_tastes on silver_due_users.user_id = silver_tastes.user_id
),

by_artist as (
    select
        silver_due_users.user_id,
        'artist|' || silver_tastes.artist_key as source_key,
        -- Damped once more: an artist whose every track is liked is not liked a hundred times.
        cast(round(1000 * ln(1 + sum(silver_tastes.affinity) / 1000.0)) as bigint) as weight,
        count(*) as tracks
    from silver_due_users
    inner join silver_tastes on silver_due_users.user_id = silver_tastes.user_id
    group by silver_due_users.user_id, silver_tastes.artist_key
    qualify row_number() over (
        partition by silver_due_users.user_id
        order by sum(silver_tastes.affinity) desc, silver_tastes.artist_key asc
    ) <= {{ var('taste_artists') }}
),

by_region as (
    select
        user_id,
        'region|' || region as source_key,
        1000 as weight,
        0 as tracks
    from silver_due_users
),

combined as (
    select * from by_track
    union all
    select * from by_artist
    union all
    select * from by_region
),

silver_user_sources as (
    select
        user_id || '|' || source_key as user_source_key,
        *
    from combined
)

select * from silver_user_sources
