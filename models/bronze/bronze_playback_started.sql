-- depends_on: {{ source('lake', 'playback_started') }}
with

bronze_playback_started as (
    select * from {{ lake_records('playback_started') }}
)

select * from bronze_playback_started
