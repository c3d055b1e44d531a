"""Stands in for `backbeat sink`: reads and commits, lands nothing, and can be told to misbehave.

Usage: sink_double.py [well | dies | silent | lazy | fails]
"""

from __future__ import annotations

import json
import os
import signal
import sys
from types import FrameType

from confluent_kafka import Consumer, TopicPartition

from contracts.events import TOPICS


class Stop(Exception):  # noqa: N818
    """SIGTERM has come."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stop


def _consume(counted: dict[str, int], *, lazy: bool) -> None:
    config = {
        "bootstrap.servers": os.environ["BACKBEAT_KAFKA_BOOTSTRAP"],
        "group.id": os.environ["BACKBEAT_SINK_NAME"],
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
    consumer = Consumer(config)
    consumer.subscribe(list(TOPICS))
    while True:
        for message in consumer.consume(1_000, 0.05):
            counted["rows"] += 1
            counted["bytes"] += len(message.value() or b"")
            position = TopicPartition(message.topic(), message.partition(), message.offset() + 1)
            if not lazy:
                consumer.commit(offsets=[position], asynchronous=False)


def main(manner: str) -> None:
    signal.signal(signal.SIGTERM, _stop)
    if manner == "dies":
        sys.stderr.write("starting\nbackbeat: BACKBEAT_LAKE: the bucket is gone\n\n")
        sys.exit(3)
    counted = {"rows": 0, "objects": 1, "bytes": 0, "malformed": 0}
    try:
        _consume(counted, lazy=manner == "lazy")
    except Stop:
        if manner == "fails":
            sys.exit("backbeat: the disk is full")
        sys.stdout.write("done\n" if manner == "silent" else json.dumps({**counted, "seconds": 1.5}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
