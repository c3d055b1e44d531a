"""How far a compaction or an archiving is, on stderr."""

from __future__ import annotations

import time

from rich.console import Console
from rich.status import Status

_EVERY_SECONDS, _TERMINAL_SECONDS = 10.0, 0.5


class UpkeepProgress:
    """Objects done and to do, what is worked on, and the time that is left."""

    def __init__(self, done: str) -> None:
        """`done` is the word for what has happened to an object."""
        self._done = done
        self._console = Console(stderr=True)
        terminal = self._console.is_terminal
        self._status = Status("listing the lake", console=self._console) if terminal else None
        self._started = self._shown = time.monotonic()

    def __enter__(self) -> UpkeepProgress:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, done: int, of: int, what: str) -> None:
        """Show it when it is time to."""
        now = time.monotonic()
        if now - self._shown < (_TERMINAL_SECONDS if self._status else _EVERY_SECONDS):
            return
        self._shown = now
        left = (now - self._started) / done * max(of - done, 0) if done else 0.0
        text = f"{done:,} of {of:,} objects {self._done}, at {what}"
        text += f", about {left:,.0f} s left" if left else ""
        if self._status:
            self._status.update(text)
        else:
            self._console.print(text, highlight=False)
