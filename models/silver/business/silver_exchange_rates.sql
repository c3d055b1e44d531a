with

exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

-- A rate holds until the next; the first of a currency for all that is older.
silver_exchange_rates as (
    select
        currency || '|' || cast(valid_from as varchar) as rate_key,
        currency,
        rate,
        case
            when row_number() over (partition by currency order by valid_from) = 1
                then cast('1900-01-01' as date)
            else valid_from
        end as valid_from,
        coalesce(
            lead(valid_from) over (partition by currency order by valid_from), cast('2999-01-01' as date)
        ) as valid_until
    from exchange_rates
)

select * from silver_exchange_rates
