"""What happened in a round, told by many processes: one line each, appended whole to one file."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path


class Ledger:
    """Lines `kind what`; a process that is killed right after `note` has still said it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def note(self, kind: str, what: str = "") -> None:
        """Append one line. A write this short to a file opened for appending is never split."""
        os.write(self._file, f"{kind} {what}\n".encode())

    def counts(self) -> dict[str, Counter[str]]:
        """kind → what → how often."""
        found: dict[str, Counter[str]] = {}
        for line in self.path.read_text().splitlines():
            kind, _, what = line.partition(" ")
            found.setdefault(kind, Counter())[what] += 1
        return found

    def count(self, kind: str, what: str | None = None) -> int:
        """How many lines of `kind` there are, or of `kind what`."""
        found = self.counts().get(kind, Counter())
        return found.total() if what is None else found[what]

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
