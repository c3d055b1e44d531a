"""Makes the planned faults happen when they are due, and undoes what has an end."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Thread

from tests.chaos.plan import Plan, Timed
from tests.chaos.stage import Stage, fill
from tests.fault_proxy import Fault, Request

_EXPIRED = 400  # as AWS answers to a token that has run out
_BALLAST = "ballast"


@dataclass
class Injector:
    """The faults of one round on `stage`, whose lake (of a folder) is `lake`; call `tick` often.

    `full` stands in for a full disk where none can be mounted: new members find it so. `held` are the
    requests that were or will be delivered again, with `late` by someone else; `replayed` the answers.
    """

    stage: Stage
    plan: Plan
    lake: Path
    small_disk: bool = False
    late: bool = False
    done: Counter[str] = field(default_factory=Counter)
    replayed: Counter[str] = field(default_factory=Counter)
    full: bool = False
    held: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._started = time.monotonic()
        self._met = Counter(self.stage.proxy.met) if self.stage.proxy else Counter[str]()
        self._due = list(self.plan.faults)
        self._undo: list[tuple[float, int, Callable[[], None]]] = []
        self._replays: list[tuple[float, int, Request]] = []
        self._replay_after = 0.0
        self._tie = count()
        self._busy: Thread | None = None

    def tick(self) -> None:
        """Do what is due."""
        now = time.monotonic() - self._started
        while self._due and self._due[0].at <= now and not self.occupied:
            self._inject(self._due.pop(0))
        while self._undo and self._undo[0][0] <= now:
            heapq.heappop(self._undo)[2]()
        self._collect(now)
        while self._replays and self._replays[0][0] <= now:
            self._replay(heapq.heappop(self._replays)[2])

    @property
    def occupied(self) -> bool:
        """Whether a fault is still in the making (a broker that is starting)."""
        return self._busy is not None and self._busy.is_alive()

    def _inject(self, fault: Timed) -> None:
        if fault.what == "s3":
            self._on_s3(fault)
            return
        self.done[fault.what] += 1
        if fault.what == "expired":
            self._expire(float(fault.of["seconds"]))
        elif fault.what == "disk-full":
            self._fill_disk(float(fault.of["seconds"]))
        else:
            act = {"broker-restart": self.stage.restart_broker, "leader-change": self.stage.change_leaders}
            self._busy = Thread(target=act[fault.what], daemon=True)
            self._busy.start()

    def _on_s3(self, fault: Timed) -> None:
        assert self.stage.proxy is not None
        of = fault.of
        with self.stage.proxy.lock:
            self.stage.proxy.faults.append(
                Fault(of["kind"], of["concerns"], of["times"], method=of["method"], seconds=of["seconds"])
            )
        self._replay_after = float(of["replay_after"])

    def _expire(self, seconds: float) -> None:
        """Every request is refused for its credentials, and then none is."""
        proxy = self.stage.proxy
        assert proxy is not None
        refusal = Fault(_EXPIRED, "", times=1_000_000, method="")
        with proxy.lock:
            proxy.faults.insert(0, refusal)
        self._after(seconds, lambda: setattr(refusal, "times", 0))

    def _fill_disk(self, seconds: float) -> None:
        if not self.small_disk:
            self.full = True
            self._after(seconds, lambda: setattr(self, "full", False))
            return
        fill(ballast := self.lake / _BALLAST)
        self._after(seconds, lambda: ballast.unlink(missing_ok=True))

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._undo, (time.monotonic() - self._started + seconds, next(self._tie), act))

    def _collect(self, now: float) -> None:
        """What the proxy kept is delivered later."""
        proxy = self.stage.proxy
        if proxy is None:
            return
        with proxy.lock:
            kept, proxy.kept[:] = list(proxy.kept), []
        self.held += kept
        for request in () if self.late else kept:
            heapq.heappush(self._replays, (now + self._replay_after, next(self._tie), request))

    def _replay(self, request: Request) -> str:
        assert self.stage.proxy is not None
        answer = str(self.stage.proxy.forward(request)[0])
        self.replayed[answer] += 1
        return answer

    def finish(self) -> None:
        """No more faults, and what has begun is ended. What was kept and is not due yet stays kept."""
        self._due.clear()
        if self._busy is not None:
            self._busy.join(60)
        if self.stage.proxy is not None:
            with self.stage.proxy.lock:
                self.stage.proxy.faults.clear()
        while self._undo:
            heapq.heappop(self._undo)[2]()
        self._collect(time.monotonic() - self._started)

    def deliver_late(self) -> set[str]:
        """Deliver what was kept, now that all is landed; the answers."""
        requests, self._replays = [request for _, _, request in self._replays], []
        return {self._replay(request) for request in requests}

    def faults(self) -> Counter[str]:
        """How often each fault was met."""
        met = Counter(self.done)
        if self.stage.proxy is not None:
            met.update({f"s3-{kind}": times for kind, times in (self.stage.proxy.met - self._met).items()})
        return met
