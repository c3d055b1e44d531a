-- Places 1, 2, 3 … per region and time: a hole means that a track was ranked and then lost.
select
    'daily' as chart,
    region,
    chart_date as charted_at,
    max(rank) as last_rank,
    count(*) as places
from {{ ref('top_songs_daily') }}
group by region, chart_date
having max(rank) <> count(*) or min(rank) <> 1
union all
select
    'hourly' as chart,
    region,
    chart_hour as charted_at,
    max(rank) as last_rank,
    count(*) as places
from {{ ref('top_songs_hourly') }}
group by region, chart_hour
having max(rank) <> count(*) or min(rank) <> 1
