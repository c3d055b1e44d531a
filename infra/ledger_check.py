"""Hold the warehouse against what was produced: the ledger of planted defects, and import receipts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from consumer.store import store_for
from contracts.lake import RECEIPTS
from contracts.settings import Settings

# A refused row is known by its topic, its code and the hash of its bytes; two may be planted alike.
_REFUSED = """
    select topic, error_codes as code, sha256(coalesce(payload, '')) as digest, count(*) as events
    from silver.silver_rejected_events
    where error_codes not like 'import_%' and coalesce(source, 'simulator') = 'simulator'
    group by all
"""
_PLANTED = """
    select topic, expected_code as code, payload_sha256 as digest, count(*) as events
    from read_parquet($ledger) where expected_code is not null group by all
"""
_MATCH = f"""
    with refused as ({_REFUSED}), planted as ({_PLANTED})
    select
        code,
        coalesce(sum(planted.events), 0)::bigint,
        coalesce(sum(least(coalesce(planted.events, 0), coalesce(refused.events, 0))), 0)::bigint,
        coalesce(sum(refused.events), 0)::bigint
    from planted full join refused using (topic, code, digest)
    group by code order by code
"""  # noqa: S608 - constants only

# Their accepted rows become files in landing/, not events.
_LANDING_KINDS = ("podcast_episodes", "podcast_downloads")

_COUNTS = """
    select sum(landed), sum(accepted), sum(rejected),
        (select count(*) from gold.fct_plays), (select count(*) filter (is_stream) from gold.fct_plays)
    from gold.pipeline_freshness
"""


@dataclass(frozen=True)
class RuleCheck:
    """One rule: events planted for it, those of them that it refused, all that it refused."""

    code: str
    planted: int
    found: int
    refused: int

    @property
    def recall(self) -> float:
        """Share of the planted events that the rule refused; 1 where none was planted."""
        return self.found / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        """Share of the events it refused that were planted for it; 1 where it refused none."""
        return self.found / self.refused if self.refused else 1.0


@dataclass(frozen=True)
class Check:
    """Events produced; refusals planted; those of them found with their code; refusals nobody planted."""

    produced: int
    planted: int
    found: int
    invented: int


def warehouse_counts(warehouse: Path) -> dict[str, int]:
    """Rows landed, accepted and rejected, plays and streams, as the warehouse has them."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        row = connection.execute(_COUNTS).fetchone()
    names = ("landed", "accepted", "rejected", "plays", "streams")
    return dict(zip(names, map(int, row or ()), strict=True))


def _imported(settings: Settings) -> int:
    """Rows that finished imports published, by their receipts; not what went to landing/ instead."""
    store = store_for(settings.lake)
    receipts = [json.loads(store.get(key) or b"{}") for key in store.list(f"{RECEIPTS}/")]
    return sum(
        receipt["rejected"] if receipt["kind"] in _LANDING_KINDS else receipt["rows_in"]
        for receipt in receipts
    )


def check_rules(warehouse: Path, ledger: Path) -> list[RuleCheck]:
    """Per rule, the refused rows held against the planted ones, by topic, code and bytes."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(_MATCH, {"ledger": str(ledger)}).fetchall()
    return [RuleCheck(*row) for row in rows]


def check_ledger(settings: Settings, ledger: Path, simulated: Path) -> Check:
    """All rules together, with what was produced."""
    rules = check_rules(settings.warehouse, ledger)
    produced = json.loads(simulated.read_text())["produced"] + _imported(settings)
    return Check(
        produced,
        planted=sum(rule.planted for rule in rules),
        found=sum(rule.found for rule in rules),
        invented=sum(rule.refused - rule.found for rule in rules),
    )
