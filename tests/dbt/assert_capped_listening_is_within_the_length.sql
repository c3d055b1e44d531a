-- The capped rate is the one that is shown: above 1 it would be no share.
select
    through_key,
    listen_through_rate_capped
from {{ ref('listen_through_by_country') }}
where listen_through_rate_capped > 1 or listened_ms_capped > listened_ms
