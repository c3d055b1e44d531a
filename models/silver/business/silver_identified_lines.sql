with

silver_report_lines as (
    select * from {{ ref('silver_report_lines') }}
    where is_effective and subject in ('royalties', 'streams', 'social')
),

silver_tracks as (
    select * from {{ ref('silver_tracks') }}
),

named as (
    select
        *,
        case when length(isrc) = 12 then isrc end as own_isrc,
        case when track_title is not null then {{ recording_key("''", 'track_title') }} end as title_key
    from silver_report_lines
),

-- What a line says of itself, and what others say of its item, its spelling, its catalogue number.
said as (
    select
        line_id,
        track_key,
        title_key,
        own_isrc,
        upc,
        {{ plain_words(latin('catalog_number')) }} as catalog_key,
        {{ recording_key('coalesce(artist_name, \'\')', 'release_title') }} as release_name_key,
        case
            when item_id is not null then min(own_isrc) over (partition by platform, item_id)
        end as item_isrc,
        case when track_key is not null then min(own_isrc) over (partition by track_key) end as name_isrc,
        -- A song's own timeline names no artist: its title does where one recording alone has it.
        case
            when
                artist_name is null
                and title_key is not null
                and min(own_isrc) over (partition by title_key) = max(own_isrc) over (partition by title_key)
                then min(own_isrc) over (partition by title_key)
        end as title_isrc,
        case
            when catalog_number is not null
                then min(upc) over (partition by {{ plain_words(latin('catalog_number')) }})
        end as catalog_upc,
        catalog_number is not null or upc is not null as is_of_release
    from named
),

silver_identified_lines as (
    select
        said.line_id,
        coalesce(said.own_isrc, said.item_isrc, said.name_isrc, said.title_isrc, silver_tracks.isrc)
            as recording_isrc,
        coalesce(
            said.own_isrc,
            said.item_isrc,
            said.name_isrc,
            said.title_isrc,
            silver_tracks.isrc,
            said.track_key,
            said.title_key
        ) as recording_id,
        said.track_key,
        coalesce(said.upc, said.catalog_upc, said.catalog_key, said.release_name_key) as release_id,
        case
            when said.own_isrc is not null then 'isrc'
            when said.item_isrc is not null then 'item'
            when said.name_isrc is not null then 'name'
            when said.title_isrc is not null then 'title'
            when silver_tracks.track_key is not null then 'catalogue'
            when said.is_of_release then 'release'
            else 'none'
        end as match_rule
    from said
    left join silver_tracks on said.track_key = silver_tracks.track_key
)

select * from silver_identified_lines
