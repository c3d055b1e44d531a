-- depends_on: {{ source('lake', 'podcast_events') }}
with

bronze_podcast_events as (
    select * from {{ lake_records('podcast_events') }}
)

select * from bronze_podcast_events
