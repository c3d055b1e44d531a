with

fct_podcast_listens as (
    select * from {{ ref('fct_podcast_listens') }}
),

dim_regions as (
    select * from {{ ref('dim_regions') }}
),

capped_listens as (
    select
        *,
        case when duration_ms is not null then listened_ms end as measured_ms,
        case
            when listened_ms < duration_ms then listened_ms
            when listened_ms >= duration_ms then duration_ms
        end as heard_ms
    from fct_podcast_listens
),

-- Rates only over listens whose episode has a known length and whose position is known.
days as (
    select
        country,
        count(*) as listens,
        count(distinct user_id) as listeners,
        cast(sum(completes) as bigint) as completes,
        cast(coalesce(sum(listened_ms), 0) as bigint) as listened_ms,
        cast(coalesce(sum(heard_ms), 0) as bigint) as listened_ms_capped,
        cast(sum(case when measured_ms is not null then duration_ms end) as bigint) as duration_ms,
        cast(sum(measured_ms) as bigint) as measured_ms,
        listen_date
    from capped_listens
    group by country, listen_date
),

listen_through_by_country as (
    select
        coalesce(days.country, 'unknown') || '|' || cast(days.listen_date as varchar) as through_key,
        days.country,
        coalesce(dim_regions.country_name, 'unknown') as country_name,
        days.listens,
        days.listeners,
        days.completes,
        days.listened_ms,
        days.listened_ms_capped,
        days.duration_ms,
        cast(days.measured_ms as double) / nullif(days.duration_ms, 0) as listen_through_rate,
        case
            when days.duration_ms > 0 then cast(days.listened_ms_capped as double) / days.duration_ms
        end as listen_through_rate_capped,
        days.listen_date
    from days
    left join dim_regions on days.country = dim_regions.country
)

select * from listen_through_by_country
