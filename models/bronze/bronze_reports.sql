-- depends_on: {{ source('statements', 'reports') }}
with

landed_rows as (
    select * from {{ report_rows('reports') }}
),

bronze_reports as (
    select
        report_id,
        platform,
        report_kind,
        subject,
        file_name,
        encoding,
        measure,
        rows_in,
        accepted,
        rejected,
        measure_total,
        stated_total,
        imported_at
    from landed_rows
)

select * from bronze_reports
