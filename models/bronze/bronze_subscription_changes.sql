-- depends_on: {{ source('lake', 'subscription_changes') }}
with

bronze_subscription_changes as (
    select * from {{ lake_records('subscription_changes') }}
)

select * from bronze_subscription_changes
