"""The moment at which a process ends or stands still, and how to wait for it inside the sink's real code.

Functions are wrapped where they are called. A name that is no longer there is an error, so that a step cannot
silently stop happening.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from threading import Lock, get_ident
from typing import Any

from tests.chaos.ledger import Ledger

Function = Callable[..., Any]


class Moment:
    """Comes several times, in any thread; at the `nth` time the process ends or stands still."""

    def __init__(self, step: str, nth: int, ledger: Ledger) -> None:
        self._step, self._left, self._ledger, self._lock = step, nth, ledger, Lock()

    def comes(self) -> bool:
        """Whether this is the time."""
        with self._lock:
            self._left -= 1
            return self._left == 0

    def act(self) -> None:
        """End as by a power cut, or stand still until told to go on."""
        pauses = self._step.startswith("pause")
        self._ledger.note("stop" if pauses else "kill", self._step)
        # To this thread: told to the process, another may take it, and this one goes on until that is run.
        signal.pthread_kill(get_ident(), signal.SIGSTOP if pauses else signal.SIGKILL)

    def __call__(self) -> None:
        if self.comes():
            self.act()


def wrap(owner: Any, name: str, around: Callable[[Any], Any]) -> None:
    """Put `around(inner)` in the place of `owner.name`; AttributeError when there is none."""
    setattr(owner, name, around(getattr(owner, name)))


def before(owner: Any, name: str, concerns: str = "") -> Function:
    """The moment comes when `owner.name` is called with `concerns` in an argument."""

    def install(moment: Moment) -> None:
        def around(inner: Function) -> Function:
            def call(*args: Any, **kwargs: Any) -> Any:
                if any(concerns in str(arg) for arg in args):
                    moment()
                return inner(*args, **kwargs)

            return call

        wrap(owner, name, around)

    return install


def after(owner: Any, name: str, concerns: str = "") -> Function:
    """The moment comes when `owner.name`, called with `concerns` in an argument, has done its work."""

    def install(moment: Moment) -> None:
        def around(inner: Function) -> Function:
            def call(*args: Any, **kwargs: Any) -> Any:
                answer = inner(*args, **kwargs)
                if any(concerns in str(arg) for arg in args):
                    moment()
                return answer

            return call

        wrap(owner, name, around)

    return install
