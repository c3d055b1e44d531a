with

silver_report_lines as (
    select * from {{ ref('silver_report_lines') }}
    where is_effective and subject = 'ads'
),

silver_exchange_rates as (
    select * from {{ ref('silver_exchange_rates') }}
),

fct_ad_performance as (
    select
        silver_report_lines.line_id,
        silver_report_lines.report_id,
        silver_report_lines.platform,
        silver_report_lines.report_kind,
        coalesce(silver_report_lines.campaign_id, silver_report_lines.campaign_name) as campaign_key,
        silver_report_lines.campaign_name,
        silver_report_lines.ad_name,
        silver_report_lines.action,
        silver_report_lines.country,
        silver_report_lines.currency,
        silver_report_lines.line_number,
        silver_report_lines.impressions,
        silver_report_lines.reach,
        silver_report_lines.clicks,
        silver_report_lines.results,
        silver_report_lines.gross_amount as action_value,
        silver_report_lines.net_amount as spend,
        {{ converted('silver_report_lines.net_amount', 'silver_exchange_rates.rate') }} as spend_converted,
        replace(silver_report_lines.report_kind, '_by_', '') <> silver_report_lines.report_kind
            as is_breakdown,
        silver_report_lines.line_date
    from silver_report_lines
    left join silver_exchange_rates
        on
            silver_report_lines.currency = silver_exchange_rates.currency
            and silver_report_lines.line_date >= silver_exchange_rates.valid_from
            and silver_report_lines.line_date < silver_exchange_rates.valid_until
)

select * from fct_ad_performance
