-- Twenty songs of one band are no discovery; and nobody gets more than was promised.
select
    recommendations.user_id,
    tracks.artist_key,
    count(*) as tracks
from {{ ref('recommendations') }} as recommendations
inner join {{ ref('dim_tracks') }} as tracks on recommendations.track_key = tracks.track_key
group by recommendations.user_id, tracks.artist_key
having
    count(*) > {{ var('recommendations_per_artist') }}
    or max(recommendations.rank) > {{ var('recommendations_per_user') }}
