with

silver_report_lines as (
    select * from {{ ref('silver_report_lines') }}
    where
        is_effective
        and subject in ('streams', 'social')
        and coalesce(streams, listeners, chart_rank) is not null
),

silver_identified_lines as (
    select * from {{ ref('silver_identified_lines') }}
),

fct_platform_streams as (
    select
        silver_report_lines.line_id,
        silver_report_lines.report_id,
        silver_report_lines.platform,
        silver_report_lines.report_kind,
        silver_report_lines.store,
        silver_report_lines.country,
        silver_identified_lines.recording_id,
        silver_identified_lines.recording_isrc as isrc,
        silver_identified_lines.match_rule,
        silver_report_lines.item_id,
        silver_report_lines.artist_name,
        silver_report_lines.track_title,
        silver_report_lines.release_title,
        silver_report_lines.sale_type,
        silver_report_lines.line_number,
        silver_report_lines.streams,
        silver_report_lines.listeners,
        silver_report_lines.saves,
        silver_report_lines.playlist_adds,
        silver_report_lines.chart_rank,
        silver_report_lines.line_date
    from silver_report_lines
    inner join silver_identified_lines on silver_report_lines.line_id = silver_identified_lines.line_id
)

select * from fct_platform_streams
