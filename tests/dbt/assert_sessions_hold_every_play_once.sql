-- fct_plays and fct_sessions are rebuilt apart: a session key that only one of them knows is a day left out.
with

played as (
    select
        session_key,
        count(*) as plays
    from {{ ref('fct_plays') }}
    group by session_key
)

select
    played.session_key,
    sessions.session_key as known_session_key,
    played.plays,
    sessions.plays as session_plays
from played
full join {{ ref('fct_sessions') }} as sessions on played.session_key = sessions.session_key
where played.plays is distinct from sessions.plays
