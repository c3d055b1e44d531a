with

silver_report_lines as (
    select * from {{ ref('silver_report_lines') }}
    where is_effective
),

silver_identified_lines as (
    select * from {{ ref('silver_identified_lines') }}
    where release_id is not null and recording_id is not null
),

-- A recording that is on several records is here once for each; of spellings the least, as in dim_releases.
dim_release_tracks as (
    select
        silver_identified_lines.release_id || '|' || silver_identified_lines.recording_id
            as release_track_key,
        silver_identified_lines.release_id,
        silver_identified_lines.recording_id,
        min(silver_identified_lines.recording_isrc) as isrc,
        min(silver_report_lines.track_title) as track_title
    from silver_identified_lines
    inner join silver_report_lines on silver_identified_lines.line_id = silver_report_lines.line_id
    group by silver_identified_lines.release_id, silver_identified_lines.recording_id
)

select * from dim_release_tracks
