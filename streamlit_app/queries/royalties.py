"""What was earned, line by line, and what reconciliation found. All of it is money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

import polars as pl

from streamlit_app.snapshot import Snapshot

# Names for people; what a statement leaves out is said to be unknown, and never dropped.
_LINES = """with lines as (
    select royalties.*, coalesce(store, platform) as store_name,
        lower(coalesce(store, platform)) as store_key,
        coalesce(country_name, country, 'Unknown') as country_name,
        coalesce(releases.release_title, royalties.release_title, track_title, 'Unknown') as release_name,
        coalesce(release_id, 'none') as release_key, coalesce(country, 'none') as country_key,
        coalesce(recording_id, 'none') as track_key, coalesce(track_title, 'The whole release') as track_name,
        coalesce(if($by = 'paid', paid_month, earned_month), earned_month, paid_month, $last) as told_month
    from gold.fct_royalties as royalties
    left join gold.dim_releases as releases using (release_id)
    left join gold.dim_regions using (country)
), chosen as (
    select * from lines where told_month between $first and $last
        and ($store = 'all' or store_key = $store) and ($country = 'all' or country_key = $country)
        and ($release = 'all' or release_key = $release)
)
"""


@dataclass(frozen=True)
class Share:
    """Which lines: months by `by` (earned or paid), and one store, country and release, or all."""

    first: date
    last: date
    by: str = "earned"
    store: str = "all"
    country: str = "all"
    release: str = "all"


def span(snapshot: Snapshot, by: str) -> Mapping[str, object]:
    """first_month, last_month of any line by `by` (earned or paid), currency of sums; null without lines."""
    return snapshot.row(
        """select min(month) as first_month, max(month) as last_month,
               (select max(report_currency) from gold.dim_kpis) as currency
           from (
               select coalesce(if($by = 'paid', paid_month, earned_month), earned_month, paid_month) as month
               from gold.fct_royalties
           )""",
        by=by,
    )


def _asked(snapshot: Snapshot, share: Share, rest: str, **more: object) -> pl.DataFrame:
    return snapshot.frame(_LINES + rest, **asdict(share), **more)


def totals(snapshot: Snapshot, share: Share) -> Mapping[str, object]:
    """net, gross, units, lines, unmatched_lines, doubled, wrong_splits, lines_without_rate."""
    return _asked(
        snapshot,
        share,
        """select coalesce(sum(net_converted), 0)::decimal(28, 6) as net,
               sum(gross_converted)::decimal(28, 6) as gross, coalesce(sum(quantity), 0)::bigint as units,
               count(*) as lines, count(*) filter (match_rule = 'none') as unmatched_lines,
               coalesce(sum(net_converted) filter (is_paid_twice), 0)::decimal(28, 6) as doubled,
               count(*) filter (is_wrong_split) as wrong_splits,
               count(*) filter (net_converted is null and net_amount is not null) as lines_without_rate
           from chosen""",
    ).row(0, named=True)


def by_month(snapshot: Snapshot, share: Share, many: int = 6) -> pl.DataFrame:
    """month, month_name, store_name (the `many` that pay most, then Other), place, net; by month."""
    return _asked(
        snapshot,
        share,
        """, places as (
               select store_key, any_value(store_name) as name,
                   row_number() over (order by sum(net_converted) desc nulls last, store_key) as place
               from chosen group by store_key
           )
           select told_month as month, strftime(told_month, '%b %Y') as month_name,
               if(place <= $many, name, 'Other') as store_name, least(place, $many + 1) as place,
               sum(net_converted)::decimal(28, 6) as net
           from chosen join places using (store_key) group by all order by month, place""",
        many=many,
    )


def earners(snapshot: Snapshot, share: Share, of: str) -> pl.DataFrame:
    """key, name, net, gross, units, lines per `of` (store, country, release or track), most earned first."""
    return _asked(
        snapshot,
        share,
        """select case $of when 'store' then store_key when 'country' then country_key
                   when 'track' then track_key else release_key end as key,
               case $of when 'store' then min(store_name) when 'country' then min(country_name)
                   when 'track' then min(track_name) else min(release_name) end as name,
               sum(net_converted)::decimal(28, 6) as net, sum(gross_converted)::decimal(28, 6) as gross,
               sum(quantity)::bigint as units, count(*) as lines
           from chosen group by key order by net desc nulls last, name""",
        of=of,
    )


def lines(snapshot: Snapshot, share: Share, most: int = 1000) -> pl.DataFrame:
    """The statement lines themselves, greatest amounts first: file, line number, hash, what and how much."""
    return _asked(
        snapshot,
        share,
        """, files as (
               select report_id, min(file_name) as file_name from gold.report_statements group by report_id
           )
           select told_month as month, earned_month, paid_month, store_name, country_name, artist_name,
               track_title, release_name, isrc, sale_type,
               quantity, net_amount, currency, net_converted, gross_converted,
               share_percent, agreed_share_percent, is_paid_twice, is_wrong_split, match_rule, file_name,
               line_number, line_hash
           from chosen left join files using (report_id)
           order by abs(net_converted) desc nulls last, file_name, line_number limit $most""",
        most=most,
    )


def reconciliation(snapshot: Snapshot, share: Share) -> pl.DataFrame:
    """Per store and month, newest first: reported streams × usual rate against paid, and the finding."""
    return snapshot.frame(
        """with stores as (
               select lower(store) as store_key, min(store) as store_name from gold.fct_royalties
               where store is not null group by all
           )
           select earned_month, strftime(earned_month, '%b %Y') as month_name, store_key,
               coalesce(store_name, store_key) as store_name, finding, reported_streams, paid_quantity,
               expected_amount, net_converted, missing_amount, doubled_lines, doubled_amount,
               wrong_split_lines, split_difference, refunded_amount, lines_without_rate, payout_lag_days
           from gold.royalty_reconciliation left join stores using (store_key)
           where earned_month between $first and $last and ($store = 'all' or store_key = $store)
           order by earned_month desc, abs(missing_amount) desc nulls last, store_key""",
        first=share.first,
        last=share.last,
        store=share.store,
    )


def unmatched(snapshot: Snapshot, most: int = 1000) -> pl.DataFrame:
    """Lines that were refused, or have no known track: file, line, why, and what they say."""
    return snapshot.frame(
        """select file_name, line_number, reason, store, artist_name, track_title, release_title, item_id,
               net_amount, platform, report_kind
           from gold.unmatched_report_lines order by reason, file_name, line_number limit $most""",
        most=most,
    )
