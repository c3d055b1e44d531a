with

silver_candidates as (
    select * from {{ ref('silver_candidates') }}
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

capped as (
    select
        silver_candidates.*,
        dim_tracks.track_title,
        dim_tracks.artist_name
    from silver_candidates
    inner join dim_tracks on silver_candidates.track_key = dim_tracks.track_key
    qualify row_number() over (
        partition by silver_candidates.user_id, dim_tracks.artist_key
        order by silver_candidates.stage asc, silver_candidates.score desc, silver_candidates.track_key asc
    ) <= {{ var('recommendations_per_artist') }}
),

ranked as (
    select
        *,
        row_number() over (partition by user_id order by stage asc, score desc, track_key asc) as rank
    from capped
    qualify rank <= {{ var('recommendations_per_user') }}
),

recommendations as (
    select
        ranked.candidate_key as recommendation_key,
        ranked.user_id,
        ranked.track_key,
        ranked.track_title,
        ranked.artist_name,
        ranked.because_track_key,
        because_tracks.track_title as because_track_title,
        case ranked.origin
            when 'taste' then 'Because you listen to ' || because_tracks.track_title
            when 'rising' then 'Rising in ' || dim_regions.country_name
            when 'popular' then 'Popular in ' || dim_regions.country_name
            when 'rising_everywhere' then 'Rising everywhere'
            else 'Popular everywhere'
        end as reason,
        ranked.rank,
        cast(ranked.score as double) as score
    from ranked
    inner join dim_users on ranked.user_id = dim_users.user_id
    left join dim_regions on dim_users.country = dim_regions.country
    left join dim_tracks as because_tracks on ranked.because_track_key = because_tracks.track_key
)

select * from recommendations
