{#- What the daily and the hourly chart share: `period` is day or hour, `moment` the column that says which. -#}

{#- Plays and listeners per track, region and `moment` of `plays`. One listener counts `most` times at most,
    in each region and in GLOBAL: one fan on repeat is no chart. -#}
{% macro chart_counts(plays, moment, most) -%}
    select
        track_key,
        region,
        min(track_title) as track_title,
        min(artist_name) as artist_name,
        cast(sum(least(plays, {{ most }})) as bigint) as plays,
        count(*) as listeners,
        played_date,
        {{ moment }}
    from (
        select
            user_id,
            track_key,
            case when grouping(country) = 1 then 'GLOBAL' else country end as region,
            min(trim(track_title)) as track_title,
            min(trim(artist_name)) as artist_name,
            count(*) as plays,
            played_date,
            {{ moment }}
        from {{ plays }}
        group by grouping sets (
            (user_id, track_key, played_date, {{ moment }}, country),
            (user_id, track_key, played_date, {{ moment }})
        )
    ) as listened
    where region is not null
    group by track_key, region, played_date, {{ moment }}
{%- endmacro %}

{#- Positions with what came before: move since the chart just before, best place and charts in a row. They have
    a `best_rank`, their own; one that stands for all before it brings theirs, and its `carried_streak`. -#}
{% macro with_runs(positions, period, moment) -%}
    select
        *,
        previous_rank - rank as move,
        row_number() over (partition by region, track_key, run_began order by {{ moment }})
        + coalesce(max(carried_streak) over (partition by region, track_key, run_began) - 1, 0) as streak
    from (
        select
            *,
            -- Appearances in a row share the {{ period }} before their first: their own less their number.
            {{ dateadd(period, '-appearance', moment) }} as run_began,
            case when charted_before = {{ dateadd(period, -1, moment) }} then rank_before end as previous_rank
        from (
            select
                *,
                min(best_rank) over (
                    partition by region, track_key
                    order by {{ moment }}
                    rows between unbounded preceding and current row
                ) as peak_rank,
                lag(rank) over (partition by region, track_key order by {{ moment }}) as rank_before,
                lag({{ moment }}) over (partition by region, track_key order by {{ moment }}) as charted_before,
                row_number() over (partition by region, track_key order by {{ moment }}) as appearance
            from {{ positions }}
        ) as with_neighbours
    ) as with_previous
{%- endmacro %}
