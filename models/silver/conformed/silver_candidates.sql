with

silver_users as (
    select
        user_id,
        coalesce(country, 'GLOBAL') as region
    from {{ ref('silver_users') }}
),

silver_tastes as (
    select * from {{ ref('silver_tastes') }}
    where taste_rank <= {{ var('recommendation_seeds') }}
),

silver_similarities as (
    select * from {{ ref('silver_similarities') }}
    where rank <= {{ var('similar_tracks_used') }}
),

silver_offered_tracks as (
    select * from {{ ref('silver_offered_tracks') }}
),

silver_unwanted_tracks as (
    select * from {{ ref('silver_unwanted_tracks') }}
),

silver_tracks as (
    select
        track_key,
        artist_key
    from {{ ref('silver_tracks') }}
),

contributions as (
    select
        silver_tastes.user_id,
        silver_tastes.track_key as because_track_key,
        silver_similarities.similar_track_key as track_key,
        -- Whole points: their sum does not depend on the order of adding.
        cast(round(1000 * silver_tastes.weight * silver_similarities.similarity) as bigint) as points
    from silver_tastes
    inner join silver_similarities on silver_tastes.track_key = silver_similarities.track_key
),

from_taste as (
    select
        user_id,
        track_key,
        substr(max(lpad(cast(points as varchar), 12, '0') || because_track_key), 13) as because_track_key,
        'taste' as origin,
        1 as stage,
        sum(points) / 100000.0 as score
    from contributions
    group by user_id, track_key
),

wanted as (
    select from_taste.*
    from from_taste
    left join silver_unwanted_tracks as unwanted
        on
            from_taste.user_id = unwanted.user_id
            and from_taste.track_key = unwanted.track_key
    where unwanted.track_key is null
),

-- No list has more of them: the first of each artist, and of those the first.
first_wanted as (
    select by_artist.*
    from (
        select wanted.*
        from wanted
        inner join silver_tracks on wanted.track_key = silver_tracks.track_key
        qualify row_number() over (
            partition by wanted.user_id, silver_tracks.artist_key
            order by wanted.score desc, wanted.track_key asc
        ) <= {{ var('recommendations_per_artist') }}
    ) as by_artist
    qualify row_number() over (
        partition by by_artist.user_id order by by_artist.score desc, by_artist.track_key asc
    ) <= {{ var('recommendations_per_user') }}
),

unwanted_offers as (
    select
        user_id,
        count(*) as tracks
    from silver_unwanted_tracks
    where track_key in (select offers.track_key from silver_offered_tracks as offers)
    group by user_id
),

-- Whose taste does not fill their list: new users, and those of a rare taste.
short_of_songs as (
    select
        silver_users.user_id,
        silver_users.region,
        count(wanted.track_key) + coalesce(max(unwanted_offers.tracks), 0) as displaced
    from silver_users
    left join wanted on silver_users.user_id = wanted.user_id
    left join unwanted_offers on silver_users.user_id = unwanted_offers.user_id
    group by silver_users.user_id, silver_users.region
    having count(wanted.track_key) < 5 * {{ var('recommendations_per_user') }}
),

-- Each track of their taste takes the place of one at most, as does each unwanted one: what comes behind so
-- many cannot be on their list.
from_popular as (
    select
        short_of_songs.user_id,
        offers.track_key,
        cast(null as varchar) as because_track_key,
        offers.origin,
        offers.stage,
        offers.score
    from short_of_songs
    inner join silver_offered_tracks as offers
        on
            short_of_songs.region = offers.region
            and offers.listed_before < {{ var('recommendations_per_user') }} + short_of_songs.displaced
    left join silver_unwanted_tracks as unwanted
        on
            short_of_songs.user_id = unwanted.user_id
            and offers.track_key = unwanted.track_key
    where unwanted.track_key is null
),

candidates as (
    select * from first_wanted
    union all
    select * from from_popular
),

silver_candidates as (
    select
        user_id || '|' || track_key as candidate_key,
        *
    from candidates
    qualify row_number() over (partition by user_id, track_key order by stage) = 1
)

select * from silver_candidates
