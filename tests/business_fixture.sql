-- Gold's business as the pages read it: a year of statements of eight stores, ads, e-mails, videos. After gold_fixture.sql.
insert into gold.dim_releases by name
select '19000000001' || n as release_id, '19000000001' || n as upc, 'BB-00' || n as catalog_number, release_title,
    'Velvet Tides' as artist_name, 3 as recordings, 1 as catalog_numbers, 2 as platforms, date '2025-09-01' as first_earned_month,
    date '2026-08-01' as last_earned_month
from (values (0, 'Undertow'), (1, 'Salt & Neon'), (2, 'Harbour Lights'), (3, 'Low Season')) as releases(n, release_title);

insert into gold.fct_royalties by name
with stores as (
    select * from (values ('Spotify', 0.0035, 9), ('Apple Music', 0.0070, 4), ('YouTube', 0.0015, 6), ('Amazon Music', 0.0040, 2),
        ('Deezer', 0.0040, 1), ('TIDAL', 0.0090, 1), ('SoundCloud', 0.0025, 1), ('Bandcamp', 6.5, 0)) as listed(store, rate, weight)
), songs as (
    select t, 'QZBBT25000' || lpad(t::varchar, 2, '0') as isrc, '19000000001' || (t // 3) as release_id,
        list_extract(['Undertow','Copper Wire','Slow Ferry','Salt','Neon Rain','Afterglow','Harbour Lights','Tin Roof','Night Bus',
            'Low Season','Paper Boats','Second Sun'], t + 1) as track_title
    from range(12) as numbers(t)
), told as (
    select *, store || '|' || t || '|' || country || '|' || earned_month as seed,
        concat_ws('|', store, t, country, earned_month) as line
    from stores, songs, range(timestamp '2025-09-01', timestamp '2026-09-01', interval 1 month) as months(earned_month),
        (values ('US', 8), ('DE', 5), ('GB', 4), ('BR', 2), ('SE', 1), (null, 1)) as places(country, people)
), counted as (
    select *, case when store = 'Bandcamp' then pick(seed, 3) * (t % 3 = 0)::int
        else weight * people * (12 - t) * (6 + pick(seed, 9)) * (8 + date_diff('month', timestamp '2025-09-01', earned_month)) // 4 end as quantity
    from told
    -- Of Deezer nothing came for one month.
    where not (store = 'Deezer' and earned_month = timestamp '2026-03-01')
), priced as (
    select *, (quantity * rate)::decimal(28, 6) as net, store = 'TIDAL' and t = 4 and earned_month = timestamp '2026-05-01' as is_split,
        store = 'Apple Music' and t = 0 and country = 'DE' and earned_month = timestamp '2026-02-01' as is_twice
    from counted where quantity > 0
)
select md5(line) as line_id, 'report-' || strftime(earned_month, '%Y-%m') as report_id, md5('line' || line) || md5(line) as line_hash,
    if(store = 'Bandcamp', 'bandcamp', 'distrokid') as platform, 'distrokid_bank' as report_kind,
    strftime(earned_month, '%Y-%m-%d') as statement_key, store, country, isrc as recording_id, isrc, release_id, 'isrc' as match_rule,
    'Velvet Tides' as artist_name, track_title, if(store = 'Bandcamp', 'album', 'stream') as sale_type,
    if(store = 'Bandcamp', 'EUR', 'USD') as currency, row_number() over (partition by earned_month order by seed) + 1 as line_number,
    quantity, (net * 1.1)::decimal(28, 6) as gross_amount, (net * 0.1)::decimal(28, 6) as fee_amount, net as net_amount,
    (net * 1.1)::decimal(28, 6) as gross_converted, (net * if(is_split, 0.5, 1))::decimal(28, 6) as net_converted,
    if(is_split, 50, 100) as share_percent, 100 as agreed_share_percent, coalesce(is_twice, false) as is_paid_twice, is_split as is_wrong_split,
    earned_month, earned_month + interval 2 month as paid_month
from priced
-- What has no month, no store and no rate is shown all the same.
union all by name
select md5('odd') as line_id, 'report-2026-08' as report_id, md5('odd') as line_hash, 'label_distributor' as platform,
    'label_digital' as report_kind, '2026-08-01' as statement_key, 'none' as match_rule, 'Somebody' as artist_name, '<b>Unheard' as track_title,
    'ISK' as currency, 9999 as line_number, 3 as quantity, 12.5::decimal(28, 6) as net_amount, false as is_paid_twice, false as is_wrong_split;

-- The four releases came a week after each other; their songs' own timelines, and charts that tell a part of the same streams by country.
insert into gold.dim_release_tracks by name
select distinct release_id || '|' || recording_id as release_track_key, release_id, recording_id, isrc, track_title
from gold.fct_royalties where recording_id is not null;

insert into gold.fct_platform_streams by name
with told as (
    select *, '2025-09-05'::date + 7 * (release_id[-1])::int as release_day, release_id[-1]::int as r from gold.dim_release_tracks
), days as (
    select *, release_day + n::int as line_date, pick(recording_id || n, 40) + 400 * (4 - r) // (1 + n // 7) as heard
    from told, range(170) as numbers(n)
), kinds as (
    select * from (values ('Spotify', 's4a_song_days', null, 1), ('spotify', 'spotify_chart', 'DE', 4), ('spotify', 'spotify_chart', 'US', 3),
        ('Apple Music', 'apple_days', null, 5)) as listed(store, report_kind, country, part)
)
select md5(recording_id || report_kind || coalesce(country, '') || n) as line_id, 'report-streams' as report_id, 'spotify_for_artists' as platform,
    report_kind, store, country, recording_id, isrc, 'isrc' as match_rule, 'Velvet Tides' as artist_name, track_title, n as line_number,
    heard // part as streams, line_date
from days, kinds
-- Whom nobody follows to a song: listeners of the whole artist, by the day.
union all by name
select md5('audience' || store || day) as line_id, 'report-audience' as report_id, 'spotify_for_artists' as platform, 's4a_audience' as report_kind,
    store, base + 3 * n + pick(store || day, 80) as listeners, day::date as line_date
from (values ('Spotify', 2400), ('Apple Music', 700)) as stores(store, base),
    (select n, timestamp '2026-08-20' + to_days(n::int) as day from range(90) as numbers(n)) as days;

insert into gold.fct_email_campaigns by name
select 'mailchimp|launch' as email_key, 'mailchimp' as platform, 'launch' as campaign_id, 'Undertow is here' as subject_line, 700 as recipients,
    390 as opens, 280 as openers, 90 as clicks, 66 as clickers, 3 as bounces, 1 as unsubscribes, date '2025-09-05' as sent_date;

insert into gold.report_statements by name
select report_id || '|' || statement_key as statement_id, report_id, 'DistroKid ' || statement_key || '.tsv' as file_name, 'distrokid' as platform,
    'distrokid_bank' as report_kind, 'royalties' as subject, statement_key, count(*) as lines, 0 as refused_lines, sum(net_amount) as net_amount,
    true as is_current, timestamp '2026-11-01' as imported_at
from gold.fct_royalties group by report_id, statement_key;

insert into gold.unmatched_report_lines by name
select md5('unmatched' || n) as line_id, 'report-2026-08' as report_id, 'DistroKid 2026-08-01.tsv' as file_name, 'distrokid' as platform,
    'distrokid_bank' as report_kind, 'royalties' as subject, 'Spotify' as store, 'Velvet Tydes' as artist_name,
    'Untitled ' || n as track_title, if(n % 3 = 0, 'bad_sold_month', 'no_known_track') as reason, 100 + n as line_number, 0.25 * n as net_amount
from range(1, 10) as numbers(n);

insert into gold.royalty_reconciliation by name
with paid as (
    select lower(store) as store_key, earned_month, sum(quantity)::bigint as paid_quantity, sum(net_converted) as net_converted,
        sum(gross_converted) as gross_converted, count(*) filter (is_paid_twice) as doubled_lines,
        sum(net_converted) filter (is_paid_twice) as doubled_amount, count(*) filter (is_wrong_split) as wrong_split_lines,
        sum(net_converted) filter (is_wrong_split) as split_difference
    from gold.fct_royalties where store is not null group by all
), reported as (
    select store_key, earned_month, (coalesce(paid_quantity, 0) * 1.02)::bigint as streams, paid.* exclude (store_key, earned_month)
    from paid union all select 'deezer', date '2026-03-01', 2100, null, null, null, 0, null, 0, null
), compared as (
    select *, case store_key when 'spotify' then 0.0035 when 'apple music' then 0.007 when 'youtube' then 0.0016 when 'deezer' then 0.004
        when 'amazon music' then 0.0095 end * streams as expected
    from reported
)
select store_key || '|' || earned_month as reconciliation_key, store_key,
    case when net_converted is null then 'missing payment' when doubled_lines > 0 then 'paid twice' when wrong_split_lines > 0 then 'wrong split'
        when net_converted < expected / 2 then 'too little' when expected is null then 'nothing to compare' else 'as expected' end as finding,
    if(expected is null, null, streams) as reported_streams, paid_quantity, expected as expected_amount, gross_converted, net_converted,
    expected - coalesce(net_converted, 0) as missing_amount, doubled_lines, doubled_amount, wrong_split_lines, split_difference,
    0 as lines_without_rate, 61 as payout_lag_days, earned_month
from compared;

insert into gold.fct_ad_performance by name
select md5('ad' || c || day) as line_id, 'report-ads' as report_id, 'meta_ads' as platform, 'meta_ads_days' as report_kind, name as campaign_key,
    name as campaign_name, 'USD' as currency, 2 as line_number, 900 + pick(name || day, 700) as impressions, 18 + pick(name || day, 30) as clicks,
    1 as results, 8.5 + pick(name || day, 500) / 100.0 as spend, 8.5 + pick(name || day, 500) / 100.0 as spend_converted,
    false as is_breakdown, day as line_date
from (values (0, 'Undertow teaser'), (1, 'Salt & Neon launch'), (2, 'Tour dates'), (3, 'Harbour clip')) as campaigns(c, name),
    range(timestamp '2026-10-01', timestamp '2026-11-16', interval 1 day) as days(day)
where day between timestamp '2026-10-01' + c * interval 11 day and timestamp '2026-10-01' + c * interval 11 day + interval 9 day;

insert into gold.fct_ad_performance by name
select md5('launch' || day) as line_id, 'report-ads' as report_id, 'meta_ads' as platform, 'meta_ads_days' as report_kind,
    'Undertow launch' as campaign_key, 'Undertow launch' as campaign_name, 'USD' as currency, 2 as line_number, 800 as impressions, 24 as clicks,
    1 as results, 7.25 as spend, 7.25 as spend_converted, false as is_breakdown, day as line_date
from range(timestamp '2025-09-01', timestamp '2025-09-11', interval 1 day) as days(day);

insert into gold.campaign_performance by name
with ads as (
    select platform, campaign_key, max(campaign_name) as campaign_name, sum(impressions)::bigint as impressions, sum(clicks)::bigint as clicks,
        sum(results)::bigint as results, sum(spend_converted) as spend_converted, min(line_date) as first_date, max(line_date) as last_date
    from gold.fct_ad_performance group by all
)
select platform || '|' || campaign_key as campaign_performance_key, * exclude (new), new as window_new_listeners, 900 * new as window_streams,
    clicks / impressions as click_through_rate, spend_converted / clicks as cost_per_click, 1000 * spend_converted / impressions as cost_per_mille,
    spend_converted / new as cost_per_new_listener, 3.15 * new as return_amount, 3.15 * new / spend_converted as return_on_spend
from (select *, 14 + pick(campaign_key, 60) as new from ads);

insert into gold.fct_email_campaigns by name
select 'mailchimp|' || n as email_key, 'mailchimp' as platform, 'c' || n as campaign_id, 'Letter ' || n as campaign_name,
    list_extract(['Undertow is out','We play your town','A song for winter','Behind Harbour Lights','New shirts','<i>Salt & Neon'], n + 1)
        as subject_line,
    800 + 60 * n as recipients, 420 + 40 * n as opens, 300 + 18 * n as openers, 70 + 9 * n as clicks, 52 + 7 * n as clickers, 4 + n as bounces,
    2 + n % 3 as unsubscribes, date '2026-06-05' + (28 * n)::int as sent_date
from range(6) as numbers(n);

insert into gold.fct_social_daily by name
select platform || item || day as social_key, platform, platform || '_days' as report_kind, nullif(item, '') as item_id,
    if(item = '', null, 'Clip ' || item) as track_title, if(item = '', base + 9 * n + pick(platform || day, 25), null) as followers,
    if(item = '', null, 300 + pick(platform || item || day, 900)) as views, if(item = '', null, 12 + pick(item || day, 40)) as likes,
    if(item = '', null, pick(item || day, 9)) as comments, if(item = '', null, pick(item || day, 6)) as shares, day as line_date
from (values ('tiktok', 5200), ('youtube', 3100)) as platforms(platform, base), (values (''), ('a'), ('b'), ('c')) as items(item),
    (select n, timestamp '2026-08-20' + to_days(n::int) as day from range(90) as numbers(n)) as days;

insert into gold.kpi_daily by name
with measured as (
    select 'streams' as kpi, streams as value, played_date as kpi_date from gold.daily_listening_stats where region = 'GLOBAL'
    union all select 'listeners', listeners, played_date from gold.daily_listening_stats where region = 'GLOBAL'
    union all select 'new_listeners', new_listeners, played_date from gold.daily_listening_stats where region = 'GLOBAL'
    union all select 'skip_rate', 100 * skips / plays, played_date from gold.daily_listening_stats where region = 'GLOBAL'
    union all select 'net_royalty', sum(net_converted), earned_month from gold.royalty_reconciliation group by earned_month
    union all select 'missing_royalty', sum(missing_amount), earned_month from gold.royalty_reconciliation group by earned_month
    union all select 'royalty_units', sum(paid_quantity), earned_month from gold.royalty_reconciliation group by earned_month
    union all select 'payout_lag_days', avg(payout_lag_days), earned_month from gold.royalty_reconciliation group by earned_month
    union all select 'ad_spend', sum(spend_converted), line_date from gold.fct_ad_performance group by line_date
    union all select 'cost_per_click', sum(spend_converted) / sum(clicks), line_date from gold.fct_ad_performance group by line_date
    union all select 'followers', sum(followers), line_date from gold.fct_social_daily group by line_date
    union all select 'video_views', sum(views), line_date from gold.fct_social_daily group by line_date
    union all select 'email_open_rate', 100 * openers / recipients, sent_date from gold.fct_email_campaigns
)
select kpi || '|' || kpi_date as kpi_key, kpi, unit, kpi_source, value, kpi_date from measured join gold.dim_kpis using (kpi)
where value is not null;
