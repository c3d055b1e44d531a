with

silver_report_lines as (
    select
        *,
        coalesce(item_id, release_title) as subject_id
    from {{ ref('silver_report_lines') }}
    where is_effective and subject = 'social'
),

fct_social_daily as (
    select
        report_kind || '|' || coalesce(subject_id, '') || '|' || coalesce(cast(line_date as varchar), '')
            as social_key,
        platform,
        report_kind,
        subject_id as item_id,
        max(track_title) as track_title,
        cast(max(followers) as bigint) as followers,
        cast(sum(views) as bigint) as views,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(reach) as bigint) as reach,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(likes) as bigint) as likes,
        cast(sum(comments) as bigint) as comments,
        cast(sum(shares) as bigint) as shares,
        cast(sum(profile_views) as bigint) as profile_views,
        cast(sum(subscribers_gained) as bigint) as subscribers_gained,
        cast(sum(subscribers_lost) as bigint) as subscribers_lost,
        cast(sum(watch_minutes) as decimal(38, 18)) as watch_minutes,
        cast(sum(net_amount) as decimal(38, 18)) as estimated_revenue,
        line_date
    from silver_report_lines
    group by platform, report_kind, subject_id, line_date
)

select * from fct_social_daily
