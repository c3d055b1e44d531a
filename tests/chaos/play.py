"""A run: round after round until enough, its totals, and what to do when a promise was broken."""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from tests.chaos.late import Late
from tests.chaos.losses import lose_records, replace_topics
from tests.chaos.member import server
from tests.chaos.plan import Plan, plan_of
from tests.chaos.plants import PLANTS
from tests.chaos.round import Round, Violation
from tests.chaos.stage import Stage
from tests.chaos.totals import added, append, empty, summed

_EVERY_SECONDS = 5.0
_SCENES: dict[str, tuple[Callable[[Round], None], ...]] = {
    "retention": (lose_records,),
    "recreate": (replace_topics,),
}


class Play:
    """The run that the command line `chosen` asks for."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.embedded = chosen.tier == "embedded"
        self.total = empty()
        self.audited: list[tuple[int, float]] = []
        self.late: Late | None = None
        self._context = server()
        self._started = self._told = time.monotonic()
        if chosen.plant and chosen.plant not in PLANTS:
            sys.exit(f"--plant {chosen.plant}: there are {', '.join(PLANTS)}")

    def run(self) -> int:
        """0 when all went well, 1 when a promise was broken."""
        chosen = self.chosen
        nodes = chosen.nodes or (1 if chosen.short or self.embedded else 2)
        importing = self._context.Process(target=int)  # the server that lives are forked from starts now
        importing.start()
        say(f"chaos: seed {chosen.seed}, {chosen.tier}, {nodes} node(s), in {chosen.folder}")
        with Stage(chosen.folder, embedded=self.embedded, nodes=nodes) as stage:
            say(f"servers up after {self.elapsed:.0f} s, Kafka at {stage.bootstrap or 'each round'}")
            importing.join()
            number = chosen.first
            while self._more(number):
                if complaint := self._round(stage, number):
                    self._broken(number, complaint)
                    return 1
                number += 1
            if self.late:
                if complaint := self.late.deliver(say):
                    self._broken(self.late.number, complaint)
                    return 1
                self.total = added(self.total, {"replayed": self.late.answers})
        self._finish()
        return 0

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def _more(self, number: int) -> bool:
        chosen = self.chosen
        done: int = number - chosen.first
        if chosen.minutes and self.elapsed > 60 * chosen.minutes:
            return False
        rounds: int = chosen.rounds or (sys.maxsize if chosen.minutes else 2 if chosen.short else 20)
        return done < rounds

    def _round(self, stage: Stage, number: int) -> str:
        """Play one; the complaint, empty when there is none."""
        chosen = self.chosen
        plan, late = self._plan(number)
        started = time.monotonic()
        played = Round(plan, stage, self._context, self._tell, late=late, plant=chosen.plant)
        try:
            verdict = played.run(*_SCENES.get(plan.kind, ()))
        except Violation as violation:
            return f"{plan.title}: {violation}"
        except Exception:  # whatever it was: the lake and the logs are kept for a look
            return f"{plan.title}: {traceback.format_exc()}"
        facts = {**played.facts(verdict), "seconds": time.monotonic() - started}
        self.total = added(self.total, facts)
        self.audited.append((verdict.report.offsets, verdict.seconds))
        self._sum_up(plan, facts, verdict.rate)
        if verdict.complaints:
            return f"{plan.title}: " + "; ".join(verdict.complaints)
        if late:
            self.late = Late(played, chosen.late)
        else:
            stage.forget(played.name)
        return ""

    def _plan(self, number: int) -> tuple[Plan, bool]:
        """The round's plan, and whether it is the one whose requests come again much later."""
        chosen = self.chosen
        plan = self._drawn(number, 0)
        if not chosen.late or self.late or (plan.kind, plan.store) != ("rivals", "s3"):
            return plan, False
        return self._drawn(number, chosen.late), True

    def _drawn(self, number: int, replay_seconds: int) -> Plan:
        return plan_of(
            self.chosen.seed,
            number,
            embedded=self.embedded,
            short=self.chosen.short,
            records=self.chosen.records,
            replay_seconds=replay_seconds,
        )

    def _tell(self, played: Round) -> None:
        """A line every few seconds."""
        if time.monotonic() - self._told < _EVERY_SECONDS:
            return
        self._told = time.monotonic()
        ledger = played.ledger
        deaths = f"{ledger.count('kill')} kills, {ledger.count('stop')} stops"
        fences, rows = ledger.count("fence", "won"), played.reader.rows
        say(f"  {played.name} {played.plan.title}: {deaths}, {fences} fences, {rows:,} rows seen")

    def _sum_up(self, plan: Plan, facts: Mapping[str, Any], rate: int) -> None:
        kills, all_kills = sum(facts["kills"].values()), sum(self.total["kills"].values())
        wrong = ", ".join(f"{facts[name]} {name}" for name in ("gaps", "lost", "duplicated", "mismatched"))
        say(
            f"round {plan.number} ({plan.title}): {facts['records']:,} records, {kills} kills, "
            f"{facts['stops']} stops, {wrong} in {facts['seconds']:.0f} s, audited at {rate:,} rows/s; "
            f"in all {all_kills:,} kills, {self.total['records']:,} records, "
            f"{60 * all_kills / self.elapsed:.0f} kills a minute"
        )

    def _broken(self, number: int, complaint: str) -> None:
        chosen = self.chosen
        more = "".join(
            f" --{name} {value}"
            for name, value in (("records", chosen.records), ("plant", chosen.plant), ("tier", chosen.tier))
            if value
        )
        short = " --short" if chosen.short else ""
        say(f"BROKEN: {complaint}")
        say(f"seed {chosen.seed}, round {number}; the lake, Kafka's log and all logs are in {chosen.folder}")
        say(f"again: python -m tests.chaos --seed {chosen.seed} --first {number} --rounds 1{more}{short}")

    def _finish(self) -> None:
        chosen = self.chosen
        rows, seconds = (sum(column) for column in zip((0, 1e-6), *self.audited, strict=True))
        run = {
            "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seed": chosen.seed,
            "first": chosen.first,
            "tier": chosen.tier,
            "versions": versions(),
            **self.total,
            "seconds": round(self.elapsed, 1),
            "audit_rows_per_second": round(rows / seconds),
        }
        if not chosen.no_results and not chosen.plant:
            totals = append(chosen.results, run)
            kills, records = totals["kills_in_all"], totals["records"]
            say(f"{chosen.results}: {kills:,} kills, {records:,} records in all runs")
        shutil.rmtree(chosen.folder, ignore_errors=True)
        say(json.dumps({**run, "kills_in_all": summed([run])["kills_in_all"]}))


def say(line: str) -> None:
    """One line, at once."""
    print(line, flush=True)  # noqa: T201


def versions() -> dict[str, str]:
    """Of what was played with."""
    names = ("confluent-kafka", "pyarrow", "boto3")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
