with

seen_days as (
    select played_date as seen_date from {{ ref('fct_plays') }}
    union all
    select listen_date as seen_date from {{ ref('fct_podcast_listens') }}
),

ends as (
    select
        min(seen_date) as first_date,
        max(seen_date) as last_date
    from seen_days
),

digits as (
    select listed.digit from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as listed (digit)
),

-- 100,000 days: more than lie between the first day accepted (in 2000) and any clock.
offsets as (
    select
        ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit
        + 10000 * ten_thousands.digit as days_ahead
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join digits as ten_thousands
),

days as (
    select cast({{ dateadd('day', 'offsets.days_ahead', 'ends.first_date') }} as date) as date_day
    from ends
    cross join offsets
    where offsets.days_ahead <= {{ datediff('ends.first_date', 'ends.last_date', 'day') }}
),

dim_dates as (
    select
        date_day,
        cast(extract(year from date_day) as integer) as year,
        cast(extract(quarter from date_day) as integer) as quarter,
        cast(extract(month from date_day) as integer) as month,
        {{ month_name('date_day') }} as month_name,
        cast({{ date_trunc('week', 'date_day') }} as date) as week_start_date,
        cast({{ iso_weekday('date_day') }} as integer) as day_of_week,
        {{ day_name('date_day') }} as day_name,
        {{ iso_weekday('date_day') }} >= 6 as is_weekend
    from days
)

select * from dim_dates
