-- depends_on: {{ source('lake', 'auth_events') }}
with

bronze_auth_events as (
    select * from {{ lake_records('auth_events') }}
)

select * from bronze_auth_events
