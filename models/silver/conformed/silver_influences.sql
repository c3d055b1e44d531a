{%- set learned = learns_influences() -%}
with

{% if learned -%}
    silver_learned_influences as (
        select * from {{ ref('silver_learned_influences') }}
    ),

    told as (
        select
            track_key,
            influencing_track_key,
            influence
        from silver_learned_influences
    ),
{%- else -%}
    silver_similarities as (
        select * from {{ ref('silver_similarities') }}
    ),

    told as (
        select
            track_key,
            similar_track_key as influencing_track_key,
            similarity * {{ var('influence_of_similarity') }} as influence
        from silver_similarities
    ),
{%- endif %}

silver_influences as (
    select
        influencing_track_key || '|' || track_key as influence_key,
        influencing_track_key,
        track_key,
        -- Whole numbers: their sums do not depend on the order of adding.
        cast(round(100000 * influence) as bigint) as influence,
        row_number() over (
            partition by influencing_track_key order by influence desc, track_key asc
        ) as influence_rank
    from told
    qualify influence_rank <= {{ var('influences_used') }}
)

select * from silver_influences
