with

silver_due_users as (
    select
        user_id,
        coalesce(country, 'GLOBAL') as region
    from {{ ref('silver_users') }}
    where {{ due_for('silver_candidates', [ref('silver_plays'), ref('silver_likes')]) }}
)

select * from silver_due_users
