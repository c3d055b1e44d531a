"""The SQL behind the routes: gold's tables, parameters by name, rows as the documents show them.

Lists ask for one row more than they show ($limit): that it is there says that there is a next page.
"""

from __future__ import annotations

META = "select published_at, table_name, row_count from main.meta order by table_name"

DAILY_CHART = """
    select chart_date as date, "rank", track_key, track_title, artist_name, plays, listeners, previous_rank,
        move, peak_rank, streak
    from gold.top_songs_daily
    where region = $region
        and chart_date = coalesce(
            $at::date, (select max(chart_date) from gold.top_songs_daily where region = $region))
    order by "rank" limit $limit offset $offset"""

HOURLY_CHART = """
    select chart_hour as hour, "rank", track_key, track_title, artist_name, plays, listeners, previous_rank,
        move, peak_rank, streak
    from gold.top_songs_hourly
    where region = $region
        and chart_hour = coalesce(
            date_trunc('hour', $at::timestamp),
            (select max(chart_hour) from gold.top_songs_hourly where region = $region))
    order by "rank" limit $limit offset $offset"""

REGIONS = """
    select stats.region, any_value(country_name) as country_name, min(played_date) as first_date,
        max(played_date) as last_date, sum(plays)::bigint as plays
    from gold.daily_listening_stats as stats left join gold.dim_regions on country = stats.region
    group by stats.region order by plays desc, stats.region limit $limit offset $offset"""

DAILY_TREND = """
    select played_date as date, plays, streams, skips, listeners, ms_played
    from gold.daily_listening_stats
    where region = $region and played_date between coalesce($first, '1970-01-01'::date)
        and coalesce($last, '2200-01-01'::date)
    order by played_date desc limit $limit offset $offset"""

HOURLY_TREND = """
    select played_hour as hour, plays, streams, skips, listeners, ms_played
    from gold.listening_trends
    where region = $region and played_date between coalesce($first, '1970-01-01'::date)
        and coalesce($last, '2200-01-01'::date)
    order by played_hour desc limit $limit offset $offset"""

# The listener's plays are read once for all of it.
USER_STATS = """
    with mine as materialized (
        select track_key, track_title, artist_key, artist_name, is_stream, is_skipped, ms_played, started_at
        from gold.fct_plays
        where user_id = $user_id and played_date between coalesce($first, '1970-01-01'::date)
            and coalesce($last, '2200-01-01'::date)
    ), artists as (
        select any_value(artist_name) as artist_name, count(*) as plays, sum(ms_played)::bigint as ms_played
        from mine where artist_key is not null group by artist_key
        order by plays desc, artist_name, artist_key limit 10
    ), tracks as (
        select track_key, any_value(track_title) as track_title, any_value(artist_name) as artist_name,
            count(*) as plays, sum(ms_played)::bigint as ms_played
        from mine where track_key is not null group by track_key order by plays desc, track_key limit 10
    ), totals as (
        select count(*) as plays, count(*) filter (is_stream) as streams,
            count(*) filter (is_skipped) as skips, sum(ms_played)::bigint as ms_played,
            count(distinct track_key) as tracks, count(distinct artist_key) as artists,
            min(started_at) as first_played_at,
            max(started_at) as last_played_at
        from mine
    )
    select users.user_id, users.country, users.level, totals.*,
        coalesce((select list(artists order by plays desc, artist_name) from artists), []) as top_artists,
        coalesce((select list(tracks order by plays desc, track_key) from tracks), []) as top_tracks
    from gold.dim_users as users cross join totals where users.user_id = $user_id"""

USER_KNOWN = "select user_id from gold.dim_users where user_id = $user_id"

RECOMMENDATIONS = """
    select "rank", track_key, track_title, artist_name, reason, because_track_key, because_track_title, score
    from gold.recommendations where user_id = $user_id order by "rank" limit $limit offset $offset"""

KPIS = """
    with bounds as (
        select coalesce($last::date, max(played_date)) as last_date,
            coalesce($first::date, last_date - 27) as first_date, last_date - first_date + 1 as days
        from gold.daily_listening_stats where region = $region
    ), daily as (
        select stats.*, played_date >= first_date as is_now
        from gold.daily_listening_stats as stats cross join bounds
        where region = $region and played_date between first_date - days::int and last_date
    ), totalled as (
        select is_now, coalesce(sum(plays), 0)::bigint as plays, coalesce(sum(streams), 0)::bigint as streams,
            coalesce(sum(skips), 0)::bigint as skips, coalesce(sum(ms_played), 0)::bigint as ms_played,
            coalesce(sum(sessions), 0)::bigint as sessions,
            coalesce(sum(new_listeners), 0)::bigint as new_listeners,
            coalesce(sum(listeners), 0)::bigint as listener_days
        from daily group by is_now
    )
    select first_date, last_date, days,
        (select found from (select * exclude (is_now) from totalled where is_now) as found) as current,
        (select found from (select * exclude (is_now) from totalled where not is_now) as found) as previous
    from bounds"""

_PART: dict[str, object] = {"limit": 1, "offset": 0}
_DAYS: dict[str, object] = {"first": None, "last": None}
# Each question once, for anybody: (SQL, parameters). The first of each reads what DuckDB then keeps.
SAMPLES: tuple[tuple[str, dict[str, object]], ...] = (
    (DAILY_CHART, {"region": "GLOBAL", "at": None, **_PART}),
    (HOURLY_CHART, {"region": "GLOBAL", "at": None, **_PART}),
    (REGIONS, _PART),
    (DAILY_TREND, {"region": "GLOBAL", **_DAYS, **_PART}),
    (HOURLY_TREND, {"region": "GLOBAL", **_DAYS, **_PART}),
    (KPIS, {"region": "GLOBAL", **_DAYS}),
    (USER_KNOWN, {"user_id": "nobody"}),
    (USER_STATS, {"user_id": "nobody", **_DAYS}),
    (RECOMMENDATIONS, {"user_id": "nobody", **_PART}),
)
