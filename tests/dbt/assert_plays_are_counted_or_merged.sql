-- In = counted + merged: no play is lost by merging, none counts twice, each is merged with one that counts.
with

merged as (
    select
        merged.event_id,
        merged.winner_event_id,
        merged.source,
        counted.source as counted_source,
        counted.user_id = merged.user_id as is_theirs
    from {{ ref('silver_merged_plays') }} as merged
    left join {{ ref('fct_plays') }} as counted on merged.winner_event_id = counted.event_id
),

totals as (
    select
        (select count(case when is_accepted then 1 end) from {{ ref('silver_plays_validated') }}) as accepted,
        (select count(*) from {{ ref('fct_plays') }}) as counted,
        (select count(*) from merged) as merged
)

select
    'plays' as problem,
    cast(accepted - counted - merged as varchar) as place
from totals
where accepted <> counted + merged
union all
select
    'merged with none that counts, or of the same source' as problem,
    event_id as place
from merged
where is_theirs is distinct from true or source = counted_source
union all
select
    'merged with two plays of one source' as problem,
    winner_event_id as place
from merged
group by winner_event_id, source
having count(*) > 1
