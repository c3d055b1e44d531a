{%- set own_codes -%}
    case
        when ms_played < 0 then 'negative_ms_played,'
        when ms_played > {{ var('longest_play_ms') }} then 'implausible_ms_played,'
        else ''
    end
    || case when duration_ms < 0 then 'negative_duration,' else '' end
    || case when duration_ms > {{ var('longest_recording_ms') }} then 'implausible_duration,' else '' end
    || case when started_at > occurred_at then 'ended_before_started,' else '' end
{%- endset -%}

with

{{ judged_records('plays', keys=['event_id', 'play_id'], own_codes=own_codes) }},

dated as (
    select
        *,
        -- A scrobble tells no time listened; a length that makes no sense must not overflow the subtraction.
        coalesce(
            started_at,
            case
                when ms_played between 0 and {{ var('longest_play_ms') }}
                    then {{ dateadd('millisecond', '-ms_played', 'occurred_at') }}
            end,
            occurred_at
        ) as began_at
    from judged
),

validated as (
    select
        record_id,
        event_id,
        user_id,
        session_id,
        play_id,
        track_id,
        artist_id,
        md5(lower(trim(artist_name)) || '|' || lower(trim(track_title))) as track_key,
        md5(lower(trim(artist_name))) as artist_key,
        source,
        country,
        device,
        track_title,
        artist_name,
        album_title,
        isrc,
        context,
        reason_start,
        reason_end,
        rtrim(codes, ',') as error_codes,
        error as error_detail,
        case when codes <> '' then payload end as payload,
        ms_played,
        duration_ms,
        schema_version,
        coalesce(skipped, false) as is_skipped,
        coalesce(ms_played >= {{ var('counted_play_ms') }}, true) as is_stream,
        codes = '' as is_accepted,
        cast(began_at as date) as played_date,
        began_at as started_at,
        occurred_at as ended_at,
        received_at,
        _file,
        _topic,
        _partition,
        _offset,
        _timestamp,
        {{ loaded_at() }} as _loaded_at
    from dated
)

select * from validated
