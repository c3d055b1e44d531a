with

silver_plays as (
    select * from {{ ref('silver_plays') }}
),

spellings as (
    select
        track_id,
        track_key,
        count(*) as plays
    from silver_plays
    group by track_id, track_key
),

-- A source may spell one id's title in several ways: the one played most is the recording.
silver_track_ids as (
    select
        track_id,
        track_key,
        plays
    from spellings
    qualify row_number() over (partition by track_id order by plays desc, track_key asc) = 1
)

select * from silver_track_ids
