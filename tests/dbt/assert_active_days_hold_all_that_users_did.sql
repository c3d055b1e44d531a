-- Days are rebuilt one by one and from five topics: one left out, or counted twice, would show here first.
with

days as (
    select
        sum(registrations) as registrations,
        sum(page_views) as page_views,
        sum(plays) as plays,
        sum(podcast_events) as podcast_events
    from {{ ref('daily_user_activity') }}
),

listeners as (
    select sum(plays) as plays
    from {{ ref('daily_listeners') }}
),

places as (
    select
        level,
        sum(registrations) as registrations,
        sum(page_views) as page_views,
        sum(plays) as plays,
        sum(podcast_events) as podcast_events
    from {{ ref('daily_geo_activity') }}
    group by level
),

lives as (
    select sum(plays) as plays
    from {{ ref('user_lifetime_metrics') }}
),

happened as (
    select
        (
            select count(*) from {{ ref('silver_auth_events') }}
            where action = 'register' and succeeded
        ) as registrations,
        (select count(*) from {{ ref('silver_page_views') }}) as page_views,
        (select count(*) from {{ ref('fct_plays') }}) as plays,
        (select count(*) from {{ ref('silver_podcast_events') }}) as podcast_events
)

select
    happened.plays,
    places.level,
    days.plays as plays_of_days,
    listeners.plays as plays_of_listeners,
    places.plays as plays_of_places,
    lives.plays as plays_of_lives
from happened
cross join days
cross join listeners
cross join lives
left join places on true
where
    happened.plays <> coalesce(days.plays, 0)
    or happened.plays <> coalesce(listeners.plays, 0)
    or happened.plays <> coalesce(places.plays, 0)
    or happened.plays <> coalesce(lives.plays, 0)
    or happened.page_views <> coalesce(days.page_views, 0)
    or happened.page_views <> coalesce(places.page_views, 0)
    or happened.registrations <> coalesce(days.registrations, 0)
    or happened.registrations <> coalesce(places.registrations, 0)
    or happened.podcast_events <> coalesce(days.podcast_events, 0)
    or happened.podcast_events <> coalesce(places.podcast_events, 0)
