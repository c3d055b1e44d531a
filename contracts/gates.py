"""The gates between the lake's zones: landing → bronze → silver → gold → archive.

A gate is a list of rules. Each says what it expected and what it found; one that is broken stops the flow
with a sentence. What became of each is written down beside the warehouse (`warehouse.duckdb.gates.jsonl`),
where every room finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from contracts.errors import BackbeatError
from contracts.json_lines import add_lines, read_lines

LANDING_BRONZE = "landing→bronze"
BRONZE_SILVER = "bronze→silver"
SILVER_GOLD = "silver→gold"
GOLD_ARCHIVE = "gold→archive"
GATES = (LANDING_BRONZE, BRONZE_SILVER, SILVER_GOLD, GOLD_ARCHIVE)
_KEPT = 2_000


@dataclass(frozen=True)
class Verdict:
    """What one rule of a gate found. `rule` is counts, schema, freshness or rules; `at` is ISO, UTC."""

    gate: str
    rule: str
    expected: str
    found: str
    passed: bool
    at: str = ""

    @property
    def sentence(self) -> str:
        """Gate, rule, expected and found in a sentence."""
        return f"gate {self.gate}: {self.found}; expected: {self.expected} ({self.rule})"


def settle(warehouse: Path, verdicts: Sequence[Verdict]) -> None:
    """Write the verdicts down, then raise BackbeatError with the sentences of those that did not pass."""
    record(warehouse, verdicts)
    if broken := [one.sentence for one in verdicts if not one.passed]:
        raise BackbeatError("; ".join(broken))


def record(warehouse: Path, verdicts: Sequence[Verdict]) -> None:
    """Write the verdicts down, as of now."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    add_lines(journal(warehouse), [asdict(one) | {"at": now} for one in verdicts], _KEPT)


def recorded(warehouse: Path) -> list[Verdict]:
    """Every verdict that is written down, oldest first."""
    return [Verdict(**fields) for fields in read_lines(journal(warehouse))]


def newest(warehouse: Path) -> list[Verdict]:
    """The last verdict of each rule, gate by gate."""
    last = {(one.gate, one.rule): one for one in recorded(warehouse)}
    return [one for gate in GATES for one in last.values() if one.gate == gate]


def passed_at(warehouse: Path, gate: str) -> datetime | None:
    """When everything last passed that gate; None: never, or the last time it did not."""
    last = [one for one in newest(warehouse) if one.gate == gate]
    if not last or not all(one.passed for one in last):
        return None
    return datetime.fromisoformat(max(one.at for one in last))


def require_passed(warehouse: Path, gate: str, after: datetime | None = None) -> None:
    """BackbeatError where the gate's last verdict was against it, or, with `after`, is not of later."""
    if broken := [one for one in newest(warehouse) if one.gate == gate and not one.passed]:
        raise BackbeatError(broken[0].sentence)
    moment = passed_at(warehouse, gate)
    if after is not None and (moment is None or moment <= after):
        when = f"{after:%Y-%m-%d %H:%M} UTC"
        raise BackbeatError(f"gate {gate}: not passed since {when}: `backbeat refresh` first")


def journal(warehouse: Path) -> Path:
    """The file of the verdicts on `warehouse`."""
    return warehouse.with_name(f"{warehouse.name}.gates.jsonl")
