"""One round: new topics and a new lake, faults and deaths while records flow, then quiet, then the judgement."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from tests.chaos.crew import Crew, counted, last_line
from tests.chaos.feed import Diet, feed
from tests.chaos.injector import Injector
from tests.chaos.ledger import Ledger
from tests.chaos.member import Life
from tests.chaos.plan import Plan
from tests.chaos.reader import Reader
from tests.chaos.stage import Stage, mount_small_disk
from tests.chaos.verdict import Verdict, judge

_TICK_SECONDS = 0.02
_DRAIN_SECONDS = 90.0
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
    """The round of `plan` on `stage`, with everything it leaves in `folder`."""

    plan: Plan
    stage: Stage
    context: ForkServerContext
    tell: Callable[[Round], object]
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
        self.injector = Injector(self.stage, self.plan, self.folder / "lake", self.small_disk)
        topics = tuple(self.plan.topics)
        base = Life(self.settings, topics, self.ledger.path, self.folder / "lives" / "0", plant=self.plant)
        self.crew = Crew(self.context, self.plan, base, self.ledger)
        self.crew.allowed += _ALLOWED.get(self.plan.kind, [])
        self.diets = 0

    def run(self) -> Verdict:
        """Everything; Violation when a promise is broken. Leaves no process behind."""
        self.reader.start()
        try:
            self.act(self.plan.records, self.plan.seconds)
            self.drain()
            if self.plan.kind == "retention":
                self.lose_records()
            elif self.plan.kind == "recreate":
                self.replace_topics()
            return self._judge()
        finally:
            self.crew.end()
            self.injector.finish()
            self.reader.close()
            self.ledger.close()

    def start_feed(self, records: int, seconds: float) -> ForkServerProcess:
        """Write `records` within about `seconds`, in a process of its own."""
        self.diets += 1
        volume = self.plan.kind == "volume"
        diet = Diet(
            self.stage.bootstrap,
            self.plan.topics,
            records,
            seconds,
            (self.plan.seed, self.plan.number, 1 + self.diets),
            self.ledger.path,
            self.folder / "lives" / "feed.log",
            aborted=0.0 if self.stage.embedded else 0.01 if volume else 0.08,
            odd=0.001 if volume else 0.03,
            huge=0 if self.stage.embedded else 3,
            batch=20_000 if volume else 200,
        )
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
            time.sleep(_TICK_SECONDS)
        feeder.join()
        if feeder.exitcode:
            raise Violation(f"the feed ended: {last_line(self.folder / 'lives' / 'feed.log')}")

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
        code, line = self.land(_DRAIN_SECONDS * scale, until_end=True, **more)
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
            raise Violation(f"a sink without any fault did not end within {seconds:.0f} s ({member.life.log})")
        return member.process.exitcode, last_line(member.life.log)

    def lose_records(self) -> None:
        """Kafka drops what nobody has landed: the sink says so and stops, or notes the gap and goes on."""
        self._feed_quietly(self.plan.records // 8)
        lost = 0
        for partition in range(self.plan.topics["plays"]):
            low, high = self.stage.ends(self.name, "plays", partition)
            if high - low > 10:
                before = high - (high - low) // 4
                self.stage.delete_records("plays", partition, before)
                lost += before - low
        code, line = self.land(_DRAIN_SECONDS, until_end=True)
        if lost and (code != 1 or not re.search(r"lost the offsets \d+ to \d+ before they were landed", line)):
            raise Violation(f"{lost} records were lost to retention, and the sink ends with {code}: {line}")
        self.gaps += lost
        self.settings["sink_on_gap"] = "record"
        self.act(self.plan.records // 8, self.plan.seconds / 4)
        self.drain()

    def replace_topics(self) -> None:
        """The topics are deleted and made anew, smaller or larger, under sinks that follow them."""
        won = self._won()
        follower = self.crew.start()
        self._feed_quietly(self.plan.records // 10)
        give_up = time.monotonic() + 60
        while self._won() == won:
            if time.monotonic() > give_up:
                raise Violation("a sink without any fault landed nothing within 60 s")
            time.sleep(_TICK_SECONDS)
        self.stage.new_topics(self.plan.topics)
        self._feed_quietly(self.plan.records // 10 if self.plan.seed % 2 else self.plan.records * 2)
        self.crew.awake.remove(follower)
        follower.process.join(60)
        code, line = follower.process.exitcode, last_line(follower.life.log)
        if code != 1:
            raise Violation(f"the topics were replaced, and the sink that followed them ends with {code}: {line}")
        self.act(self.plan.records // 8, self.plan.seconds / 4)
        self.drain()

    def _won(self) -> int:
        return self.ledger.counts().get("fence", {}).get("won", 0)

    def _feed_quietly(self, records: int) -> None:
        feeder = self.start_feed(max(records, 200), 1.0)
        feeder.join(120)
        if feeder.exitcode:
            raise Violation(f"the feed ended: {last_line(self.folder / 'lives' / 'feed.log')}")

    def _judge(self) -> Verdict:
        if odd := self.injector.deliver_late() - {"412", "403"}:
            raise Violation(f"requests delivered after everything had landed were answered {sorted(odd)}")
        least = self.plan.records // 20 if self.plan.kind in {"recreate", "retention"} else self.plan.records // 2
        verdict = judge(self.direct, tuple(self.plan.topics), least=max(least, 100))
        verdict.complaints += self.crew.complaints
        if complaint := self.reader.close():
            verdict.complaints.append(f"the reader saw {complaint}")
        if self.reader.rows != verdict.report.offsets and not verdict.complaints:
            verdict.complaints.append(f"the reader saw {self.reader.rows} rows, the audit {verdict.report.offsets}")
        if verdict.report.gaps < self.gaps:
            verdict.complaints.append(f"{self.gaps} records were lost to retention, {verdict.report.gaps} noted")
        return verdict

    def facts(self, verdict: Verdict) -> Mapping[str, Any]:
        """What the round adds to the totals."""
        found = self.ledger.counts()
        report = verdict.report
        return {
            "rounds": 1,
            "records": report.offsets,
            "stops": counted(found, "stop"),
            "gaps": report.gaps,
            "lost": report.lost,
            "duplicated": report.duplicated,
            "mismatched": report.mismatched,
            "kills": dict(found.get("kill", {})),
            "faults": dict(self.injector.faults()) | _counted(found, "transaction", "aborted"),
            "fences": dict(found.get("fence", {})),
            "replayed": dict(self.injector.replayed),
            "stepped_down": dict(found.get("stepped-down", {})),
        }


def _counted(found: Mapping[str, Mapping[str, int]], kind: str, what: str) -> dict[str, int]:
    times = found.get(kind, {}).get(what, 0)
    return {f"{kind}-{what}": times} if times else {}
