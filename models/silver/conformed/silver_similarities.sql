with

{% if learns_influences() -%}
silver_similarities as (
    select * from {{ ref('silver_paired_tracks') }}
)
{%- else -%}
silver_tastes as (
    select * from {{ ref('silver_tastes') }}
),

norms as (
    select
        track_key,
        sqrt(cast(sum(weight * weight) as double)) as norm
    from silver_tastes
    group by track_key
),

pairs as (
    select
        one.track_key as one_key,
        other.track_key as other_key,
        count(*) as listeners_together,
        cast(sum(one.weight * other.weight) as double) as product
    from silver_tastes as one
    inner join silver_tastes as other
        on
            one.user_id = other.user_id
            and one.track_key < other.track_key
    group by one.track_key, other.track_key
    having count(*) >= 2
),

-- Cosine, shrunk: what two listeners share proves little, what a hundred share proves a taste.
scored as (
    select
        pairs.*,
        round(
            pairs.product / (one_norms.norm * other_norms.norm)
            * pairs.listeners_together / (pairs.listeners_together + {{ var('similarity_shrinkage') }}),
            6
        ) as similarity
    from pairs
    inner join norms as one_norms on pairs.one_key = one_norms.track_key
    inner join norms as other_norms on pairs.other_key = other_norms.track_key
),

both_ways as (
    select
        one_key as track_key,
        other_key as similar_track_key,
        listeners_together,
        similarity
    from scored
    union all
    select
        other_key as track_key,
        one_key as similar_track_key,
        listeners_together,
        similarity
    from scored
),

silver_similarities as (
    select
        track_key || '|' || similar_track_key as similarity_key,
        *,
        row_number() over (partition by track_key order by similarity desc, similar_track_key asc) as rank
    from both_ways
    qualify rank <= {{ var('similar_tracks_kept') }}
)
{%- endif %}

select * from silver_similarities
