"""How far a compaction or an archiving is, on stderr."""

from __future__ import annotations

from consumer.status_line import StatusLine


class UpkeepProgress(StatusLine):
    """Objects done and to do, what is worked on, and the time that is left."""

    def __init__(self, done: str) -> None:
        """`done` is the word for what has happened to an object."""
        super().__init__("listing the lake")
        self._done = done

    def __call__(self, done: int, of: int, what: str) -> None:
        """Show it when it is time to."""
        if not self.due():
            return
        left = self.elapsed / done * max(of - done, 0) if done else 0.0
        text = f"{done:,} of {of:,} objects {self._done}, at {what}"
        self.show(text + (f", about {left:,.0f} s left" if left else ""))
