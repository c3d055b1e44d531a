"""How far something is, on stderr: a line that renews itself on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from typing import Self

from rich.console import Console
from rich.status import Status

_EVERY_SECONDS, _TERMINAL_SECONDS = 10.0, 0.5


class StatusLine:
    """Shown while it is entered; with `renewed` False never on a line that renews itself."""

    def __init__(self, at_first: str, *, renewed: bool = True) -> None:
        self._console = Console(stderr=True)
        renews = renewed and self._console.is_terminal
        self._status = Status(at_first, console=self._console) if renews else None
        self._started = self._shown = time.monotonic()

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    @property
    def elapsed(self) -> float:
        """Seconds since the start, never 0."""
        return max(time.monotonic() - self._started, 1e-3)

    @property
    def renews(self) -> bool:
        """Whether it is one line that renews itself."""
        return self._status is not None

    def due(self) -> bool:
        """Whether it is time to show again; if it is, the next time is some seconds off."""
        now = time.monotonic()
        if now - self._shown < (_TERMINAL_SECONDS if self._status else _EVERY_SECONDS):
            return False
        self._shown = now
        return True

    def show(self, text: str) -> None:
        """Show `text`."""
        if self._status:
            self._status.update(text)
        else:
            self._console.print(text, highlight=False)
