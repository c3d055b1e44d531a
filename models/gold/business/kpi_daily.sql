{#- What each KPI is made of, by the day's figures below; unit, source, caveat: seeds/kpi_definitions.csv. -#}
{%- set measured = {
    'listening': {
        'streams': 'streams',
        'listeners': 'listeners',
        'streams_per_listener': 'streams / nullif(listeners, 0)',
        'new_listeners': 'new_listeners',
        'returning_listeners': 'listeners - new_listeners',
        'listening_hours': 'ms_played / 3600000',
        'skip_rate': '100 * skips / nullif(plays, 0)',
        'listening_sessions': 'sessions',
    },
    'platforms': {
        'platform_streams': 'streams',
        'platform_listeners': 'listeners',
        'saves': 'saves',
        'save_rate': '100 * saves / nullif(listeners, 0)',
        'playlist_adds': 'playlist_adds',
        'best_chart_place': 'best_chart_place',
    },
    'social': {
        'followers': 'followers',
        'followers_gained': 'followers_gained',
        'video_views': 'views',
        'watch_hours': 'watch_minutes / 60',
        'engagement_rate': '100 * reactions / nullif(views, 0)',
        'profile_views': 'profile_views',
        'subscribers_net': 'subscribers_net',
        'link_clicks': 'link_clicks',
        'link_click_rate': '100 * link_clicks / nullif(link_views, 0)',
    },
    'royalties': {
        'gross_royalty': 'gross_converted',
        'net_royalty': 'net_converted',
        'royalty_units': 'paid_quantity',
        'revenue_per_1000_units': '1000 * net_converted / nullif(paid_quantity, 0)',
        'expected_royalty': 'expected_amount',
        'missing_royalty': 'missing_amount',
        'refunded_royalty': 'refunded_amount',
        'double_payments': 'doubled_lines',
        'wrong_splits': 'wrong_split_lines',
        'payout_lag_days': 'payout_lag_days',
    },
    'ads': {
        'ad_spend': 'spend',
        'ad_impressions': 'impressions',
        'ad_clicks': 'clicks',
        'ad_results': 'results',
        'cost_per_mille': '1000 * spend / nullif(impressions, 0)',
        'cost_per_click': 'spend / nullif(clicks, 0)',
        'click_through_rate': '100 * clicks / nullif(impressions, 0)',
        'cost_per_new_listener': 'spend / nullif(new_listeners, 0)',
    },
    'email': {
        'emails_received': 'recipients',
        'email_open_rate': '100 * openers / nullif(recipients, 0)',
        'email_click_rate': '100 * clickers / nullif(recipients, 0)',
        'email_bounce_rate': '100 * bounces / nullif(recipients, 0)',
        'email_unsubscribe_rate': '100 * unsubscribes / nullif(recipients, 0)',
    },
    'podcasts': {
        'podcast_downloads': 'downloads',
        'podcast_requests': 'requests',
        'podcast_filtered_rate': '100 * filtered_requests / nullif(requests, 0)',
    },
} %}

with

daily_listening_stats as (
    select * from {{ ref('daily_listening_stats') }}
    where region = 'GLOBAL'
),

fct_platform_streams as (
    select * from {{ ref('fct_platform_streams') }}
    where line_date is not null
),

fct_social_daily as (
    select * from {{ ref('fct_social_daily') }}
    where line_date is not null
),

royalty_reconciliation as (
    select * from {{ ref('royalty_reconciliation') }}
),

fct_ad_performance as (
    select * from {{ ref('fct_ad_performance') }}
    where not is_breakdown
),

fct_email_campaigns as (
    select * from {{ ref('fct_email_campaigns') }}
    where sent_date is not null
),

podcast_downloads as (
    select * from {{ ref('podcast_downloads') }}
),

kpi_definitions as (
    select * from {{ ref('kpi_definitions') }}
),

listening as (
    select
        streams,
        listeners,
        new_listeners,
        sessions,
        plays,
        skips,
        ms_played,
        played_date as kpi_date
    from daily_listening_stats
),

-- A platform tells the same streams in several reports: the fullest of them counts.
platform_reports as (
    select
        lower(store) as store_key,
        report_kind,
        sum(streams) as streams,
        sum(listeners) as listeners,
        sum(saves) as saves,
        sum(playlist_adds) as playlist_adds,
        min(chart_rank) as best_chart_place,
        line_date
    from fct_platform_streams
    group by lower(store), report_kind, line_date
),

platform_stores as (
    select
        store_key,
        max(streams) as streams,
        max(listeners) as listeners,
        max(saves) as saves,
        max(playlist_adds) as playlist_adds,
        min(best_chart_place) as best_chart_place,
        line_date
    from platform_reports
    group by store_key, line_date
),

platforms as (
    select
        sum(streams) as streams,
        sum(listeners) as listeners,
        sum(saves) as saves,
        sum(playlist_adds) as playlist_adds,
        min(best_chart_place) as best_chart_place,
        line_date as kpi_date
    from platform_stores
    group by line_date
),

followed as (
    select
        *,
        followers - lag(followers) over (
            partition by report_kind, item_id order by line_date
        ) as followers_gained
    from fct_social_daily
),

social as (
    select
        sum(followers) as followers,
        sum(followers_gained) as followers_gained,
        sum(case when platform <> 'linktree' then views end) as views,
        sum(watch_minutes) as watch_minutes,
        sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0)) as reactions,
        sum(profile_views) as profile_views,
        sum(subscribers_gained - subscribers_lost) as subscribers_net,
        sum(case when platform = 'linktree' then clicks end) as link_clicks,
        sum(case when platform = 'linktree' then views end) as link_views,
        line_date as kpi_date
    from followed
    group by line_date
),

royalties as (
    select
        sum(gross_converted) as gross_converted,
        sum(net_converted) as net_converted,
        sum(paid_quantity) as paid_quantity,
        sum(expected_amount) as expected_amount,
        sum(missing_amount) as missing_amount,
        sum(refunded_amount) as refunded_amount,
        sum(doubled_lines) as doubled_lines,
        sum(wrong_split_lines) as wrong_split_lines,
        avg(payout_lag_days) as payout_lag_days,
        earned_month as kpi_date
    from royalty_reconciliation
    group by earned_month
),

spending as (
    select
        sum(spend_converted) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(results) as results,
        line_date as kpi_date
    from fct_ad_performance
    group by line_date
),

ads as (
    select
        spending.*,
        listening.new_listeners
    from spending
    left join listening on spending.kpi_date = listening.kpi_date
),

email as (
    select
        sum(recipients) as recipients,
        sum(openers) as openers,
        sum(clickers) as clickers,
        sum(bounces) as bounces,
        sum(unsubscribes) as unsubscribes,
        sent_date as kpi_date
    from fct_email_campaigns
    group by sent_date
),

podcasts as (
    select
        sum(downloads) as downloads,
        sum(requests) as requests,
        sum(filtered_requests) as filtered_requests,
        download_date as kpi_date
    from podcast_downloads
    group by download_date
),

kpi_values as (
    {%- for figures, kpis in measured.items() %}
    {%- set last_figures = loop.last %}
    {%- for kpi, value in kpis.items() %}
    select
        '{{ kpi }}' as kpi,
        cast({{ value }} as decimal(28, 6)) as value,
        kpi_date
    from {{ figures }}
    {%- if not (last_figures and loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
),

kpi_daily as (
    select
        kpi_values.kpi || '|' || cast(kpi_values.kpi_date as varchar) as kpi_key,
        kpi_values.kpi,
        kpi_definitions.unit,
        kpi_definitions.kpi_source,
        kpi_values.value,
        kpi_values.kpi_date
    from kpi_values
    inner join kpi_definitions on kpi_values.kpi = kpi_definitions.kpi
    where kpi_values.value is not null
)

select * from kpi_daily
