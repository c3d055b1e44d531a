with

daily_user_activity as (
    select * from {{ ref('daily_user_activity') }}
),

user_lifetime_metrics as (
    select * from {{ ref('user_lifetime_metrics') }}
),

dim_dates as (
    select * from {{ ref('dim_dates') }}
),

-- How many weeks each has had whole, active in them or gone.
lives as (
    select
        user_id,
        coalesce(level, 'unknown') as level,
        first_active_date,
        floor((lifetime_days + days_since_active) / 7) as whole_weeks
    from user_lifetime_metrics
),

levels as (
    select
        level,
        whole_weeks,
        count(*) as users
    from lives
    group by level, whole_weeks
),

-- There is a day in the calendar for each week of any life.
ages as (
    select row_number() over (order by date_day) - 1 as age
    from dim_dates
),

weeks as (
    select
        levels.level,
        ages.age,
        sum(levels.users) as users
    from levels
    inner join ages on levels.whole_weeks > ages.age
    group by levels.level, ages.age
),

days as (
    select
        lives.level,
        lives.whole_weeks,
        floor(
            {{ datediff('lives.first_active_date', 'daily_user_activity.activity_date', 'day') }} / 7
        ) as age,
        daily_user_activity.ms_played
    from daily_user_activity
    inner join lives on daily_user_activity.user_id = lives.user_id
),

heard as (
    select
        level,
        age,
        sum(ms_played) as ms_played
    from days
    where age < whole_weeks
    group by level, age
),

lifetime_value_weekly as (
    select
        weeks.level || '|' || cast(weeks.age + 1 as varchar) as value_key,
        weeks.level,
        cast(weeks.age + 1 as bigint) as week,
        cast(weeks.users as bigint) as users,
        cast(coalesce(heard.ms_played, 0) as bigint) as ms_played
    from weeks
    left join heard on weeks.level = heard.level and weeks.age = heard.age
)

select * from lifetime_value_weekly
