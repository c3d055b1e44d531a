with

bronze_reports as (
    select * from {{ ref('bronze_reports') }}
),

-- A file's name in the lake is the hash of its bytes: an object twice would be the same report.
silver_reports as (
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
    from bronze_reports
    qualify row_number() over (partition by report_id order by imported_at) = 1
)

select * from silver_reports
