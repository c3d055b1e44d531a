with

kpi_definitions as (
    select * from {{ ref('kpi_definitions') }}
),

kpi_targets as (
    select * from {{ ref('kpi_targets') }}
),

dim_kpis as (
    select
        kpi_definitions.kpi,
        kpi_definitions.title,
        kpi_definitions.formula,
        kpi_definitions.unit,
        kpi_definitions.grain,
        kpi_definitions.over_time,
        kpi_definitions.better,
        kpi_definitions.kpi_source,
        kpi_definitions.caveat,
        kpi_targets.target,
        case when kpi_definitions.unit = 'currency' then '{{ var("report_currency") }}' end as report_currency
    from kpi_definitions
    left join kpi_targets on kpi_definitions.kpi = kpi_targets.kpi
)

select * from dim_kpis
