with

fct_podcast_listens as (
    select * from {{ ref('fct_podcast_listens') }}
),

dim_episodes as (
    select * from {{ ref('dim_episodes') }}
),

digits as (
    select listed.digit from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as listed (digit)
),

days_ahead as (
    select ones.digit + 10 * tens.digit as days
    from digits as ones
    cross join digits as tens
    where ones.digit + 10 * tens.digit < {{ var('completion_window_days') }}
),

newest as (
    select max(listen_date) as newest_date from fct_podcast_listens
),

-- A completion counts in the window that ends on its day and in those of the days after.
windows as (
    select
        fct_podcast_listens.episode_id,
        fct_podcast_listens.user_id,
        fct_podcast_listens.completes,
        cast({{ dateadd('day', 'days_ahead.days', 'fct_podcast_listens.listen_date') }} as date)
            as window_end_date
    from fct_podcast_listens
    cross join days_ahead
    where fct_podcast_listens.is_completed
),

counted as (
    select
        windows.episode_id,
        count(*) as completed_listens,
        cast(sum(windows.completes) as bigint) as completes,
        count(distinct windows.user_id) as completers,
        windows.window_end_date
    from windows
    inner join newest on windows.window_end_date <= newest.newest_date
    group by windows.episode_id, windows.window_end_date
),

ranked as (
    select
        *,
        row_number() over (
            partition by window_end_date
            order by completed_listens desc, completers desc, episode_id asc
        ) as rank
    from counted
    qualify rank <= {{ var('completed_episodes_kept') }}
),

most_completed_episodes as (
    select
        ranked.episode_id || '|' || cast(ranked.window_end_date as varchar) as completed_key,
        ranked.episode_id,
        dim_episodes.podcast_id,
        dim_episodes.episode_title,
        dim_episodes.podcast_title,
        ranked.rank,
        ranked.completed_listens,
        ranked.completes,
        ranked.completers,
        cast({{ dateadd('day', '1 - ' ~ var('completion_window_days'), 'ranked.window_end_date') }} as date)
            as window_start_date,
        ranked.window_end_date
    from ranked
    inner join dim_episodes on ranked.episode_id = dim_episodes.episode_id
)

select * from most_completed_episodes
