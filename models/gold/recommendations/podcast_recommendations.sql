with

fct_podcast_listens as (
    select * from {{ ref('fct_podcast_listens') }}
),

dim_episodes as (
    select
        *,
        coalesce(max(podcast_title) over (partition by podcast_id), podcast_id) as podcast_name,
        coalesce(released_on, cast('1970-01-01' as date)) as out_on,
        row_number() over (
            partition by podcast_id
            order by coalesce(released_on, cast('1970-01-01' as date)) desc, episode_id asc
        ) as place_of_newest
    from {{ ref('dim_episodes') }}
),

dim_users as (
    select * from {{ ref('dim_users') }}
),

dim_regions as (
    select * from {{ ref('dim_regions') }}
),

heard as (
    select
        user_id,
        episode_id,
        max(case
            when is_completed or listen_through_rate >= {{ var('finished_episode_share') }} then 1 else 0
        end) as finished
    from fct_podcast_listens
    group by user_id, episode_id
),

podcasts_heard as (
    select
        heard.user_id,
        dim_episodes.podcast_id,
        max(dim_episodes.podcast_name) as podcast_name,
        count(*) as episodes,
        sum(heard.finished) as finished,
        max(case when heard.finished = 1 then dim_episodes.out_on end) as finished_on
    from heard
    inner join dim_episodes on heard.episode_id = dim_episodes.episode_id
    where dim_episodes.podcast_id is not null
    group by heard.user_id, dim_episodes.podcast_id
),

podcasts_of_users as (
    select
        *,
        count(*) over (partition by podcast_id) as listeners,
        row_number() over (
            partition by user_id order by finished desc, episodes desc, podcast_id asc
        ) as place
    from podcasts_heard
),

-- Pairs grow with the square of what one user hears.
pairs as (
    select
        heard_by.podcast_id,
        others.podcast_id as similar_podcast_id,
        round(
            cast(count(*) as double) / (count(*) + {{ var('similarity_shrinkage') }})
            * count(*) / sqrt(cast(max(heard_by.listeners) * max(others.listeners) as double)), 6
        ) as similarity
    from podcasts_of_users as heard_by
    inner join podcasts_of_users as others
        on
            heard_by.user_id = others.user_id
            and heard_by.podcast_id <> others.podcast_id
    where heard_by.place <= 15 and others.place <= 15
    group by heard_by.podcast_id, others.podcast_id
),

similar_podcasts as (
    select
        *,
        row_number() over (
            partition by podcast_id order by similarity desc, similar_podcast_id asc
        ) as neighbour
    from pairs
    qualify neighbour <= {{ var('podcast_recommendations_per_user') }}
),

podcasts_offered as (
    select
        user_id,
        podcast_id,
        1 as kind,
        'Next of ' || podcast_name as reason,
        cast(finished as double) as fit,
        finished_on
    from podcasts_of_users
    union all
    select
        heard_by.user_id,
        similar_podcasts.similar_podcast_id as podcast_id,
        2 as kind,
        'Listeners of ' || heard_by.podcast_name || ' hear it' as reason,
        similar_podcasts.similarity as fit,
        cast(null as date) as finished_on
    from podcasts_of_users as heard_by
    inner join similar_podcasts on heard_by.podcast_id = similar_podcasts.podcast_id
    where heard_by.place <= 15
),

-- One offer a podcast: what somebody heard themselves is never offered because others hear it.
single_offers as (
    select
        *,
        row_number() over (partition by user_id, podcast_id order by kind asc, fit desc, reason asc) as offer
    from podcasts_offered
    qualify offer = 1
),

best_offers as (
    select
        *,
        row_number() over (partition by user_id, kind order by fit desc, podcast_id asc) as place
    from single_offers
    where fit > 0
    qualify place <= {{ var('podcast_recommendations_per_user') }}
),

episodes_offered as (
    select
        best_offers.user_id,
        dim_episodes.episode_id,
        best_offers.kind,
        best_offers.reason,
        best_offers.fit,
        best_offers.finished_on
    from best_offers
    inner join dim_episodes on best_offers.podcast_id = dim_episodes.podcast_id
    where best_offers.kind = 1 or dim_episodes.place_of_newest <= {{ var('recommendations_per_podcast') }}
),

completions as (
    select
        country,
        episode_id,
        count(distinct user_id) as completers
    from fct_podcast_listens
    where is_completed and country is not null
    group by country, episode_id
),

popular as (
    select
        *,
        row_number() over (partition by country order by completers desc, episode_id asc) as place
    from completions
    qualify place <= {{ var('popular_episodes') }}
),

candidates as (
    select * from episodes_offered
    union all
    select
        dim_users.user_id,
        popular.episode_id,
        3 as kind,
        'Popular in ' || coalesce(dim_regions.country_name, popular.country) as reason,
        cast(popular.completers as double) as fit,
        cast(null as date) as finished_on
    from dim_users
    inner join popular on dim_users.country = popular.country
    left join dim_regions on dim_users.country = dim_regions.country
),

-- What was begun is no recommendation, be it finished or left.
unheard as (
    select
        *,
        row_number() over (partition by user_id, episode_id order by kind asc, fit desc, reason asc) as offer
    from candidates
    where
        not exists (
            select 1 from heard
            where heard.user_id = candidates.user_id and heard.episode_id = candidates.episode_id
        )
    qualify offer = 1
),

-- Few of a podcast: what follows the newest one finished, oldest first; of one new to the user, the newest.
varied as (
    select
        unheard.*,
        dim_episodes.podcast_id,
        dim_episodes.episode_title,
        dim_episodes.podcast_title,
        row_number() over (
            partition by unheard.user_id, coalesce(dim_episodes.podcast_id, unheard.episode_id)
            order by
                unheard.kind asc,
                case when unheard.finished_on >= dim_episodes.out_on then 1 else 0 end asc,
                case when unheard.kind = 1 then dim_episodes.out_on end asc,
                unheard.fit desc,
                dim_episodes.out_on desc,
                unheard.episode_id asc
        ) as rank_of_podcast
    from unheard
    inner join dim_episodes on unheard.episode_id = dim_episodes.episode_id
    qualify rank_of_podcast <= {{ var('recommendations_per_podcast') }}
),

podcast_recommendations as (
    select
        user_id || '|' || episode_id as episode_key,
        user_id,
        episode_id,
        podcast_id,
        episode_title,
        podcast_title,
        reason,
        row_number() over (
            partition by user_id order by kind asc, rank_of_podcast asc, fit desc, episode_id asc
        ) as rank
    from varied
    qualify rank <= {{ var('podcast_recommendations_per_user') }}
)

select * from podcast_recommendations
