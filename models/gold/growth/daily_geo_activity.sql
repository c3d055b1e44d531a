{%- set topics = ['auth_events', 'likes', 'page_views', 'plays', 'podcast_events'] -%}

with

-- The days that events came for, not those that have rows now: a day may lose its last.
silver_user_days as (
    select * from {{ ref('silver_user_days') }}
    where {{ touched_by_any(topics, 'activity_date', 'loaded_at', merged=true) }}
),

dim_regions as (
    select * from {{ ref('dim_regions') }}
),

located as (
    select
        silver_user_days.*,
        coalesce(dim_regions.country_name, 'unknown') as country_name,
        coalesce(dim_regions.region, 'unknown') as region
    from silver_user_days
    left join dim_regions on silver_user_days.country = dim_regions.country
),

-- Users do not add up over countries or regions: each level counts its own.
places as (
    select
        case
            when grouping(region) = 1 then 'world'
            when grouping(country_name) = 1 then 'region'
            else 'country'
        end as level,
        case when grouping(region) = 1 then 'GLOBAL' else region end as region,
        country,
        country_name,
        count(distinct user_id) as active_users,
        count(distinct case when plays > 0 or podcast_events > 0 then user_id end) as listeners,
        cast(sum(registrations) as bigint) as registrations,
        cast(sum(log_ins) as bigint) as log_ins,
        cast(sum(page_views) as bigint) as page_views,
        cast(sum(plays) as bigint) as plays,
        cast(sum(streams) as bigint) as streams,
        cast(sum(skips) as bigint) as skips,
        cast(sum(likes) as bigint) as likes,
        cast(sum(podcast_events) as bigint) as podcast_events,
        cast(sum(ms_played) as bigint) as ms_played,
        activity_date
    from located
    group by grouping sets (
        (activity_date, region, country, country_name),
        (activity_date, region),
        (activity_date)
    )
),

daily_geo_activity as (
    select
        level || '|' || region || '|' || coalesce(country, '') || '|' || cast(activity_date as varchar)
            as geo_key,
        level,
        region,
        country,
        country_name,
        active_users,
        listeners,
        registrations,
        log_ins,
        page_views,
        plays,
        streams,
        skips,
        likes,
        podcast_events,
        ms_played,
        activity_date,
        {{ loaded_from('silver_user_days') }} as loaded_at
    from places
)

select * from daily_geo_activity
