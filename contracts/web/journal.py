"""What happens in a service, one line an event on stderr: JSON, or words on a terminal. Never a token."""

from __future__ import annotations

import sys

import structlog

_STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)
_WORDS = structlog.processors.LogfmtRenderer(key_order=["timestamp", "event"])
_JSON = structlog.processors.JSONRenderer()


def note(event: str, **facts: object) -> None:
    """Write `event` with those of its facts that say something."""
    entry = _STAMP(None, "", {"event": event, **{name: fact for name, fact in facts.items() if fact != ""}})
    line = _WORDS(None, "", entry) if sys.stderr.isatty() else _JSON(None, "", entry)
    sys.stderr.write(f"{line if isinstance(line, str) else line.decode()}\n")
    sys.stderr.flush()
