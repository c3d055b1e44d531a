-- What the read API reads, made up: 5 million plays of 50,000 listeners, ten months of charts and trends.
create schema gold; create schema silver;
create table gold.fct_plays as
select 'user-' || lpad((hash(n) % 50000)::varchar, 6, '0') as user_id, 't' || track as track_key,
    'Track ' || track as track_title, 'a' || track % 3000 as artist_key, 'Artist ' || track % 3000 as artist_name,
    hash(n, 3) % 10 > 0 as is_stream, hash(n, 3) % 10 = 0 as is_skipped,
    (30000 + hash(n, 4) % 200000)::bigint as ms_played,
    timestamp '2026-01-01' + to_seconds((hash(n, 5) % 27000000)::bigint) as started_at, started_at as ended_at,
    started_at::date as played_date, 'SE' as country, md5(n::varchar) as event_id, started_at as loaded_at
from (select range as n, (hash(range, 1) % 20000 * (hash(range, 2) % 1000) // 1000) as track
      from range(5000000));
create table gold.dim_users as
select distinct user_id, 'SE' as country, 'free' as level, 'benchmark' as source from gold.fct_plays;
create table gold.dim_regions as select 'SE' as country, 'Sweden' as country_name;
create table gold.recommendations as
select user_id, rank, 't' || hash(user_id, rank) % 20000 as track_key, 'Track' as track_title,
    'Artist' as artist_name, 'Because' as reason, 't1' as because_track_key, 'Track 1' as because_track_title,
    1.0 / rank as score
from gold.dim_users, (select range as rank from range(1, 21));
create temp table places as
select country as region from (values ('GLOBAL'), ('SE'), ('DE'), ('FR'), ('US'), ('GB'), ('BR')) as t(country);
create table gold.daily_listening_stats as
select region, day::date as played_date, 1000::bigint as plays, 900::bigint as streams, 100::bigint as skips,
    500::bigint as listeners, 10::bigint as new_listeners, 600::bigint as sessions, 9000000::bigint as ms_played
from places, range(timestamp '2026-01-01', timestamp '2026-11-10', interval 1 day) as days(day);
create table gold.listening_trends as
select region, hour as played_hour, hour::date as played_date, 50::bigint as plays, 45::bigint as streams,
    5::bigint as skips, 30::bigint as listeners, 450000::bigint as ms_played
from places, range(timestamp '2026-01-01', timestamp '2026-11-10', interval 1 hour) as hours(hour);
create table gold.top_songs_daily as
select region, day::date as chart_date, rank, 't' || rank as track_key, 'Track' as track_title,
    'Artist' as artist_name, 100::bigint as plays, 90::bigint as listeners, null::bigint as previous_rank,
    null::bigint as move, rank as peak_rank, 1::bigint as streak
from places, range(timestamp '2026-01-01', timestamp '2026-11-10', interval 1 day) as days(day),
    (select range as rank from range(1, 11));
create table gold.top_songs_hourly as
select region, hour as chart_hour, hour::date as chart_date, rank, 't' || rank as track_key,
    'Track' as track_title, 'Artist' as artist_name, 9::bigint as plays, 8::bigint as listeners,
    null::bigint as previous_rank, null::bigint as move, rank as peak_rank, 1::bigint as streak
from places, range(timestamp '2026-01-01', timestamp '2026-11-10', interval 1 hour) as hours(hour),
    (select range as rank from range(1, 11));
