with

bronze_report_lines as (
    select * from {{ ref('bronze_report_lines') }}
),

silver_reports as (
    select * from {{ ref('silver_reports') }}
),

countries as (
    select * from {{ ref('countries') }}
),

-- Who tells a period last tells all of it.
tellings as (
    select
        bronze_report_lines.report_kind,
        bronze_report_lines.statement_key,
        bronze_report_lines.report_id,
        max(silver_reports.imported_at) as imported_at
    from bronze_report_lines
    inner join silver_reports on bronze_report_lines.report_id = silver_reports.report_id
    where bronze_report_lines.errors is null
    group by
        bronze_report_lines.report_kind,
        bronze_report_lines.statement_key,
        bronze_report_lines.report_id
),

latest as (
    select
        report_kind,
        statement_key,
        report_id
    from tellings
    qualify row_number() over (
        partition by report_kind, statement_key order by imported_at desc, report_id desc
    ) = 1
),

silver_report_lines as (
    select
        bronze_report_lines.line_id,
        bronze_report_lines.report_id,
        bronze_report_lines.line_hash,
        bronze_report_lines.platform,
        bronze_report_lines.report_kind,
        bronze_report_lines.subject,
        bronze_report_lines.statement_key,
        bronze_report_lines.errors,
        case
            when latest.report_id <> bronze_report_lines.report_id then latest.report_id
        end as superseded_by,
        coalesce(bronze_report_lines.currency, '{{ var("report_currency") }}') as currency,
        bronze_report_lines.store,
        coalesce(codes.country, names.country) as country,
        bronze_report_lines.country_told,
        bronze_report_lines.artist_name,
        bronze_report_lines.track_title,
        bronze_report_lines.release_title,
        bronze_report_lines.isrc,
        bronze_report_lines.upc,
        bronze_report_lines.item_id,
        bronze_report_lines.catalog_number,
        bronze_report_lines.sale_type,
        bronze_report_lines.campaign_id,
        bronze_report_lines.campaign_name,
        bronze_report_lines.ad_name,
        bronze_report_lines.member_key,
        bronze_report_lines.action,
        case
            when bronze_report_lines.artist_name is not null and bronze_report_lines.track_title is not null
                then {{ recording_key('bronze_report_lines.artist_name', 'bronze_report_lines.track_title') }}
        end as track_key,
        bronze_report_lines.line_number,
        bronze_report_lines.quantity,
        bronze_report_lines.streams,
        bronze_report_lines.listeners,
        bronze_report_lines.saves,
        bronze_report_lines.playlist_adds,
        bronze_report_lines.followers,
        bronze_report_lines.views,
        bronze_report_lines.impressions,
        bronze_report_lines.reach,
        bronze_report_lines.clicks,
        bronze_report_lines.results,
        bronze_report_lines.likes,
        bronze_report_lines.comments,
        bronze_report_lines.shares,
        bronze_report_lines.profile_views,
        bronze_report_lines.subscribers_gained,
        bronze_report_lines.subscribers_lost,
        bronze_report_lines.chart_rank,
        bronze_report_lines.share_percent,
        bronze_report_lines.gross_amount,
        bronze_report_lines.fee_amount,
        bronze_report_lines.net_amount,
        bronze_report_lines.watch_minutes,
        bronze_report_lines.errors is null
        and latest.report_id = bronze_report_lines.report_id as is_effective,
        bronze_report_lines.paid_month,
        coalesce(
            bronze_report_lines.sold_month,
            cast({{ date_trunc('month', 'bronze_report_lines.line_date') }} as date),
            bronze_report_lines.paid_month
        ) as earned_month,
        bronze_report_lines.line_date
    from bronze_report_lines
    left join latest
        on
            bronze_report_lines.report_kind = latest.report_kind
            and bronze_report_lines.statement_key = latest.statement_key
    left join countries as codes on bronze_report_lines.country_told = codes.country
    left join countries as names on lower(bronze_report_lines.country_told) = lower(names.country_name)
)

select * from silver_report_lines
