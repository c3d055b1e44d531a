with

silver_report_lines as (
    select * from {{ ref('silver_report_lines') }}
    where is_effective and subject = 'royalties'
),

silver_identified_lines as (
    select * from {{ ref('silver_identified_lines') }}
),

silver_exchange_rates as (
    select * from {{ ref('silver_exchange_rates') }}
),

agreed_splits as (
    select * from {{ ref('agreed_splits') }}
),

lines as (
    select
        silver_report_lines.*,
        silver_identified_lines.recording_id,
        silver_identified_lines.recording_isrc,
        silver_identified_lines.release_id,
        silver_identified_lines.match_rule,
        silver_exchange_rates.rate
    from silver_report_lines
    inner join silver_identified_lines on silver_report_lines.line_id = silver_identified_lines.line_id
    left join silver_exchange_rates
        on
            silver_report_lines.currency = silver_exchange_rates.currency
            and silver_report_lines.earned_month >= silver_exchange_rates.valid_from
            and silver_report_lines.earned_month < silver_exchange_rates.valid_until
),

-- Where nothing is agreed, the share that most lines of a recording are paid by.
usual_shares as (
    select
        recording_id,
        share_percent
    from lines
    where share_percent is not null and recording_id is not null
    group by recording_id, share_percent
    qualify row_number() over (partition by recording_id order by count(*) desc, share_percent desc) = 1
),

-- The same amount for the same listening in two statements; sales by the day are often alike.
first_tellings as (
    select
        line_id,
        case
            when line_date is null and quantity <> 0 and net_amount <> 0
                then min(coalesce(cast(paid_month as varchar), '') || '|' || report_id) over (
                    partition by
                        lower(store), coalesce(recording_id, release_id), country, sale_type, currency,
                        earned_month, quantity, net_amount
                )
        end as first_statement
    from lines
),

fct_royalties as (
    select
        lines.line_id,
        lines.report_id,
        lines.line_hash,
        lines.platform,
        lines.report_kind,
        lines.statement_key,
        lines.store,
        lines.country,
        lines.recording_id,
        lines.recording_isrc as isrc,
        lines.release_id,
        lines.match_rule,
        lines.artist_name,
        lines.track_title,
        lines.release_title,
        lines.sale_type,
        lines.currency,
        lines.line_number,
        lines.quantity,
        lines.gross_amount,
        lines.fee_amount,
        lines.net_amount,
        {{ converted('lines.gross_amount', 'lines.rate') }} as gross_converted,
        {{ converted('lines.net_amount', 'lines.rate') }} as net_converted,
        lines.share_percent,
        cast(coalesce(agreed_splits.share_percent, usual_shares.share_percent) as decimal(38, 18))
            as agreed_share_percent,
        coalesce(
            first_tellings.first_statement
            <> coalesce(cast(lines.paid_month as varchar), '') || '|' || lines.report_id,
            false
        ) as is_paid_twice,
        coalesce(
            lines.share_percent <> coalesce(agreed_splits.share_percent, usual_shares.share_percent), false
        ) as is_wrong_split,
        lines.earned_month,
        lines.paid_month,
        lines.line_date
    from lines
    inner join first_tellings on lines.line_id = first_tellings.line_id
    left join usual_shares on lines.recording_id = usual_shares.recording_id
    left join agreed_splits on lines.recording_isrc = agreed_splits.isrc
)

select * from fct_royalties
