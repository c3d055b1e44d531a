-- depends_on: {{ source('lake', 'plays') }}
with

bronze_plays as (
    select * from {{ lake_records('plays') }}
)

select * from bronze_plays
