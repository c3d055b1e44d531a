with

silver_report_lines as (
    select * from {{ ref('silver_report_lines') }}
),

silver_reports as (
    select * from {{ ref('silver_reports') }}
),

silver_identified_lines as (
    select * from {{ ref('silver_identified_lines') }}
    where match_rule = 'none'
),

-- What is refused counts nowhere; what has no track counts, but under no recording.
unmatched_report_lines as (
    select
        silver_report_lines.line_id,
        silver_report_lines.report_id,
        silver_reports.file_name,
        silver_report_lines.platform,
        silver_report_lines.report_kind,
        silver_report_lines.subject,
        silver_report_lines.store,
        silver_report_lines.artist_name,
        silver_report_lines.track_title,
        silver_report_lines.release_title,
        silver_report_lines.item_id,
        coalesce(silver_report_lines.errors, 'no_known_track') as reason,
        silver_report_lines.line_number,
        silver_report_lines.net_amount
    from silver_report_lines
    inner join silver_reports on silver_report_lines.report_id = silver_reports.report_id
    left join silver_identified_lines on silver_report_lines.line_id = silver_identified_lines.line_id
    where
        silver_report_lines.errors is not null
        or (
            silver_identified_lines.line_id is not null
            and silver_report_lines.subject in ('royalties', 'streams')
        )
)

select * from unmatched_report_lines
