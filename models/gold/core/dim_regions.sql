with

countries as (
    select * from {{ ref('countries') }}
),

dim_regions as (
    select
        country,
        country_name,
        region,
        numeric_code
    from countries
)

select * from dim_regions
