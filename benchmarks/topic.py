"""The topic that every engine reads: made anew, and filled once for all of them."""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from benchmarks.corpus import Chunk
from benchmarks.stage import say

TOPIC = "plays"
PARTITIONS = 8
COMPRESSION = "zstd"


def renew(bootstrap: str, name: str = TOPIC, partitions: int = PARTITIONS) -> None:
    """Have an empty topic `name`, whatever was there."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    if name in admin.list_topics(timeout=20).topics:
        admin.delete_topics([name])[name].result(20)
        while name in admin.list_topics(timeout=20).topics:
            pass
    admin.create_topics([NewTopic(name, partitions, 1)])[name].result(20)
    while not _led(admin, name, partitions):
        pass


def fill(bootstrap: str, chunks: Iterable[Chunk]) -> None:
    """Produce all of `chunks`; returns when Kafka has acknowledged each record."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "compression.type": COMPRESSION,
            "linger.ms": 100,
            "batch.size": 900_000,
            "queue.buffering.max.messages": 1_000_000,
            "enable.idempotence": True,
            "log_level": 0,
        }
    )
    sent = shown = 0
    for chunk in chunks:
        for key, value in zip(chunk.keys, chunk.values, strict=True):
            producer.produce(TOPIC, value, key)
        producer.flush()
        sent += len(chunk.values)
        if sent - shown >= 200_000:
            say(f"    {sent:>10,} records produced")
            shown = sent


def _led(admin: AdminClient, name: str, partitions: int) -> bool:
    found = admin.list_topics(timeout=20).topics.get(name)
    return found is not None and [p.leader >= 0 for p in found.partitions.values()] == [True] * partitions
