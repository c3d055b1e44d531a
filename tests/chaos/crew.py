"""The members of a round: started, ended, paused and woken as the plan's appetite has it."""

from __future__ import annotations

import re
import signal
import time
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerContext
from typing import Any

import numpy as np

from tests.chaos.ledger import Ledger
from tests.chaos.member import Life, live
from tests.chaos.plan import Plan
from tests.chaos.process import FAR, Member, last_line
from tests.chaos.steps import KILLS, PAUSES

# What a member may say at its end, whatever the round: it stepped down, and the next one goes on.
ALLOWED = (
    r"was not written by .* when the right to do so ran out",
    r"cannot (write|read|look at|list|reach) .* within [\d.e+-]+ s",
    r"holds other rows than its fence decided \(nothing",  # told 412 for an object that is not there
)


@dataclass
class Crew:
    """At most `plan.slots` members awake at a time, and those that sleep.

    `complaints` are the ends that nothing explains; `allowed` adds to what a member may say at its end.
    """

    context: ForkServerContext
    plan: Plan
    base: Life
    ledger: Ledger
    allowed: list[str] = field(default_factory=lambda: list(ALLOWED))
    complaints: list[str] = field(default_factory=list)
    awake: list[Member] = field(default_factory=list)
    asleep: list[Member] = field(default_factory=list)
    lives: int = 0

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng([self.plan.seed, self.plan.number, 1])

    def start(self, **more: Any) -> Member:
        """A new member: the base's life with `more`."""
        self.lives += 1
        log = self.base.log.with_name(f"{self.lives:05d}.log")
        life = replace(self.base, log=log, **more)
        process = self.context.Process(target=live, args=(life,), daemon=True)
        process.start()
        self.awake.append(member := Member(process, life))
        return member

    def tick(self) -> None:
        """Fill the slots, and do to each member what is due."""
        now = time.monotonic()
        self.reap()
        while len(self.awake) < self.plan.slots:
            self._draw(now)
        for member in list(self.awake):
            self._treat(member, now)
        for member in list(self.asleep):
            if now >= member.wake_at:
                self._wake(member, now)

    def _draw(self, now: float) -> None:
        """A new life, as chance has it."""
        rng = self._rng
        end = ("step", "instant", "pause", "halt", "leave")[int(rng.choice(5, p=self.plan.appetite))]
        steps = sorted(KILLS if end == "step" else PAUSES)
        alone = f"rival-{self.lives}-{rng.integers(2**31)}"
        more: dict[str, Any] = {"group": alone} if self.plan.rivals else {}
        if end in {"step", "pause"}:
            more |= {"step": steps[int(rng.integers(len(steps)))], "nth": int(rng.geometric(0.6))}
        member = self.start(**more)
        # A rival owns everything half a second after its start; a group first has to miss its dead.
        shortest, longest = (5.0, 40.0) if self.plan.kind == "volume" else (0.3, 4.0)
        length = float(rng.uniform(*((0.1, 1.5) if self.plan.rivals else (shortest, longest))))
        if end == "halt":
            member.stop_at = now + length
        elif end == "leave":
            member.leave_at = now + length
        else:  # also where a step does not come
            member.kill_at = now + length + (0.0 if end == "instant" else 2.0)

    def _treat(self, member: Member, now: float) -> None:
        if now >= member.kill_at:
            self.kill(member)
        elif now >= member.stop_at:
            self.ledger.note("stop", "instant")
            member.signal(signal.SIGSTOP)
            self._put_to_sleep(member, now)
        elif now >= member.leave_at:
            self.ledger.note("leave")
            member.signal(signal.SIGTERM)
            member.leave_at, member.kill_at = FAR, now + 20.0
        elif member.life.step in PAUSES and member.stopped:
            self._put_to_sleep(member, now)

    def _put_to_sleep(self, member: Member, now: float) -> None:
        """Past the session's end, so that others own its partitions when it wakes."""
        session = float(self.plan.settings["sink_session_seconds"])
        member.stop_at = member.kill_at = FAR
        member.wake_at = now + session * float(self._rng.uniform(0.5, 4.0))
        self.awake.remove(member)
        self.asleep.append(member)

    def _wake(self, member: Member, now: float) -> None:
        self.ledger.note("wake")
        member.signal(signal.SIGCONT)
        member.wake_at, member.kill_at = FAR, now + float(self._rng.uniform(0.5, 3.0))
        self.asleep.remove(member)
        self.awake.append(member)

    def kill(self, member: Member) -> None:
        """At an instant that nobody chose."""
        if member.process.is_alive() and not member.killed:
            member.killed = True
            self.ledger.note("kill", "instant")
            member.signal(signal.SIGKILL)

    def reap(self) -> None:
        """Judge how those who have ended did."""
        for group in (self.awake, self.asleep):
            for member in [each for each in group if not each.process.is_alive()]:
                member.process.join()
                self._judge(member)
                group.remove(member)

    def _judge(self, member: Member) -> None:
        code = member.process.exitcode
        if code in {0, -signal.SIGKILL}:
            return
        line = last_line(member.life.log)
        if code == 1 and any(re.search(pattern, line) for pattern in self.allowed):
            self.ledger.note("stepped-down", _short(line, self.allowed))
            return
        self.complaints.append(f"a member ended with {code}: {line} ({member.life.log})")

    def end(self, seconds: float = 0.0) -> None:
        """End everybody: asked to within `seconds`, then killed; sleepers are woken first."""
        give_up = time.monotonic() + seconds
        for member in [*self.awake, *self.asleep]:
            member.signal(signal.SIGCONT)
            if seconds:
                member.signal(signal.SIGTERM)
        while self.awake or self.asleep:
            if time.monotonic() >= give_up:
                for member in [*self.awake, *self.asleep]:
                    self.kill(member)
            for member in [*self.awake, *self.asleep]:
                member.process.join(0.1)
            self.reap()


def _short(line: str, patterns: list[str]) -> str:
    """The pattern that allowed it stands for the line."""
    return next(pattern for pattern in patterns if re.search(pattern, line))[:40]
