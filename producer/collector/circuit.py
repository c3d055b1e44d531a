"""Whether to ask Kafka at all: a circuit that opens when it is away, so that nobody waits in vain."""

from __future__ import annotations

from collections.abc import Callable


class Circuit:
    """Closed: everything goes. Open: nothing does. After time-outs one request at a time is tried first."""

    def __init__(self, problem: str = "Kafka was not asked yet") -> None:
        self.problem = problem
        self._wants_trial = False
        self._half_open = False
        self._tried = False
        self._on_open: Callable[[], None] = lambda: None

    @property
    def closed(self) -> bool:
        """Whether everything goes."""
        return not self.problem

    @property
    def promising(self) -> bool:
        """Whether a request would go now; takes no trial."""
        return self.closed or (self._half_open and not self._tried)

    def on_open(self, told: Callable[[], None]) -> None:
        """Call `told` whenever the circuit opens."""
        self._on_open = told

    def admits(self) -> bool:
        """Whether this request goes. One that is the trial must end in `acknowledged` or `unanswered`."""
        if self.closed:
            return True
        if not self.promising:
            return False
        self._tried = True
        return True

    def withdrawn(self) -> None:
        """The trial has come to nothing: the next request is one."""
        self._tried = False

    def unreachable(self, reason: str) -> None:
        """Kafka does not answer, or not as it must: that it answers again will be enough."""
        self._open(reason, wants_trial=self._wants_trial)

    def unanswered(self, reason: str) -> None:
        """An event was not acknowledged in time: only one that is will close the circuit."""
        self._open(reason, wants_trial=True)

    def reachable(self) -> None:
        """Kafka answers, and has what we need."""
        if self._wants_trial:
            self._half_open = not self.closed
        else:
            self.problem = ""

    def acknowledged(self) -> None:
        """Kafka has acknowledged an event."""
        self.problem, self._wants_trial, self._half_open, self._tried = "", False, False, False

    def _open(self, reason: str, *, wants_trial: bool) -> None:
        was_closed = self.closed
        self.problem, self._wants_trial = reason, wants_trial
        self._half_open = self._tried = False
        if was_closed:
            self._on_open()
