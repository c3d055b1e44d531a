with

fct_royalties as (
    select * from {{ ref('fct_royalties') }}
    where store is not null and earned_month is not null
),

fct_platform_streams as (
    select * from {{ ref('fct_platform_streams') }}
    where store is not null and line_date is not null
),

usual_rates as (
    select * from {{ ref('usual_rates') }}
),

-- A platform tells the same streams in several reports: the fullest of them counts.
streams_by_report as (
    select
        lower(store) as store_key,
        report_kind,
        sum(streams) as streams,
        cast({{ date_trunc('month', 'line_date') }} as date) as earned_month
    from fct_platform_streams
    group by lower(store), report_kind, cast({{ date_trunc('month', 'line_date') }} as date)
),

reported as (
    select
        store_key,
        max(streams) as streams,
        earned_month
    from streams_by_report
    group by store_key, earned_month
),

paid as (
    select
        lower(store) as store_key,
        sum(quantity) as quantity,
        sum(gross_converted) as gross_converted,
        sum(net_converted) as net_converted,
        sum(case when net_converted < 0 then net_converted end) as refunded_amount,
        sum(case when is_paid_twice then net_converted end) as doubled_amount,
        count(case when is_paid_twice then 1 end) as doubled_lines,
        sum(
            case
                when is_wrong_split and share_percent <> 0
                    then
                        {{ converted('net_converted', 'agreed_share_percent / share_percent') }}
                        - net_converted
            end
        ) as split_difference,
        count(case when is_wrong_split then 1 end) as wrong_split_lines,
        count(case when net_converted is null and net_amount is not null then 1 end) as lines_without_rate,
        avg({{ datediff('earned_month', 'paid_month', 'day') }}) as payout_lag_days,
        earned_month
    from fct_royalties
    group by lower(store), earned_month
),

newest as (
    select max(paid_month) as newest_month from fct_royalties
),

months as (
    select
        store_key,
        earned_month
    from reported
    union distinct
    select
        store_key,
        earned_month
    from paid
),

compared as (
    select
        months.store_key,
        reported.streams as reported_streams,
        paid.quantity as paid_quantity,
        cast(reported.streams * usual_rates.amount_per_stream as decimal(28, 6)) as expected_amount,
        paid.gross_converted,
        paid.net_converted,
        paid.refunded_amount,
        coalesce(paid.doubled_lines, 0) as doubled_lines,
        paid.doubled_amount,
        coalesce(paid.wrong_split_lines, 0) as wrong_split_lines,
        paid.split_difference,
        coalesce(paid.lines_without_rate, 0) as lines_without_rate,
        paid.payout_lag_days,
        {{ dateadd('month', var('royalty_lag_months'), 'months.earned_month') }} <= newest.newest_month
            as is_due,
        months.earned_month
    from months
    cross join newest
    left join reported
        on months.store_key = reported.store_key and months.earned_month = reported.earned_month
    left join paid
        on months.store_key = paid.store_key and months.earned_month = paid.earned_month
    left join usual_rates on months.store_key = usual_rates.store
),

royalty_reconciliation as (
    select
        store_key || '|' || cast(earned_month as varchar) as reconciliation_key,
        store_key,
        case
            when net_converted is null and not coalesce(is_due, false) then 'not due yet'
            when net_converted is null then 'missing payment'
            when doubled_lines > 0 then 'paid twice'
            when wrong_split_lines > 0 then 'wrong split'
            when net_converted < expected_amount * {{ var('royalty_least_share') }} then 'too little'
            when expected_amount is null then 'nothing to compare'
            else 'as expected'
        end as finding,
        cast(reported_streams as bigint) as reported_streams,
        cast(paid_quantity as bigint) as paid_quantity,
        expected_amount,
        cast(gross_converted as decimal(28, 6)) as gross_converted,
        cast(net_converted as decimal(28, 6)) as net_converted,
        cast(refunded_amount as decimal(28, 6)) as refunded_amount,
        cast(expected_amount - coalesce(net_converted, 0) as decimal(28, 6)) as missing_amount,
        cast(doubled_lines as bigint) as doubled_lines,
        cast(doubled_amount as decimal(28, 6)) as doubled_amount,
        cast(wrong_split_lines as bigint) as wrong_split_lines,
        cast(split_difference as decimal(28, 6)) as split_difference,
        cast(lines_without_rate as bigint) as lines_without_rate,
        cast(payout_lag_days as double) as payout_lag_days,
        earned_month
    from compared
)

select * from royalty_reconciliation
