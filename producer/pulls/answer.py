"""What an API's answer means for whoever asked: nothing to say, try again, or no.

Platforms agree on HTTP's own statuses; what they say beside them, each has a `Judge` of its own for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from producer.asking import retry_after

_LONGEST = 300
_WAYS = (("error", "message"), ("detail",), ("message",), ("error_description",), ("title",), ("error",))


class Answer(NamedTuple):
    """An HTTP answer; `body` is its JSON, None where that cannot be read. Headers whatever their case."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Verdict(NamedTuple):
    """`busy`: again, not before `wait_s`; `expired`: with another key; `too_much`: fewer days at once;
    `refused`: never as it was asked."""

    kind: Literal["busy", "expired", "too_much", "refused"]
    wait_s: float | None = None


Judge = Callable[[Answer], Verdict | None]


def by_status(answer: Answer) -> Verdict | None:
    """The verdict of HTTP's status alone; None: it is an answer."""
    if answer.status == 429 or answer.status >= 500:
        return Verdict("busy", retry_after(answer.headers.get("Retry-After", "")))
    if answer.status in (401, 403):
        return Verdict("expired")
    if answer.status >= 300:
        return Verdict("refused")
    # Half a document: the connection, or something between us, ended it.
    return Verdict("busy") if answer.body is None else None


def told(answer: Answer) -> str:
    """Status and the reason that the body gives, in one line: `401 Invalid OAuth access token`."""
    for way in _WAYS:
        found: Any = answer.body
        for step in way:
            found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, str) and found:
            text = found.encode("utf-8", "replace").decode()
            return f"{answer.status} {' '.join(text.split())[:_LONGEST].rstrip('.')}"
    return str(answer.status)
