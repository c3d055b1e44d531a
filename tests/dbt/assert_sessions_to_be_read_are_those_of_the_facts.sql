-- user_sessions is fct_sessions in words: a session that only one of them has is a day that was not rebuilt.
select
    facts.session_key,
    sessions.session_key as read_session_key
from {{ ref('fct_sessions') }} as facts
full join {{ ref('user_sessions') }} as sessions on facts.session_key = sessions.session_key
where
    facts.plays is distinct from sessions.plays
    or facts.ms_played is distinct from sessions.ms_played
    or facts.ended_at is distinct from sessions.ended_at
