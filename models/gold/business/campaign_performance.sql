{%- set window_end = dateadd('day', var('campaign_window_days'), 'campaigns.last_date') %}

with

fct_ad_performance as (
    select * from {{ ref('fct_ad_performance') }}
    where not is_breakdown and campaign_key is not null
),

daily_listening_stats as (
    select * from {{ ref('daily_listening_stats') }}
    where region = 'GLOBAL'
),

royalty_reconciliation as (
    select * from {{ ref('royalty_reconciliation') }}
),

campaigns as (
    select
        platform,
        campaign_key,
        max(campaign_name) as campaign_name,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(results) as results,
        sum(spend_converted) as spend,
        min(line_date) as first_date,
        max(line_date) as last_date
    from fct_ad_performance
    group by platform, campaign_key
),

-- What a stream brings on the whole: what is earned of one campaign's listeners no statement tells.
worth as (
    select sum(net_converted) / nullif(sum(paid_quantity), 0) as per_stream
    from royalty_reconciliation
),

listening as (
    select
        campaigns.platform,
        campaigns.campaign_key,
        sum(daily_listening_stats.new_listeners) as new_listeners,
        sum(daily_listening_stats.streams) as streams
    from campaigns
    inner join daily_listening_stats
        on
            campaigns.first_date <= daily_listening_stats.played_date
            and {{ window_end }} >= daily_listening_stats.played_date
    group by campaigns.platform, campaigns.campaign_key
),

campaign_performance as (
    select
        campaigns.platform || '|' || campaigns.campaign_key as campaign_performance_key,
        campaigns.platform,
        campaigns.campaign_key,
        campaigns.campaign_name,
        cast(campaigns.impressions as bigint) as impressions,
        cast(campaigns.clicks as bigint) as clicks,
        cast(campaigns.results as bigint) as results,
        cast(campaigns.spend as decimal(28, 6)) as spend_converted,
        cast(coalesce(listening.new_listeners, 0) as bigint) as window_new_listeners,
        cast(coalesce(listening.streams, 0) as bigint) as window_streams,
        cast(campaigns.clicks as double) / nullif(campaigns.impressions, 0) as click_through_rate,
        cast(campaigns.spend / nullif(campaigns.clicks, 0) as decimal(28, 6)) as cost_per_click,
        cast(campaigns.spend * 1000 / nullif(campaigns.impressions, 0) as decimal(28, 6)) as cost_per_mille,
        cast(campaigns.spend / nullif(listening.new_listeners, 0) as decimal(28, 6)) as cost_per_new_listener,
        cast(listening.streams * worth.per_stream as decimal(28, 6)) as return_amount,
        cast(
            listening.streams * worth.per_stream / nullif(campaigns.spend, 0) as decimal(28, 6)
        ) as return_on_spend,
        campaigns.first_date,
        campaigns.last_date
    from campaigns
    cross join worth
    left join listening
        on
            campaigns.platform = listening.platform
            and campaigns.campaign_key = listening.campaign_key
)

select * from campaign_performance
