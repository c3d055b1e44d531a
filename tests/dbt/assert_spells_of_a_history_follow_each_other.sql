-- A user or an episode is known in one way at a time: each spell ends before the next begins.
with

spells as (
    select
        'users_history' as history,
        user_id as subject_id,
        known_from_at,
        known_until_at
    from {{ ref('users_history') }}
    union all
    select
        'episodes_history' as history,
        episode_id as subject_id,
        known_from_at,
        known_until_at
    from {{ ref('episodes_history') }}
),

with_next as (
    select
        *,
        lead(known_from_at) over (partition by history, subject_id order by known_from_at) as next_from_at
    from spells
)

select * from with_next
where
    known_until_at < known_from_at
    or (next_from_at is not null and coalesce(known_until_at > next_from_at, true))
