with

silver_tastes as (
    select * from {{ ref('silver_tastes') }}
    where {{ of_listeners([ref('silver_tastes')]) }}
),

summed as (
    select
        user_id,
        artist_key,
        count(*) as tracks,
        sum(affinity) as affinity
    from silver_tastes
    group by user_id, artist_key
),

silver_artist_tastes as (
    select
        user_id || '|' || artist_key as user_artist_key,
        user_id,
        artist_key,
        tracks,
        affinity,
        row_number() over (partition by user_id order by affinity desc, artist_key asc) as taste_rank,
        {{ loaded_from('silver_tastes') }} as _loaded_at
    from summed
    qualify taste_rank <= {{ var('taste_artists') }}
)

select * from silver_artist_tastes
