"""Is the lake a place that the sink can keep its promise in?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

from consumer.doctor.check import Check, fail, ok, warn
from consumer.race import RACERS, race
from consumer.settings import SinkSettings
from consumer.store import Store, store_for
from contracts.errors import BackbeatError
from contracts.lake import FENCES

_ROUNDS = 8  # a server that checks and then acts may pass one round; eight, hardly
_BODY = b"written by `backbeat sink doctor`\n" * 1_000
# S3 answers in whole seconds; from 15 minutes on it refuses requests, and a day decides on folders.
_SKEW_NOTED, _SKEW_REFUSED = 5.0, 600.0


def check_lake(settings: SinkSettings) -> list[Check]:
    """Look at the lake of `settings`."""
    try:
        store = store_for(settings.lake, settings)
    except BackbeatError as error:
        return [fail("store.reachable", str(error))]
    reached = ok("store.reachable", f"{settings.lake} answers (BACKBEAT_LAKE)")
    return [reached, *check_store(store)]


def check_store(store: Store) -> list[Check]:
    """Try `store` out; leaves no object there, and touches none that this call did not write."""
    prefix = f"{FENCES}/doctor/{uuid4().hex}+"
    checks = []
    try:
        for step in (_writes, _lists, _races, _clock):
            checks.append(step(store, prefix))  # noqa: PERF401 -- what came before a failure is told too
    except BackbeatError as error:
        checks.append(fail("store.writable", str(error)))
    return [*checks, *_clean(store, prefix)]


def _writes(store: Store, prefix: str) -> Check:
    key = f"{prefix}a"
    name = "store.writable"
    if not store.create(key, _BODY, {"backbeat-doctor": "1"}):
        return fail(name, f"a new key was refused as taken: {key} (BACKBEAT_LAKE)")
    if store.create(key, b"again"):
        return fail(name, "a key was created twice: the store ignores If-None-Match (BACKBEAT_LAKE)")
    head = store.head(key)
    if store.get(key) != _BODY or head is None or head.size != len(_BODY):
        return fail(name, "an object does not read back as it was written (BACKBEAT_LAKE)")
    if store.get(f"{prefix}absent") is not None or store.head(f"{prefix}absent") is not None:
        return fail(name, "the store answers for an object that was never written (BACKBEAT_LAKE)")
    return ok(name, "an object is created once and reads back as it was written")


def _lists(store: Store, prefix: str) -> Check:
    for number in range(3):
        store.create(f"{prefix}list+{number}", b"")
    keys = [f"{prefix}list+{number}" for number in range(3)]
    if list(store.list(f"{prefix}list+")) != keys or list(store.list(f"{prefix}list+", keys[0])) != keys[1:]:
        why = "objects are not listed at once and in order: a sink would miss fences (BACKBEAT_LAKE)"
        return fail("store.list", why)
    return ok("store.list", "what was written is listed at once and in order")


def _races(store: Store, prefix: str) -> Check:
    for number in range(_ROUNDS):
        if wrong := race(store, f"{prefix}race+{number}"):
            why = f"{wrong} (round {number + 1}): exactly-once needs an atomic If-None-Match (BACKBEAT_LAKE)"
            return fail("store.race", why)
    return ok("store.race", f"in each of {_ROUNDS} rounds one of {RACERS} racing creates won")


def _clock(store: Store, prefix: str) -> Check:
    before = datetime.now(UTC)
    store.create(f"{prefix}clock", b"")
    after = datetime.now(UTC)
    head = store.head(f"{prefix}clock")
    if head is None or head.modified is None:
        return ok("store.clock", "the store does not tell its time")
    # Written between before and after; where the store counts whole seconds it may seem a second early.
    ahead = (head.modified - after).total_seconds()
    behind = (before - head.modified).total_seconds() - 1
    skew = max(ahead, behind, 0.0)
    said = f"this machine's clock and the store's differ by {skew:.0f} s"
    if skew >= _SKEW_REFUSED:
        return fail("store.clock", f"{said}: S3 refuses signatures of another time; set the clock (NTP)")
    return (warn if skew >= _SKEW_NOTED else ok)("store.clock", said)


def _clean(store: Store, prefix: str) -> Iterator[Check]:
    try:
        for key in list(store.list(prefix)):
            store.remove(key)
    except BackbeatError as error:
        yield warn("store.cleanup", f"the probe's own objects stay under {prefix}: {error}")
