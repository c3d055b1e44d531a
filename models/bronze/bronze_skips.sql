-- depends_on: {{ source('lake', 'skips') }}
with

bronze_skips as (
    select * from {{ lake_records('skips') }}
)

select * from bronze_skips
