-- depends_on: {{ source('lake', 'likes') }}
with

bronze_likes as (
    select * from {{ lake_records('likes') }}
)

select * from bronze_likes
