-- depends_on: {{ source('statements', 'report_lines') }}
with

landed_rows as (
    select * from {{ report_rows('report_lines') }}
),

bronze_report_lines as (
    select
        line_id,
        report_id,
        line_number,
        line_hash,
        platform,
        report_kind,
        subject,
        statement_key,
        errors,
        currency,
        paid_month,
        sold_month,
        line_date,
        store,
        country_told,
        artist_name,
        track_title,
        release_title,
        isrc,
        upc,
        item_id,
        catalog_number,
        sale_type,
        campaign_id,
        campaign_name,
        ad_name,
        member_key,
        action,
        share_percent,
        quantity,
        gross_amount,
        fee_amount,
        net_amount,
        streams,
        listeners,
        saves,
        playlist_adds,
        followers,
        views,
        watch_minutes,
        impressions,
        reach,
        clicks,
        results,
        likes,
        comments,
        shares,
        profile_views,
        subscribers_gained,
        subscribers_lost,
        chart_rank
    from landed_rows
)

select * from bronze_report_lines
