"""What a round is judged by: the audit with the broker as oracle, the reader, the ends of the members."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from consumer.audit.finding import Report
from consumer.audit.run import audit
from consumer.settings import SinkSettings

_GRACE_SECONDS = 1.0


@dataclass
class Verdict:
    """Empty `complaints`: nothing was lost, doubled or altered, and the round got somewhere."""

    report: Report
    seconds: float
    complaints: list[str] = field(default_factory=list)

    @property
    def rate(self) -> int:
        """Rows audited per second."""
        return round(self.report.offsets / max(self.seconds, 1e-6))


def judge(settings: Mapping[str, Any], topics: Collection[str], *, least: int) -> Verdict:
    """Audit a lake that nobody writes to any more; fewer than `least` rows compared is a complaint too."""
    started = time.monotonic()
    report = audit(SinkSettings(_env_file=None, **settings), topics, complete=True, grace=_GRACE_SECONDS)
    verdict = Verdict(report, time.monotonic() - started)
    if not report.clean:
        sums = f"{report.lost} lost, {report.duplicated} duplicated, {report.mismatched} mismatched"
        verdict.complaints.append(f"the audit finds {sums}: {sorted(report.codes())}")
        verdict.complaints += [
            f"{each.code} {each.topic}/{each.partition} from {each.offset} {each.key}: {each.detail}"
            for each in report.findings[:10]
        ]
    if report.compared < least:
        verdict.complaints.append(f"only {report.compared} rows could be compared, not {least}: it stalled")
    return verdict
