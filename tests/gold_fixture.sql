-- Gold as the pages read it: 100 users, 26 countries, 60 days up to 2026-11-20. Deterministic: every choice is a hash.
create schema gold; create schema silver;

create macro pick(seed, n) as (hash(seed) % n)::bigint;
create macro share(seed) as (hash(seed) % 100000) / 100000.0;

create table gold.dim_regions as
select country, country_name, region, numeric_code from (values
    ('US','United States','Northern America','840'), ('BR','Brazil','South America','076'), ('DE','Germany','Western Europe','276'),
    ('GB','United Kingdom','Northern Europe','826'), ('IN','India','Southern Asia','356'), ('MX','Mexico','Central America','484'),
    ('FR','France','Western Europe','250'), ('JP','Japan','Eastern Asia','392'), ('ES','Spain','Southern Europe','724'),
    ('IT','Italy','Southern Europe','380'), ('CA','Canada','Northern America','124'), ('SE','Sweden','Northern Europe','752'),
    ('NL','Netherlands','Western Europe','528'), ('PL','Poland','Eastern Europe','616'), ('AR','Argentina','South America','032'),
    ('AU','Australia','Australia and New Zealand','036'), ('KR','South Korea','Eastern Asia','410'), ('TR','Türkiye','Western Asia','792'),
    ('CO','Colombia','South America','170'), ('ID','Indonesia','South-eastern Asia','360'), ('ZA','South Africa','Southern Africa','710'),
    ('NO','Norway','Northern Europe','578'), ('CL','Chile','South America','152'), ('NG','Nigeria','Western Africa','566'),
    ('PH','Philippines','South-eastern Asia','608'), ('EG','Egypt','Northern Africa','818')
) as listed(country, country_name, region, numeric_code);

create table gold.dim_dates as
select day::date as date_day, year(day) as "year", quarter(day) as quarter, month(day) as "month", monthname(day) as month_name,
    date_trunc('week', day)::date as week_start_date, isodow(day)::int as day_of_week, dayname(day) as day_name,
    isodow(day) > 5 as is_weekend
from range(timestamp '2026-09-22', timestamp '2026-11-21', interval 1 day) as days(day);

create temp table artists as
select n, md5('artist ' || n) as artist_key,
    list_extract(['Velvet','Neon','Silver','Midnight','Paper','Golden','Electric','Crimson','Hollow','Lunar'], (n % 10 + 1)::int) || ' '
    || list_extract(['Tides','Avenue','Choir','Foxes'], (n // 10 + 1)::int) as artist_name
from range(40) as numbers(n);

create temp table tracks as
select t, md5('track ' || t) as track_key, artist_key, artist_name,
    list_extract(['Slow','Bright','Second','Broken','Quiet','Northern','Fever','Glass','Distant','Last'], (t % 10 + 1)::int) || ' '
    || list_extract(['Signal','River','Summer','Machine','Garden','Letters','Horizon','Thunder','Mirror','Season','Harbour','Static',
        'Weather','Orbit','Dancer','Islands','Fire','Window','Echo','Parade'], (t // 10 + 1)::int) as track_title,
    120000 + pick(t || 'length', 180000) as duration_ms
from range(200) as numbers(t) join artists on artists.n = numbers.t % 40;

create temp table people as
select u,
    case when u = 97 then 'lastfm-5e0c1a9b7d3f2468' when u = 98 then 'spotify-a1b2c3d4e5f60718'
        else 'sim-' || lpad(u::varchar, 6, '0') end as user_id,
    case when u = 97 then 'import.lastfm' when u = 98 then 'import.spotify' else 'simulator' end as source,
    (select list(country order by country) from gold.dim_regions)[(pick(u || 'country', 26) + 1)::int] as country,
    if(pick(u || 'level', 3) = 0, 'paid', 'free') as level
from range(100) as numbers(u);

create temp table raw_plays as
select u, user_id, source, country, day, n, u || '/' || day::date || '/' || n as seed,
    -- the square makes few tracks popular; the user's own offset makes tastes differ
    (((share(seed || 't') ** 2) * 200)::bigint + (u % 5) * 7) % 200 as t
from people, range(timestamp '2026-09-22', timestamp '2026-11-21', interval 1 day) as days(day), range(9) as plays(n)
where u < 99 and n < 2 + pick(u || '|' || day, 6) + if(isodow(day) > 5, 2, 0) and (u <> 98 or day > timestamp '2026-10-20');

create table gold.fct_plays as
with timed as (
    select raw_plays.*, tracks.* exclude (t), share(seed || 'skip') < 0.06 + 0.12 * share(u || 'habit') as is_skipped,
        day + to_hours((least(23, 7 + n * 2 + pick(seed || 'h', 4)))::int) + to_seconds(pick(seed || 's', 3600)::int) as started_at
    from raw_plays join tracks using (t)
)
select md5(seed) as event_id, md5('play' || seed) as play_id, user_id, md5(user_id || day || (n // 3)) as session_key, track_key,
    artist_key, track_title, artist_name, country, list_extract(['mobile','desktop','speaker'], (pick(u || 'd', 3) + 1)::int) as device,
    source, 'playlist' as context, 'clickrow' as reason_start, if(is_skipped, 'fwdbtn', 'trackdone') as reason_end,
    if(is_skipped, pick(seed || 'p', 30000), duration_ms) as ms_played, duration_ms, is_skipped, not is_skipped as is_stream,
    started_at, started_at + to_milliseconds(ms_played) as ended_at, date_trunc('hour', started_at) as played_hour,
    started_at::date as played_date, timestamp '2026-11-21 00:05:00' as loaded_at
from timed;

create table gold.dim_tracks as
select track_key, track_title, tracks.artist_key, tracks.artist_name, null::varchar as album_title, null::varchar as isrc,
    tracks.duration_ms, 1::bigint as track_ids, min(started_at) as first_played_at, max(ended_at) as last_played_at
from tracks join gold.fct_plays using (track_key, track_title) group by all;
create table gold.dim_artists as
select artist_key, artist_name, count(*) as tracks, min(first_played_at) as first_played_at, max(last_played_at) as last_played_at
from gold.dim_tracks group by all;
create table gold.dim_users as
select user_id, people.source, people.country, level, count(event_id) as plays, timestamp '2026-09-01' as registered_at,
    min(started_at) as first_seen_at, max(ended_at) as last_seen_at
from people left join gold.fct_plays using (user_id) group by all;

create table gold.fct_sessions as
select session_key, user_id, any_value(country) as country, any_value(device) as device, any_value(source) as source, count(*) as plays,
    count(*) filter (is_stream) as streams, count(*) filter (is_skipped) as skips, sum(ms_played)::bigint as ms_played,
    min(started_at) as started_at, max(ended_at) as ended_at, min(started_at)::date as session_date, max(loaded_at) as loaded_at
from gold.fct_plays group by all;

create temp table plays_by_region as
select 'GLOBAL' as region, * from gold.fct_plays union all by name select country as region, * from gold.fct_plays;
create table gold.daily_listening_stats as
select md5(region || played_date) as stat_key, region, count(*) as plays, count(*) filter (is_stream) as streams,
    count(*) filter (is_skipped) as skips, count(distinct user_id) as listeners,
    if(played_date = '2026-09-22', count(distinct user_id), 0)::bigint as new_listeners, count(distinct session_key) as sessions,
    sum(ms_played)::bigint as ms_played, count(*) filter (is_skipped) / count(*) as skip_rate, played_date, max(loaded_at) as loaded_at
from plays_by_region group by region, played_date;
create table gold.daily_listeners as
select concat_ws('|', user_id, country, device, source, context, played_date) as listener_day_key, user_id, country, device, source,
    context, count(*) as plays, count(*) filter (is_stream) as streams, count(*) filter (is_skipped) as skips,
    coalesce(sum(ms_played), 0)::bigint as ms_played, played_date, max(loaded_at) as loaded_at
from gold.fct_plays group by all;
create table gold.listening_trends as
select md5(region || played_hour) as trend_key, region, count(*) as plays, count(*) filter (is_stream) as streams,
    count(*) filter (is_skipped) as skips, count(distinct user_id) as listeners, sum(ms_played)::bigint as ms_played, played_hour,
    played_date, max(loaded_at) as loaded_at
from plays_by_region group by region, played_hour, played_date;
create table gold.artist_popularity as
select md5(artist_key || played_date) as popularity_key, artist_key, artist_name, count(*) as plays,
    count(*) filter (is_stream) as streams, count(distinct user_id) as listeners, sum(ms_played)::bigint as ms_played,
    row_number() over (partition by played_date order by count(*) filter (is_stream) desc, artist_key) as "rank", played_date,
    max(loaded_at) as loaded_at
from gold.fct_plays group by artist_key, artist_name, played_date;
create table gold.user_preferences as
select user_id, mode(artist_key) as top_artist_key, mode(artist_name) as top_artist_name, mode(track_key) as top_track_key,
    mode(track_title) as top_track_title, mode(device) as favourite_device, count(*) as plays, count(*) filter (is_stream) as streams,
    count(*) filter (is_skipped) as skips, count(distinct track_key) as tracks, count(distinct artist_key) as artists,
    sum(ms_played)::bigint as ms_played, mode(hour(started_at))::int as favourite_hour, mode(isodow(started_at))::int as favourite_weekday,
    count(*) filter (is_skipped) / count(*) as skip_rate, count(distinct track_key) / count(*) as discovery_rate,
    min(started_at) as first_played_at, max(ended_at) as last_played_at, max(loaded_at) as loaded_at
from gold.fct_plays group by user_id;

create macro chart(step, stretch) as table
with counted as (
    select region, track_key, track_title, artist_name, date_trunc(step, started_at) as bucket, count(*) as plays,
        count(distinct user_id) as listeners
    from plays_by_region where is_stream group by all
), ranked as (
    select *, row_number() over (partition by region, bucket order by plays desc, listeners desc, track_key) as "rank" from counted
    qualify "rank" <= 10
)
select md5(region || bucket || track_key) as chart_key, region, track_key, track_title, artist_name, "rank", plays, listeners,
    lag("rank") over seen as previous_at_all, if(lag(bucket) over seen = bucket - stretch, lag("rank") over seen, null) as previous_rank,
    previous_rank - "rank" as move, min("rank") over (partition by region, track_key order by bucket) as peak_rank,
    if(previous_rank is null, 1, 2)::bigint as streak, bucket
from ranked window seen as (partition by region, track_key order by bucket);
create table gold.top_songs_daily as
select * exclude (bucket, previous_at_all), bucket::date as chart_date from chart('day', interval 1 day);
create table gold.top_songs_hourly as
select * exclude (bucket, previous_at_all), bucket as chart_hour, bucket::date as chart_date from chart('hour', interval 1 hour)
where bucket >= timestamp '2026-11-14';

create table gold.similar_tracks as
with pairs as (
    select a.track_key, b.track_key as similar_track_key, 3 + pick(a.t * 1000 + b.t, 40) as listeners_together,
        0.2 + 0.7 * share(a.t * 1000 + b.t) as similarity
    from tracks as a join tracks as b on a.t <> b.t and a.t % 5 = b.t % 5
)
select md5(pairs.track_key || similar_track_key) as similarity_key, pairs.track_key, similar_track_key, track_title, artist_name,
    listeners_together, similarity,
    row_number() over (partition by pairs.track_key order by similarity desc, similar_track_key) as "rank"
from pairs join gold.dim_tracks on dim_tracks.track_key = similar_track_key qualify "rank" <= 10;
create table gold.recommendations as
select md5(user_id || track_key) as recommendation_key, user_id, track_key, dim_tracks.track_title, dim_tracks.artist_name,
    top_track_key as because_track_key, top_track_title as because_track_title,
    if(top_track_title is null, 'Rising in your country', 'Because you play ' || top_track_title) as reason,
    row_number() over (partition by user_id order by hash(user_id || track_key)) as "rank", 1.0 / (1 + "rank") as score
from gold.dim_users left join gold.user_preferences using (user_id) cross join gold.dim_tracks qualify "rank" <= 20;
create table gold.hour_playlists as
with blocks as (
    select user_id, track_key, track_title, artist_name, hour(started_at) // 4 * 4 as day_hour, count(*) as hour_streams
    from gold.fct_plays where is_stream group by all
)
select user_id || '|' || day_hour || '|' || track_key as playlist_key, user_id, track_key, track_title, artist_name,
    'Streamed ' || hour_streams || ' times between ' || day_hour || ':00 and ' || (day_hour + 4) || ':00' as reason, day_hour,
    row_number() over (partition by user_id, day_hour order by hour_streams desc, track_key) as "rank", hour_streams, false as is_pick
from blocks qualify "rank" <= 20;

create table gold.dim_podcasts as
select md5('podcast' || p) as podcast_id, 'Podcast ' || list_extract(['Backstage','Night Desk','Field Notes','Two Mics'], p::int + 1) as podcast_title,
    6::bigint as episodes from range(4) as numbers(p);
create table gold.dim_episodes as
select md5('episode' || podcast_title || e) as episode_id, podcast_id, podcast_title, 'Episode ' || (e + 1) || ': ' || podcast_title as episode_title,
    1200000 + pick(podcast_title || e, 2400000) as duration_ms, date '2026-09-01' + (e * 7)::int as released_on
from gold.dim_podcasts, range(6) as numbers(e);
create table gold.fct_podcast_listens as
select md5(user_id || episode_id || day) as listen_key, user_id, episode_id, podcast_id, country, 4::bigint as events, 1::bigint as plays,
    if(share(listen_key) > 0.6, 1, 0)::bigint as completes, (duration_ms * (0.1 + 1.1 * share(listen_key)))::bigint as listened_ms,
    duration_ms, listened_ms / duration_ms as listen_through_rate, completes > 0 as is_completed, day + interval 18 hour as started_at,
    day::date as listen_date, timestamp '2026-11-21 00:05:00' as loaded_at
from people, gold.dim_episodes, range(timestamp '2026-10-22', timestamp '2026-11-21', interval 1 day) as days(day)
where u < 60 and pick(user_id || episode_id || day, 40) = 0;
create table gold.podcast_recommendations as
select user_id || '|' || episode_id as episode_key, user_id, episode_id, podcast_id, episode_title, podcast_title,
    'Next of ' || podcast_title as reason, row_number() over (partition by user_id order by hash(user_id || episode_id)) as "rank"
from people cross join gold.dim_episodes anti join gold.fct_podcast_listens using (user_id, episode_id) qualify "rank" <= 10;
create table gold.episode_performance as
select md5(episode_id || listen_date) as performance_key, episode_id, podcast_id, episode_title, podcast_title, sum(events)::bigint as events,
    sum(plays)::bigint as plays, sum(plays)::bigint as pauses, 0::bigint as seeks, sum(completes)::bigint as completes,
    count(distinct user_id) as listeners, sum(listened_ms)::bigint as listened_ms, any_value(duration_ms) as duration_ms,
    sum(completes) / sum(plays) as completion_rate, listen_date
from gold.fct_podcast_listens join gold.dim_episodes using (episode_id, podcast_id, duration_ms) group by all;
create table gold.listen_through_by_country as
select md5(country || listen_date) as through_key, country, country_name, count(*) as listens, count(distinct user_id) as listeners,
    sum(completes)::bigint as completes, sum(listened_ms)::bigint as listened_ms, sum(least(listened_ms, duration_ms))::bigint as listened_ms_capped,
    sum(duration_ms)::bigint as duration_ms, sum(listened_ms) / sum(duration_ms) as listen_through_rate,
    sum(least(listened_ms, duration_ms)) / sum(duration_ms) as listen_through_rate_capped, listen_date
from gold.fct_podcast_listens join gold.dim_regions using (country) group by country, country_name, listen_date;

create table gold.fct_subscription_changes as
select md5('sub' || u) as event_id, user_id, 'free' as from_level, 'paid' as to_level, 'upgrade' as reason, country,
    timestamp '2026-10-01' as changed_at, date '2026-10-01' as changed_date, timestamp '2026-11-21 00:05:00' as loaded_at
from people where level = 'paid';

create table silver.silver_rejected_events as
select md5('rejected' || n) as record_id, topic, error_codes, error_codes as error_detail, null::varchar as event_id, 'sim-000001' as user_id,
    'simulator' as source, repeat('x', 3000) as payload, 'file' as _file, topic as _topic, 0 as _partition, n as _offset,
    timestamp '2026-11-20' - to_hours(n::int) as landed_at
from (values ('plays', 'duplicate_event_id', 120), ('plays', 'not_json', 30), ('skips', 'missing_field', 12)) as codes(topic, error_codes, many),
    range(many) as numbers(n);
create table gold.data_quality_summary as
select md5(topic || error_codes || landed_at::date) as summary_key, topic, error_codes as error_code, count(*) as events,
    landed_at::date as error_date
from silver.silver_rejected_events group by all;
create table gold.pipeline_freshness as
with landed as (
    select topic, case topic when 'plays' then (select count(*) from gold.fct_plays) else 3000 + pick(topic, 9000) end as accepted
    from (select unnest(['playback_started','plays','skips','likes','page_views','auth_events','subscription_changes','podcast_events']) as topic)
), refused as (
    select topic, count(*) as rejected from silver.silver_rejected_events group by topic
)
select topic, accepted + coalesce(rejected, 0) as landed, accepted, coalesce(rejected, 0) as rejected,
    timestamp '2026-11-20 23:50:00' as latest_occurred_at, timestamp '2026-11-21 00:01:00' as latest_landed_at,
    timestamp '2026-11-21 00:05:00' as loaded_at
from landed left join refused using (topic);

create table gold.daily_song_plays as
select track_key || '|' || played_date as song_day_key, track_key, artist_key, track_title, artist_name, count(*) as plays,
    count(*) filter (is_stream) as streams, count(*) filter (is_skipped) as skips, count(distinct user_id) as listeners,
    sum(ms_played)::bigint as ms_played, count(*) filter (is_skipped) / count(*) as skip_rate, played_date,
    max(loaded_at) as loaded_at
from gold.fct_plays group by track_key, artist_key, track_title, artist_name, played_date;
create table gold.daily_user_activity as
select user_id || '|' || played_date as activity_key, user_id, 0::bigint as registrations, 1::bigint as log_ins,
    2::bigint as page_views, count(*) as plays, count(*) filter (is_stream) as streams, count(*) filter (is_skipped) as skips,
    0::bigint as likes, 0::bigint as podcast_events, 0::bigint as completed_episodes, sum(ms_played)::bigint as ms_played,
    true as is_listening, false as is_visiting_only, played_date as activity_date, min(started_at) as first_active_at,
    max(ended_at) as last_active_at, max(loaded_at) as loaded_at
from gold.fct_plays join people using (user_id)
-- Each comes at a day of their own, a third leave, and nobody comes every day.
where played_date >= date '2026-09-22' + (pick(u || 'from', 40))::int and pick(u || '/' || played_date, 3) > 0
    and (pick(u || 'goes', 3) > 0 or played_date < date '2026-11-05')
group by user_id, played_date;
create table gold.user_lifetime_metrics as
with lives as (
    select user_id, count(*) as active_days, 1::bigint as countries, sum(log_ins)::bigint as log_ins,
        sum(page_views)::bigint as page_views, sum(plays)::bigint as plays, sum(streams)::bigint as streams,
        sum(skips)::bigint as skips, 0::bigint as likes, 0::bigint as completed_episodes, sum(ms_played)::bigint as ms_played,
        min(activity_date) as first_active_date, max(activity_date) as last_active_date
    from gold.daily_user_activity group by user_id
)
select user_id, source, country, level, active_days, last_active_date - first_active_date + 1 as lifetime_days,
    date '2026-11-20' - last_active_date as days_since_active, countries, active_days as sessions, log_ins, page_views,
    lives.plays, streams, skips, likes, completed_episodes, ms_played, skips / lives.plays as skip_rate,
    last_active_date > date '2026-10-23' as is_active, if(u % 2 = 0, first_active_date, null) as registered_date,
    first_active_date as first_played_date, if(u % 4 = 0, first_active_date + (u % 9)::int, null) as paid_date,
    if(u % 8 = 0, first_active_date + 10, null) as churned_date, first_active_date, last_active_date
from lives join gold.dim_users using (user_id) join people using (user_id, source, country, level);
create table gold.cohort_retention as
with steps as (select unnest(['day', 'week', 'month']) as step), seen as (
    select step, user_id, date_trunc(step, first_active_date)::date as cohort_date,
        date_diff(step, date_trunc(step, first_active_date), activity_date) as age
    from steps, gold.daily_user_activity join gold.user_lifetime_metrics using (user_id)
)
select step || '|' || cohort_date || '|' || age as cohort_key, step, age, count(distinct user_id) as users, cohort_date
from seen where step <> 'day' or age < 31 group by all;
create table gold.lifetime_value_weekly as
with lives as (
    select user_id, coalesce(level, 'unknown') as level, first_active_date, (date '2026-11-21' - first_active_date) // 7 as whole_weeks
    from gold.user_lifetime_metrics
), weeks as (
    select level, age, count(*) as users from lives, range(52) as ages(age) where age < whole_weeks group by all
), heard as (
    select level, (activity_date - first_active_date) // 7 as age, sum(ms_played)::bigint as ms_played
    from gold.daily_user_activity join lives using (user_id)
    where (activity_date - first_active_date) // 7 < whole_weeks group by all
)
select level || '|' || age + 1 as value_key, level, age + 1 as week, users, coalesce(ms_played, 0)::bigint as ms_played
from weeks left join heard using (level, age);
create table gold.subscription_funnel_daily as
with moves as (
    select registered_date as funnel_date, 1 as registered, 1 as played, (paid_date is not null)::int as paid,
        (churned_date is not null)::int as churned, 0 as began, 0 as stopped
    from gold.user_lifetime_metrics where registered_date is not null
    union all select paid_date, 0, 0, 0, 0, 1, 0 from gold.user_lifetime_metrics where paid_date is not null
    union all select churned_date, 0, 0, 0, 0, 0, 1 from gold.user_lifetime_metrics where churned_date is not null
)
select sum(registered)::bigint as registered, sum(played)::bigint as played, sum(paid)::bigint as paid,
    sum(churned)::bigint as churned, sum(registered)::bigint as first_plays_that_day, sum(began)::bigint as conversions_that_day,
    sum(stopped)::bigint as churns_that_day, sum(played) / nullif(sum(registered), 0) as played_rate,
    sum(paid) / nullif(sum(played), 0) as paid_rate, sum(churned) / nullif(sum(paid), 0) as churn_rate, funnel_date
from moves group by funnel_date;
create table gold.event_volume_hourly as
with seen as (
    select topic, hour as event_hour, 40 + pick(topic || hour, 12) as usual
    from (values ('plays'), ('likes')) as topics(topic),
        range(timestamp '2026-09-22', timestamp '2026-11-21', interval 1 hour) as hours(hour)
), counted as (
    select *, if(event_hour >= timestamp '2026-10-13', 45.0, null) as expected_events,
        case when topic = 'plays' and event_hour = timestamp '2026-11-18 13:00:00' then 4
            when topic = 'plays' and event_hour = timestamp '2026-11-19 20:00:00' then 160 else usual end as events
    from seen
)
select topic || '|' || event_hour as volume_key, topic,
    case when events < 10 then 'drop' when events > 100 then 'surge' end as anomaly, events::bigint as events,
    (events % 7 = 0)::bigint as rejected, if(expected_events is null, 2, 5)::bigint as baseline_weeks, expected_events,
    true as is_complete, events < 10 as is_drop, events > 100 as is_surge, events < 10 or events > 100 as is_anomaly,
    event_hour::date as event_date, event_hour
from counted;
