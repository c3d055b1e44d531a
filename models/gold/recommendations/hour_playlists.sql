{%- set hours = var('hours_per_playlist') -%}
{%- set first_hour = 'floor(extract(hour from started_at) / ' ~ hours ~ ') * ' ~ hours -%}

with

fct_plays as (
    select * from {{ ref('fct_plays') }}
    where is_stream and track_key is not null
),

silver_user_tracks as (
    select * from {{ ref('silver_user_tracks') }}
),

recommendations as (
    select * from {{ ref('recommendations') }}
),

dim_tracks as (
    select * from {{ ref('dim_tracks') }}
),

newest as (
    select max(last_played_at) as newest_played_at from silver_user_tracks
),

hour_tracks as (
    select
        user_id,
        track_key,
        cast({{ first_hour }} as bigint) as hours_from,
        cast(count(*) as double) as hour_streams
    from fct_plays
    group by user_id, track_key, cast({{ first_hour }} as bigint)
),

-- So many streams of a track would fall into these hours if it were like all that the user streams.
expected as (
    select
        *,
        sum(hour_streams) over (partition by user_id, track_key)
        * sum(hour_streams) over (partition by user_id, hours_from)
        / sum(hour_streams) over (partition by user_id) as expected_streams
    from hour_tracks
),

-- Streams at that time, damped, and once more as far as they are beyond what is expected; a like doubles.
own as (
    select
        expected.user_id,
        expected.hours_from,
        expected.track_key,
        silver_user_tracks.is_liked,
        expected.hour_streams,
        round(
            2 * ln(1 + expected.hour_streams) - ln(1 + expected.expected_streams)
            + case when silver_user_tracks.is_liked then ln(2) else 0 end, 6
        ) as fit
    from expected
    inner join silver_user_tracks
        on
            expected.user_id = silver_user_tracks.user_id
            and expected.track_key = silver_user_tracks.track_key
    cross join newest
    where
        silver_user_tracks.early_skips <= silver_user_tracks.streams
        and (
            silver_user_tracks.last_early_skip_at is null
            or silver_user_tracks.last_early_skip_at
            <= {{ dateadd('day', '-' ~ var('skip_memory_days'), 'newest.newest_played_at') }}
        )
),

hours_of_users as (
    select distinct
        user_id,
        hours_from
    from own
),

-- Of the picks those first that stand for a track of these hours.
picks as (
    select
        recommendations.user_id,
        hours.hours_from,
        recommendations.track_key,
        recommendations.reason,
        case when because.track_key is null then 1 else 0 end as is_of_other_hours,
        recommendations.rank as pick_rank
    from recommendations
    inner join hours_of_users as hours on recommendations.user_id = hours.user_id
    left join own as because
        on
            hours.user_id = because.user_id
            and hours.hours_from = because.hours_from
            and recommendations.because_track_key = because.track_key
    left join own as known
        on
            hours.user_id = known.user_id
            and hours.hours_from = known.hours_from
            and recommendations.track_key = known.track_key
    where known.track_key is null
),

listed as (
    select
        user_id,
        hours_from,
        track_key,
        cast(null as varchar) as pick_reason,
        is_liked,
        cast(hour_streams as bigint) as hour_streams,
        false as is_pick,
        fit,
        0 as is_of_other_hours,
        0 as pick_rank
    from own
    union all
    select
        user_id,
        hours_from,
        track_key,
        reason as pick_reason,
        false as is_liked,
        cast(0 as bigint) as hour_streams,
        true as is_pick,
        0 as fit,
        is_of_other_hours,
        pick_rank
    from picks
),

-- Of an artist few, the user's own tracks before picks.
varied as (
    select
        listed.*,
        dim_tracks.track_title,
        dim_tracks.artist_name,
        row_number() over (
            partition by listed.user_id, listed.hours_from, coalesce(dim_tracks.artist_key, listed.track_key)
            order by
                listed.is_pick asc,
                listed.fit desc,
                listed.is_of_other_hours asc,
                listed.pick_rank asc,
                listed.track_key asc
        ) as rank_of_artist
    from listed
    inner join dim_tracks on listed.track_key = dim_tracks.track_key
    qualify rank_of_artist <= {{ var('recommendations_per_artist') }}
),

of_a_kind as (
    select
        *,
        row_number() over (
            partition by user_id, hours_from, is_pick
            order by fit desc, is_of_other_hours asc, pick_rank asc, track_key asc
        ) as rank_of_its_kind,
        sum(case when is_pick then 0 else 1 end) over (partition by user_id, hours_from) as own_tracks
    from varied
),

-- A pick after every three tracks of the user's own.
ranked as (
    select
        *,
        row_number() over (
            partition by user_id, hours_from
            order by
                case
                    when is_pick then 4 * rank_of_its_kind
                    else rank_of_its_kind + floor((rank_of_its_kind - 1) / 3)
                end asc
        ) as rank
    from of_a_kind
    where not is_pick or 3 * rank_of_its_kind <= own_tracks
    qualify rank <= {{ var('hour_playlist_tracks') }}
),

hour_playlists as (
    select
        user_id || '|' || cast(hours_from as varchar) || '|' || track_key as playlist_key,
        user_id,
        track_key,
        track_title,
        artist_name,
        coalesce(
            pick_reason,
            case when is_liked then 'Liked, and streamed ' else 'Streamed ' end
            || case when hour_streams = 1 then 'once' else cast(hour_streams as varchar) || ' times' end
            || ' between ' || cast(hours_from as varchar) || ':00 and '
            || cast(hours_from + {{ hours }} as varchar) || ':00'
        ) as reason,
        hours_from as day_hour,
        rank,
        hour_streams,
        is_pick
    from ranked
)

select * from hour_playlists
