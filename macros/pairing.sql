{#- The steps of silver_compared_plays: whose plays are compared, and which play of one source is which of another. -#}

{#- The steps from silver_plays_validated to `compared`: the accepted plays of listeners with several sources on a day
    or beside it, with what they are compared by. -#}
{% macro compared_plays() -%}
-- Refused records count: who once had a second source stays compared. So a play that another source told better
-- keeps its row when that other falls away, and the row has the news.
user_days as (
    select
        user_id,
        played_date,
        min(source) as first_source,
        max(source) as last_source
    from silver_plays_validated
    where
        user_id is not null
        and played_date is not null
        and {{ var('merge_sources') }}
        -- All of one source: then nobody's days need be looked at.
        and (select min(source) <> max(source) from silver_plays_validated)
    group by user_id, played_date
),

mixed_days as (
    select
        user_id as mixed_user_id,
        played_date as mixed_date
    from user_days
    qualify
        min(first_source) over (
            partition by user_id
            order by played_date
            range between interval '1 day' preceding and interval '1 day' following
        ) <> max(last_source) over (
            partition by user_id
            order by played_date
            range between interval '1 day' preceding and interval '1 day' following
        )
),

compared as (
    select
        silver_plays_validated.event_id,
        silver_plays_validated.user_id,
        silver_plays_validated.play_id,
        silver_plays_validated.source,
        -- Best first; of sources that nobody ranked, the first by name.
        lpad(cast(coalesce(source_precedence.precedence, 9999) as varchar), 4, '0')
        || '|' || silver_plays_validated.source as standing,
        coalesce(source_precedence.knows, 'both') as knows,
        {{ recording_key('artist_name', 'track_title') }} as recording_key,
        nullif(upper(translate(silver_plays_validated.isrc, ' -', '')), '') as isrc_key,
        coalesce(source_precedence.tolerance_seconds, {{ var('source_tolerance_seconds') }}) as tolerance_seconds,
        silver_plays_validated.played_date,
        silver_plays_validated.started_at,
        silver_plays_validated.ended_at,
        -- Or a play said to last for years would be compared with all others.
        least(
            silver_plays_validated.ended_at,
            {{ dateadd('millisecond', var('compared_length_ms'), 'silver_plays_validated.started_at') }}
        ) as compared_until_at,
        silver_plays_validated._loaded_at
    from silver_plays_validated
    inner join mixed_days
        on
            silver_plays_validated.user_id = mixed_days.mixed_user_id
            and silver_plays_validated.played_date = mixed_days.mixed_date
    left join {{ ref('source_precedence') }} as source_precedence
        on silver_plays_validated.source = source_precedence.source
    where silver_plays_validated.is_accepted
)
{%- endmacro %}

{#- The steps from `compared` to `told_better`: each play that a better source tells too, with the best of those. Two
    plays are a pair when they are of one recording and overlap, as far as their clocks can tell. -#}
{% macro paired_plays(rounds=2) -%}
keyed as (
    select
        *,
        'isrc' as rule,
        isrc_key as match_key
    from compared
    where isrc_key is not null
    union all
    select
        *,
        'title' as rule,
        recording_key as match_key
    from compared
),

told as (
    select keyed.*
    from keyed
    left join {{ ref('kept_apart_plays') }} as kept_apart
        on
            keyed.user_id = kept_apart.user_id
            and keyed.play_id = kept_apart.play_id
    where kept_apart.play_id is null
),

pairs as (
    select
        better.event_id as better_event_id,
        worse.event_id as worse_event_id,
        better.source as better_source,
        worse.source as worse_source,
        better.standing as better_standing,
        better.rule,
        -- By the clock that both have: where they began, unless one knows only where it stopped.
        abs(case
            when 'stop' in (better.knows, worse.knows)
                then {{ datediff('better.ended_at', 'worse.ended_at', 'millisecond') }}
            else {{ datediff('better.started_at', 'worse.started_at', 'millisecond') }}
        end) as distance_ms,
        better.started_at as better_started_at
    from told as better
    inner join told as worse
        on
            better.user_id = worse.user_id
            and better.rule = worse.rule
            and better.match_key = worse.match_key
            and better.standing < worse.standing
            and worse.started_at <= {{ dateadd(
                'second', 'better.tolerance_seconds + worse.tolerance_seconds', 'better.compared_until_at'
            ) }}
            and better.started_at <= {{ dateadd(
                'second', 'better.tolerance_seconds + worse.tolerance_seconds', 'worse.compared_until_at'
            ) }}
    qualify row_number() over (partition by better.event_id, worse.event_id order by better.rule) = 1
),

{{ pairing_rounds('pairs', rounds) }},

matches as (
    {%- for number in range(1, rounds + 1) %}
    select * from round_{{ number }}
    where is_match
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

told_better as (
    select * from matches
    qualify row_number() over (partition by worse_event_id order by better_standing) = 1
)
{%- endmacro %}

{#- Of `pairs`, those that are one play, in rounds: each takes the nearest of another source that takes it too, then
    those who got none choose again. The steps round_1, round_2 …; `is_match` says which pairs are. -#}
{% macro pairing_rounds(pairs, rounds) -%}
{%- set nearest = 'distance_ms, better_started_at, better_event_id, worse_event_id' -%}
{%- for number in range(1, rounds + 1) %}
choices_{{ number }} as (
    select
        better_event_id,
        worse_event_id,
        better_source,
        worse_source,
        better_standing,
        rule,
        distance_ms,
        better_started_at,
        row_number() over (partition by better_event_id, worse_source order by {{ nearest }}) as choice_of_better,
        row_number() over (partition by worse_event_id, better_source order by {{ nearest }}) as choice_of_worse
    from {{ pairs if number == 1 else 'round_' ~ (number - 1) }}
    {{ "where better_matches = 0 and worse_matches = 0" if number > 1 }}
),

round_{{ number }} as (
    select
        *,
        choice_of_better = 1 and choice_of_worse = 1 as is_match,
        count(case when choice_of_better = 1 and choice_of_worse = 1 then 1 end)
            over (partition by better_event_id, worse_source) as better_matches,
        count(case when choice_of_better = 1 and choice_of_worse = 1 then 1 end)
            over (partition by worse_event_id, better_source) as worse_matches
    from choices_{{ number }}
){{ ',\n' if not loop.last }}
{%- endfor %}
{%- endmacro %}
