"""Requests to S3, counted by what came back; the lake is ill while nothing else than failures comes."""

from __future__ import annotations

from consumer.watch.health import HEALTH
from consumer.watch.journal import JOURNAL
from consumer.watch.metrics import ERRORS, REQUESTS, RETRIES
from consumer.watch.secrets import hide

_OWN = {404, 409, 412}
_ILL = {408, 409, 429}


def answered(status: int) -> None:
    """S3 answered with this HTTP status."""
    outcome = "ok" if status < 300 else str(status) if status in _OWN else f"{min(status // 100, 5)}xx"
    REQUESTS.labels(outcome).inc()
    if status >= 500 or status in _ILL:
        _failed(f"S3 answers {status}")
    else:
        HEALTH.fine("the lake")


def lost(error: BaseException) -> None:
    """No answer came: a time-out, a reset, no connection."""
    REQUESTS.labels("lost").inc()
    _failed(told(error))


def told(error: BaseException) -> str:
    """What `error` says; a time-out names its URL, and a signed one is the right to write."""
    return hide(str(error))


def retrying(what: str, reason: str, pause: float) -> None:
    """A call is made again in `pause` seconds."""
    RETRIES.inc()
    JOURNAL.warning("retrying", call=what, reason=reason, pause_seconds=round(pause, 1))


def _failed(reason: str) -> None:
    ERRORS.labels("lake").inc()
    HEALTH.trouble("the lake", reason)
