-- depends_on: {{ source('lake', 'page_views') }}
with

bronze_page_views as (
    select * from {{ lake_records('page_views') }}
)

select * from bronze_page_views
