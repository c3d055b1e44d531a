with

silver_candidates as (
    select * from {{ ref('silver_candidates') }}
    where {{ of_listeners([ref('silver_candidates')], 'loaded_at') }}
),

dim_users as (
    select * from {{ ref('dim_users') }}
),

dim_tracks as (
    select * from {{ ref('dim_tracks') }}
),

dim_regions as (
    select * from {{ ref('dim_regions') }}
),

-- A new track has few listeners yet, and would never get more: the last place is the best one's.
with_new as (
    select
        *,
        coalesce(sum(case
            when origin like 'new%' and candidate_rank < {{ var('recommendations_per_user') }} then 1
        end) over (partition by user_id), 0) as listed_new,
        row_number() over (
            partition by user_id, case when origin like 'new%' then 1 else 0 end order by candidate_rank asc
        ) as rank_of_its_kind
    from silver_candidates
),

ranked as (
    select
        *,
        row_number() over (
            partition by user_id
            order by
                case
                    when
                        origin like 'new%'
                        and listed_new = 0
                        and rank_of_its_kind = 1
                        and candidate_rank > {{ var('recommendations_per_user') }}
                        then {{ var('recommendations_per_user') }} - 0.5
                    else candidate_rank
                end asc
        ) as rank
    from with_new
    qualify rank <= {{ var('recommendations_per_user') }}
),

recommendations as (
    select
        ranked.candidate_key as recommendation_key,
        ranked.user_id,
        ranked.track_key,
        dim_tracks.track_title,
        dim_tracks.artist_name,
        ranked.because_track_key,
        because_tracks.track_title as because_track_title,
        case
            when ranked.origin = 'taste' then 'Because you listen to ' || because_tracks.track_title
            when ranked.origin = 'artist' and ranked.because_tracks = 1
                then 'Because you finished a track by ' || dim_tracks.artist_name
            when ranked.origin = 'artist'
                then
                    'Because you finished ' || cast(ranked.because_tracks as varchar) || ' tracks by '
                    || dim_tracks.artist_name
            when ranked.origin = 'new' then 'New from ' || dim_tracks.artist_name
            when ranked.origin in ('new_rising', 'new_popular') then 'New in ' || dim_regions.country_name
            when ranked.origin like 'new%' then 'New everywhere'
            when ranked.origin = 'rising' then 'Rising in ' || dim_regions.country_name
            when ranked.origin = 'popular' then 'Popular in ' || dim_regions.country_name
            when ranked.origin = 'rising_everywhere' then 'Rising everywhere'
            else 'Popular everywhere'
        end as reason,
        ranked.rank,
        cast(ranked.score as double) as score,
        ranked._loaded_at as loaded_at
    from ranked
    inner join dim_users on ranked.user_id = dim_users.user_id
    inner join dim_tracks on ranked.track_key = dim_tracks.track_key
    left join dim_regions on dim_users.country = dim_regions.country
    left join dim_tracks as because_tracks on ranked.because_track_key = because_tracks.track_key
)

select * from recommendations
