with

silver_report_lines as (
    select * from {{ ref('silver_report_lines') }}
    where release_title is not null or upc is not null or catalog_number is not null
),

silver_identified_lines as (
    select * from {{ ref('silver_identified_lines') }}
    where release_id is not null
),

-- Where spellings differ, the least one: it does not depend on the order of arrival.
dim_releases as (
    select
        silver_identified_lines.release_id,
        min(silver_report_lines.upc) as upc,
        min(silver_report_lines.catalog_number) as catalog_number,
        min(silver_report_lines.release_title) as release_title,
        min(silver_report_lines.artist_name) as artist_name,
        count(distinct silver_identified_lines.recording_id) as recordings,
        count(distinct silver_report_lines.catalog_number) as catalog_numbers,
        count(distinct silver_report_lines.platform) as platforms,
        min(silver_report_lines.earned_month) as first_earned_month,
        max(silver_report_lines.earned_month) as last_earned_month
    from silver_report_lines
    inner join silver_identified_lines on silver_report_lines.line_id = silver_identified_lines.line_id
    group by silver_identified_lines.release_id
)

select * from dim_releases
