with

silver_users as (
    select
        user_id,
        coalesce(country, 'GLOBAL') as region
    from {{ ref('silver_users') }}
    where {{ of_listeners([ref('silver_plays'), ref('silver_likes')]) }}
),

silver_tastes as (
    select * from {{ ref('silver_tastes') }}
),

silver_influences as (
    select * from {{ ref('silver_influences') }}
),

silver_artist_tracks as (
    select * from {{ ref('silver_artist_tracks') }}
),

silver_offered_tracks as (
    select * from {{ ref('silver_offered_tracks') }}
),

silver_unwanted_tracks as (
    select * from {{ ref('silver_unwanted_tracks') }}
),

artist_tastes as (
    select
        user_id,
        artist_key,
        count(*) as tracks,
        sum(affinity) as affinity
    from silver_tastes
    group by user_id, artist_key
    qualify row_number() over (
        partition by user_id order by sum(affinity) desc, artist_key asc
    ) <= {{ var('taste_artists') }}
),

-- Points are whole numbers: their sum does not depend on the order of adding.
by_track as (
    select
        silver_users.user_id,
        silver_influences.track_key,
        silver_influences.artist_key,
        silver_tastes.affinity * silver_influences.influence as points,
        silver_tastes.track_key as because_track_key,
        0 as because_tracks,
        0 as is_new,
        'taste' as origin
    from silver_users
    inner join silver_tastes on silver_users.user_id = silver_tastes.user_id
    inner join silver_influences on silver_tastes.track_key = silver_influences.influencing_track_key
),

by_artist as (
    select
        silver_users.user_id,
        silver_artist_tracks.track_key,
        silver_artist_tracks.artist_key,
        cast(round(
            100000000 * {{ var('artist_share') }}
            * ln(1 + artist_tastes.affinity / 1000.0) * silver_artist_tracks.reach
        ) as bigint) as points,
        cast(null as varchar) as because_track_key,
        artist_tastes.tracks as because_tracks,
        case when silver_artist_tracks.is_new then 1 else 0 end as is_new,
        case when silver_artist_tracks.is_new then 'new' else 'artist' end as origin
    from silver_users
    inner join artist_tastes on silver_users.user_id = artist_tastes.user_id
    inner join silver_artist_tracks on artist_tastes.artist_key = silver_artist_tracks.artist_key
),

by_region as (
    select
        silver_users.user_id,
        offers.track_key,
        offers.artist_key,
        cast(round(100000000 * {{ var('region_share') }} * offers.score) as bigint) as points,
        cast(null as varchar) as because_track_key,
        0 as because_tracks,
        case when offers.is_new then 1 else 0 end as is_new,
        case when offers.is_new then 'new_' || offers.origin else offers.origin end as origin
    from silver_users
    inner join silver_offered_tracks as offers on silver_users.region = offers.region
),

contributions as {{ read_again() }} (
    select * from by_track
    union all
    select * from by_artist
    union all
    select * from by_region
),

summed as (
    select
        user_id,
        track_key,
        min(artist_key) as artist_key,
        max(is_new) as is_new,
        sum(points) as points
    from contributions
    group by user_id, track_key
    having sum(points) > 0
),

-- No more of an artist than a list takes, and no more than it takes and its place for a new track asks for.
wanted as (
    select
        summed.user_id,
        summed.track_key,
        summed.points,
        summed.is_new,
        row_number() over (
            partition by summed.user_id, summed.artist_key
            order by summed.points desc, summed.track_key asc
        ) as rank_of_artist
    from summed
    left join silver_unwanted_tracks as unwanted
        on
            summed.user_id = unwanted.user_id
            and summed.track_key = unwanted.track_key
    where unwanted.track_key is null
    qualify rank_of_artist <= {{ var('recommendations_per_artist') }}
),

first_wanted as (
    select
        user_id,
        track_key,
        points,
        row_number() over (partition by user_id order by points desc, track_key asc) as candidate_rank
    from wanted
    qualify
        candidate_rank <= {{ var('recommendations_per_user') }}
        or (is_new = 1 and candidate_rank <= 10 * {{ var('recommendations_per_user') }})
),

-- The greatest contribution is the reason. Told only of the first: most tracks are nobody's pick.
told as (
    select
        first_wanted.user_id,
        first_wanted.track_key,
        first_wanted.points,
        first_wanted.candidate_rank,
        max(contributions.because_tracks) as because_tracks,
        substr(max(case
            when contributions.points > 0
                then
                    lpad(cast(contributions.points as varchar), 15, '0')
                    || contributions.origin || '|' || coalesce(contributions.because_track_key, '')
        end), 16) as reason
    from first_wanted
    inner join contributions
        on
            first_wanted.user_id = contributions.user_id
            and first_wanted.track_key = contributions.track_key
    group by
        first_wanted.user_id, first_wanted.track_key, first_wanted.points, first_wanted.candidate_rank
),

silver_candidates as (
    select
        user_id || '|' || track_key as candidate_key,
        user_id,
        track_key,
        nullif(split_part(reason, '|', 2), '') as because_track_key,
        split_part(reason, '|', 1) as origin,
        because_tracks,
        candidate_rank,
        points / 100000000.0 as score,
        {{ loaded_from('silver_plays') }} as _loaded_at
    from told
)

select * from silver_candidates
