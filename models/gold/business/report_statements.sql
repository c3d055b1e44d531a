with

silver_report_lines as (
    select * from {{ ref('silver_report_lines') }}
),

silver_reports as (
    select * from {{ ref('silver_reports') }}
),

report_statements as (
    select
        silver_report_lines.report_id || '|' || silver_report_lines.statement_key as statement_id,
        silver_report_lines.report_id,
        silver_reports.file_name,
        silver_reports.platform,
        silver_reports.report_kind,
        silver_reports.subject,
        silver_report_lines.statement_key,
        max(silver_report_lines.superseded_by) as superseded_by,
        count(*) as lines,
        count(silver_report_lines.errors) as refused_lines,
        cast(
            sum(case when silver_report_lines.errors is null then silver_report_lines.net_amount end)
            as decimal(38, 18)
        ) as net_amount,
        cast(max(silver_reports.measure_total) as decimal(38, 18)) as measure_total,
        cast(max(silver_reports.stated_total) as decimal(38, 18)) as stated_total,
        max(silver_report_lines.superseded_by) is null as is_current,
        max(silver_reports.imported_at) as imported_at
    from silver_report_lines
    inner join silver_reports on silver_report_lines.report_id = silver_reports.report_id
    group by
        silver_report_lines.report_id,
        silver_report_lines.statement_key,
        silver_reports.file_name,
        silver_reports.platform,
        silver_reports.report_kind,
        silver_reports.subject
)

select * from report_statements
