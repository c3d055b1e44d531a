"""What an audit finds wrong, and the sum of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

_KEPT = 100  # findings shown; the counts go on
_PLACE = ("partition", "offset", "through")  # where 0 is a value, not an absence

# Every code an audit can give, and what it means to a person.
CODES = {
    "row_missing": "records that Kafka delivered, or a fence decided, and no object holds",
    "object_missing": "a fence's data object is not there",
    "row_duplicated": "offsets that more than one row holds",
    "row_altered": "a row that is not what Kafka holds at its offset",
    "row_unknown": "a row at an offset where Kafka holds nothing",
    "row_misplaced": "a row outside its object's range, topic or partition",
    "row_order": "rows that are not in offset order",
    "row_misjudged": "a row that is typed and has an error, or neither",
    "count_wrong": "an object with another number of rows than its fence decided",
    "hash_wrong": "rows whose hash is not the one their fence decided",
    "stamp_wrong": "an object whose metadata or footer disagrees with its fence",
    "times_wrong": "timestamps that are not between those of the fence",
    "object_unreadable": "not a Parquet object with the record's columns",
    "object_without_fence": "an object that no fence decided: readers see it",
    "fence_missing": "offsets between two fences that no fence covers",
    "fence_overlap": "a fence that begins before the one before it ends",
    "fence_unreadable": "not a fence, or gone while it was read",
    "fence_inconsistent": "a fence that contradicts itself or its own key",
    "hour_backwards": "a fence whose hour is before that of the one before it",
    "second_sink": "two sinks landed the same partition",
    "committed_beyond_tail": "Kafka was told of records that the lake does not have",
    "manifest_unreadable": "not a manifest, or gone while it was read",
    "manifest_wrong": "a manifest that names what no fence decided, or what another names already",
    "compacted_missing": "a compacted object that a manifest names is not there",
    "compacted_wrong": "compacted rows that are not those of the objects they replace",
    "kafka_ends_before_tail": "Kafka holds less than the lake: the topic was truncated",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong; `amount` counts the records, rows or objects that are.

    `offset` to `through` are the offsets concerned; None when it is not about offsets.
    """

    code: str
    detail: str
    topic: str = ""
    partition: int | None = None
    offset: int | None = None
    through: int | None = None
    key: str = ""
    amount: int = 1


@dataclass
class Report:
    """The sums of an audit.

    `lost` records, `duplicated` rows and `mismatched` rows or objects are violations. `offsets` are the
    distinct ones found in the lake, `compared` those of them held against Kafka; `gaps` the offsets that
    fences say hold no record; `pending` the records Kafka has beyond the lake's ends. `compacted` are the
    rows found in compacted objects, too; `archived` the objects that left bronze by policy; `orphans` the
    compacted objects that no manifest names: nobody reads them, `backbeat lake compact` removes them.
    """

    lost: int = 0
    duplicated: int = 0
    mismatched: int = 0
    offsets: int = 0
    compared: int = 0
    objects: int = 0
    chains: int = 0
    gaps: int = 0
    pending: int = 0
    compacted: int = 0
    archived: int = 0
    orphans: int = 0
    violations: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.violations

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it if it is among the first."""
        if finding.code not in CODES:
            raise ValueError(f"{finding.code} is not a finding's code")
        self.violations += 1
        if finding.code == "row_missing":
            self.lost += finding.amount
        elif finding.code == "row_duplicated":
            self.duplicated += finding.amount
        else:
            self.mismatched += finding.amount
        if len(self.findings) < _KEPT:
            self.findings.append(finding)

    def codes(self) -> set[str]:
        """The codes among the kept findings."""
        return {finding.code for finding in self.findings}

    def summary(self) -> dict[str, Any]:
        """Everything by name, each finding without what does not concern it."""
        found = asdict(self)
        found["findings"] = [
            {name: value for name, value in finding.items() if value or (value == 0 and name in _PLACE)}
            for finding in found["findings"]
        ]
        return found


@dataclass(frozen=True)
class Notes:
    """The report's page on one partition."""

    report: Report
    topic: str
    partition: int

    def add(
        self, code: str, detail: str, *, run: tuple[int, int] | None = None, key: str = "", amount: int = 1
    ) -> None:
        """Report something about the offsets `run` (both included), the object or fence at `key`, or both."""
        offset, through = run or (None, None)
        self.report.add(
            Finding(code, detail, self.topic, self.partition, offset, through, key, amount=amount)
        )
