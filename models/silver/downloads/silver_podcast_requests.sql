with

bronze_podcast_downloads as (
    select * from {{ ref('bronze_podcast_downloads') }}
    where {{ new_landed_files('podcast_downloads') }}
),

podcast_bots as (
    select * from {{ ref('podcast_bots') }}
),

-- A maker of phones is called Cubot.
agents as (
    select distinct
        user_agent,
        replace(lower(user_agent), 'cubot', '') as agent
    from bronze_podcast_downloads
),

bots as (
    select distinct agents.user_agent as bot_agent
    from agents
    inner join podcast_bots on contains(agents.agent, podcast_bots.pattern)
),

judged as (
    select
        bronze_podcast_downloads.*,
        case when bronze_podcast_downloads.method <> 'GET' then 'not_get,' else '' end
        -- 0 is how some networks log a partial answer that was cut short.
        || case when bronze_podcast_downloads.status in (200, 206, 0) then '' else 'not_served,' end
        || case
            when bronze_podcast_downloads.first_byte = 0 and bronze_podcast_downloads.last_byte <= 1
                then 'probe,'
            else ''
        end
        || case when bots.bot_agent is not null then 'bot,' else '' end
        || case
            when lower(bronze_podcast_downloads.user_agent) like 'atc/%watchos%' then 'watch_twin,'
            when lower(bronze_podcast_downloads.user_agent) like '%(null)/(null) watchos%' then 'watch_twin,'
            else ''
        end
        -- An agent that names nothing tells no listener from another.
        || case
            when lower(bronze_podcast_downloads.user_agent) = upper(bronze_podcast_downloads.user_agent)
                then 'malformed_agent,'
            when bronze_podcast_downloads.user_agent is null then 'malformed_agent,'
            else ''
        end as codes
    from bronze_podcast_downloads
    left join bots on bronze_podcast_downloads.user_agent = bots.bot_agent
),

silver_podcast_requests as (
    select
        md5(_file || '|' || request_id) as record_id,
        request_id,
        episode_id,
        address_key,
        md5(address_key || '|' || coalesce(user_agent, '')) as listener_key,
        user_agent,
        source,
        rtrim(codes, ',') as filter_codes,
        codes = '' as is_counted,
        status = 200 and bytes_sent is null and file_bytes is null as is_whole,
        case when status = 200 then 0 else first_byte end as from_byte,
        case
            when status = 200 then coalesce(bytes_sent, file_bytes)
            else first_byte + least(
                coalesce(bytes_sent, last_byte - first_byte + 1, file_bytes - first_byte),
                coalesce(last_byte - first_byte + 1, bytes_sent, file_bytes - first_byte)
            )
        end - 1 as to_byte,
        status,
        bytes_sent,
        coalesce(file_bytes, case when status = 200 then bytes_sent end) as file_bytes,
        header_bytes,
        cast(requested_at as date) as requested_date,
        requested_at,
        _file,
        {{ loaded_at() }} as _loaded_at
    from judged
)

select * from silver_podcast_requests
