"""One round: new topics and a new lake, faults and deaths while records flow, quiet, and the judgement."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any

from tests.chaos.crew import Crew
from tests.chaos.feed import Diet, feed, manner
from tests.chaos.injector import Injector
from tests.chaos.ledger import Ledger
from tests.chaos.member import Life
from tests.chaos.plan import Plan
from tests.chaos.process import last_line
from tests.chaos.reader import Reader
from tests.chaos.stage import Stage, mount_small_disk
from tests.chaos.verdict import Verdict, judge

TICK_SECONDS = 0.02
DRAIN_SECONDS = 90.0
# What members may say while these faults last.
_ALLOWED = {
    "broker": [r"does not serve", r"did not give", r"is not there"],
    "credentials": [r"refuses these credentials", r"answers 400"],
    "disk": [r"No space left on device", r"File too large"],
}


class Violation(Exception):  # noqa: N818
    """The round broke a promise: its text says which."""


@dataclass
class Round:
    """The round of `plan` on `stage`, with everything it leaves in `folder`.

    `late`: what the proxy keeps is not delivered again in this round.
    """

    plan: Plan
    stage: Stage
    context: ForkServerContext
    tell: Callable[[Round], object]
    late: bool = False
    plant: str = ""
    gaps: int = 0

    def __post_init__(self) -> None:
        self.name = f"round-{self.plan.number:05d}"
        self.folder = self.stage.folder / self.name
        (self.folder / "lives").mkdir(parents=True)
        self.stage.new_topics(self.plan.topics)
        self.ledger = Ledger(self.folder / "ledger")
        lake, through, direct, glob = self.stage.lake(self.plan, self.name)
        self.small_disk = self.plan.kind == "disk" and mount_small_disk(self.folder / "lake")
        common = {"kafka_bootstrap": self.stage.bootstrap, "sink_name": self.name, "lake": lake}
        own = {**self.plan.settings, "sink_group_protocol": self.plan.protocol}
        self.settings = {**common, **own, **through}
        self.direct = {**common, **direct, "sink_kafka_seconds": 30.0}
        self.reader = Reader(glob)
        self.injector = Injector(self.stage, self.plan, self.folder / "lake", self.small_disk, self.late)
        topics = tuple(self.plan.topics)
        log, messages = self.folder / "lives" / "0", self.plan.messages
        base = Life(self.settings, topics, self.ledger.path, log, plant=self.plant, messages=messages)
        self.crew = Crew(self.context, self.plan, base, self.ledger)
        self.crew.allowed += _ALLOWED.get(self.plan.kind, [])
        self.diets = 0

    def run(self, *scenes: Callable[[Round], None]) -> Verdict:
        """Everything, with `scenes` after the first quiet; Violation when a promise is broken.

        Leaves no process behind.
        """
        self.reader.start()
        try:
            self.act(self.plan.records, self.plan.seconds)
            self.drain()
            for scene in scenes:
                scene(self)
            return self._judge()
        finally:
            self.crew.end()
            self.injector.finish()
            self.reader.close()
            self.ledger.close()

    def start_feed(self, records: int, seconds: float) -> ForkServerProcess:
        """Write `records` within about `seconds`, in a process of its own."""
        self.diets += 1
        seed = self.plan.seed, self.plan.number, 1 + self.diets
        log = self.folder / "lives" / "feed.log"
        more = manner(self.plan, embedded=self.stage.embedded)
        places = self.stage.bootstrap, self.plan.topics
        diet = Diet(*places, records, seconds, seed, self.ledger.path, log, **more)
        process = self.context.Process(target=feed, args=(diet,), daemon=True)
        process.start()
        return process

    def act(self, records: int, seconds: float) -> None:
        """Records, faults and deaths together, until all are written and the time is over."""
        feeder = self.start_feed(records, seconds)
        over = time.monotonic() + seconds
        give_up = over + 120 + records / 20_000
        while feeder.is_alive() or time.monotonic() < over or self.injector.occupied:
            self.injector.tick()
            self.crew.base = replace(self.crew.base, full=self.injector.full)
            self.crew.tick()
            self.check()
            self.tell(self)
            if time.monotonic() > give_up:
                feeder.kill()
                raise Violation(f"{records} records could not be written within {seconds + 120:.0f} s")
            time.sleep(TICK_SECONDS)
        feeder.join()
        self._fed(feeder)

    def check(self) -> None:
        """Stop at the first thing that is wrong."""
        if self.crew.complaints:
            raise Violation("; ".join(self.crew.complaints))
        if self.reader.complaint:
            raise Violation(f"the reader saw {self.reader.complaint}")

    def drain(self, **more: Any) -> None:
        """End the faults and the crew, half of it in good order, and let one member land what is left."""
        self.injector.finish()
        self.crew.end(3.0 if self.plan.number % 2 else 0.0)
        self.check()
        scale = 1 + self.plan.records / 1_000_000
        code, line = self.land(DRAIN_SECONDS * scale, until_end=True, **more)
        if code != 0:
            raise Violation(f"nothing is wrong any more, and a sink still ends with {code}: {line}")
        self.check()

    def land(self, seconds: float, **more: Any) -> tuple[int | None, str]:
        """One member's life to its own end: exit code and last line."""
        settings = {**self.settings, "s3_deadline_seconds": 20.0, "sink_put_seconds": 60}
        settings |= more.pop("settings", {})
        member = self.crew.start(settings=settings, full=False, **more)
        self.crew.awake.remove(member)
        member.process.join(seconds)
        if member.process.is_alive():
            member.process.kill()
            raise Violation(f"a sink with no fault did not end within {seconds:.0f} s ({member.life.log})")
        return member.process.exitcode, last_line(member.life.log)

    def feed_quietly(self, records: int) -> None:
        """Write `records`, and wait until they are written."""
        feeder = self.start_feed(max(records, 200), 1.0)
        feeder.join(120)
        self._fed(feeder)

    def _fed(self, feeder: ForkServerProcess) -> None:
        if feeder.exitcode:
            raise Violation(f"the feed ended: {last_line(self.folder / 'lives' / 'feed.log')}")

    def _judge(self) -> Verdict:
        if odd := self.injector.deliver_late() - {"412", "403"}:
            raise Violation(f"requests delivered after everything had landed were answered {sorted(odd)}")
        part = 20 if self.plan.kind in {"recreate", "retention"} else 2
        verdict = judge(self.direct, tuple(self.plan.topics), least=max(self.plan.records // part, 100))
        verdict.complaints += self.crew.complaints
        if complaint := self.reader.close():
            verdict.complaints.append(f"the reader saw {complaint}")
        seen, rows, noted = self.reader.rows, verdict.report.offsets, verdict.report.gaps
        if seen != rows and not verdict.complaints:
            verdict.complaints.append(f"the reader saw {seen} rows, the audit {rows}")
        if noted < self.gaps:
            verdict.complaints.append(f"{self.gaps} records were lost to retention, {noted} noted")
        return verdict

    def facts(self, verdict: Verdict) -> Mapping[str, Any]:
        """What the round adds to the totals."""
        found = self.ledger.counts()
        report = verdict.report
        aborted = self.ledger.count("transaction", "aborted")
        return {
            "rounds": 1,
            "records": report.offsets,
            "stops": self.ledger.count("stop"),
            "gaps": report.gaps,
            "lost": report.lost,
            "duplicated": report.duplicated,
            "mismatched": report.mismatched,
            "kills": dict(found.get("kill", {})),
            "faults": {**self.injector.faults(), **({"transaction-aborted": aborted} if aborted else {})},
            "fences": dict(found.get("fence", {})),
            "replayed": dict(self.injector.replayed),
            "stepped_down": dict(found.get("stepped-down", {})),
        }
