"""What the sinks are fed: plays of all sizes, poison, tombstones, times out by years, transactions."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from confluent_kafka import KafkaException, Producer

from tests.chaos.ledger import Ledger
from tests.chaos.member import own_process
from tests.chaos.plan import Plan
from tests.sink_harness import PLAY

_YEAR_MS = 365 * 86_400_000
_POISON: list[bytes | None] = [None, b"", b"{", b"\xff\xfe\x00", b"[]", b"9" * 5_000, b'{"a":' * 500, b"\x00"]
_MEGABYTE = 1_000_000
_TEMPLATE = (
    '{"event_id":"%032x","schema_version":1,"user_id":"sim-%06d","occurred_at":"'
    + PLAY["occurred_at"]  # type: ignore[operator]
    + '","source":"simulator","play_id":"p%d","track_id":"t","track_title":"Title","artist_name":"%s"}'
)


@dataclass(frozen=True)
class Diet:
    """How much of what: `records` over `topics` (name → partitions) within `seconds`.

    `aborted` is the share of batches whose transaction is aborted, `odd` the share of records that are
    poison or stamped years off, `huge` how many records of 1 MB there are; others have up to `padding` bytes
    more than 250.
    """

    bootstrap: str
    topics: Mapping[str, int]
    records: int
    seconds: float
    seed: Sequence[int]
    ledger: Path
    log: Path
    aborted: float = 0.0
    odd: float = 0.03
    huge: int = 0
    batch: int = 200
    padding: int = 400


def manner(plan: Plan, *, embedded: bool) -> dict[str, Any]:
    """What suits a round; the embedded broker has neither aborted transactions nor room."""
    if plan.kind == "volume":
        return {"aborted": 0.0 if embedded else 0.01, "odd": 0.001, "batch": 20_000, "padding": 40}
    return {"huge": 0} if embedded else {"aborted": 0.08, "huge": 3}


def feed(diet: Diet) -> None:
    """Write it all, evenly over the time; `fed` in the ledger says how many records were acknowledged."""
    own_process(diet.log)
    ledger = Ledger(diet.ledger)
    rng = np.random.default_rng(diet.seed)
    plain, transactional = _plain(diet), _transactional(diet) if diet.aborted else None
    started, made = time.monotonic(), 0
    for topic, partition, messages in _batches(diet, rng):
        made += len(messages)
        if transactional is not None and rng.random() < 2 * diet.aborted:
            aborts = bool(rng.random() < 0.5)
            transactional = _transact(diet, transactional, topic, partition, messages, abort=aborts)
            ledger.note("transaction", "aborted" if aborts else "committed")
        else:
            _send(plain, topic, partition, messages)
        behind = started + diet.seconds * made / diet.records - time.monotonic()
        plain.poll(max(behind, 0))
    if left := plain.flush(120):
        raise RuntimeError(f"{left} records were not acknowledged within 120 s")
    ledger.note("fed", str(made))


def _batches(diet: Diet, rng: np.random.Generator) -> Iterator[tuple[str, int, list[dict[str, Any]]]]:
    """Batches of messages for one partition each; some partitions get more than others."""
    places = [(topic, partition) for topic, count in diet.topics.items() for partition in range(count)]
    weights = rng.dirichlet(np.full(len(places), 3.0))
    huge = set(rng.integers(0, max(diet.records, 1), diet.huge).tolist())
    for first in range(0, diet.records, diet.batch):
        count = min(diet.batch, diet.records - first)
        topic, partition = places[int(rng.choice(len(places), p=weights))]
        messages = _messages(diet, rng, first, count)
        for number in huge & set(range(first, first + count)):
            messages[number - first] = {"value": rng.bytes(_MEGABYTE // 2).hex().encode(), "key": b"huge"}
        yield topic, partition, messages


def _messages(diet: Diet, rng: np.random.Generator, first: int, count: int) -> list[dict[str, Any]]:
    users = rng.integers(0, 1_000_000, count).tolist()
    sizes = rng.integers(0, diet.padding, count).tolist()
    messages: list[dict[str, Any]] = [
        {"value": (_TEMPLATE % (first + n, user, first + n, "x" * size)).encode(), "key": b"sim-%06d" % user}
        for n, (user, size) in enumerate(zip(users, sizes, strict=True))
    ]
    for n in np.flatnonzero(rng.random(count) < diet.odd).tolist():
        if rng.random() < 0.5:
            headers = [("a", b"1"), ("a", None), ("b", b"\xff")]
            messages[n] = {"value": _POISON[int(rng.integers(len(_POISON)))], "headers": headers}
        else:
            years = int(rng.integers(-10, 11))
            messages[n]["timestamp"] = int(time.time() * 1000) + years * _YEAR_MS
    return messages


def _config(diet: Diet) -> dict[str, Any]:
    return {
        "bootstrap.servers": diet.bootstrap,
        "log_level": 0,
        "compression.type": "lz4",
        "linger.ms": 5,
        "message.max.bytes": 4_000_000,
        "queue.buffering.max.messages": 500_000,
        "message.timeout.ms": 120_000,
    }


def _plain(diet: Diet) -> Producer:
    only_failures = {"on_delivery": _acknowledged, "delivery.report.only.error": True}
    return Producer({**_config(diet), "enable.idempotence": True, **only_failures})


def _acknowledged(error: Any, _: Any) -> None:
    if error is not None:
        raise RuntimeError(f"the broker did not take a record: {error}")


def _transactional(diet: Diet) -> Producer:
    identity = "-".join(map(str, diet.seed))
    own = {"transactional.id": f"chaos-{identity}", "message.timeout.ms": 60_000}
    producer = Producer({**_config(diet), **own})
    producer.init_transactions(60)
    return producer


def _send(producer: Producer, topic: str, partition: int, messages: list[dict[str, Any]]) -> None:
    """Queue all; wait for room where the queue is full."""
    for message in messages:
        while True:
            try:
                producer.produce(topic, partition=partition, **message)
                break
            except BufferError:
                producer.poll(0.1)


def _transact(
    diet: Diet, producer: Producer, topic: str, partition: int, messages: list[dict[str, Any]], *, abort: bool
) -> Producer:
    """All of it in one transaction. A broker that comes or goes can end it: what was in it is gone then."""
    try:
        producer.begin_transaction()
        _send(producer, topic, partition, messages)
        producer.flush(60)
        (producer.abort_transaction if abort else producer.commit_transaction)(60)
    except KafkaException:
        return _transactional(diet)  # which aborts what the other had begun
    return producer
