"""Publisher: acknowledged events a second on the embedded broker; beside it, a bare producer loop."""

from __future__ import annotations

from statistics import median

from confluent_kafka import Producer

from benchmarks.clock import Clock
from benchmarks.sample import plays
from producer.broker import EmbeddedBroker, contract_topics
from producer.publisher import Publisher
from producer.settings import KafkaSettings

# Fits the embedded broker without a sink: the publisher never has to wait for one.
EVENTS = 50_000
ROUNDS = 5
PARTITIONS = 32


def _ours(bootstrap: str, keys: list[bytes], values: list[bytes]) -> Clock:
    settings = KafkaSettings().model_copy(update={"kafka_bootstrap": bootstrap})
    with Publisher(settings) as publisher, Clock() as clock:
        publisher.publish_many("plays", keys, values)
        publisher.flush()
    return clock


def _bare(bootstrap: str, keys: list[bytes], values: list[bytes]) -> Clock:
    producer = Producer({"bootstrap.servers": bootstrap, "compression.type": "zstd", "linger.ms": 20})
    with Clock() as clock:
        for key, value in zip(keys, values, strict=True):
            producer.produce("plays", value, key)
            producer.poll(0)
        producer.flush()
    return clock


def measure() -> dict[str, object]:
    """Medians over rounds in turn, each on a broker of its own."""
    keys, values = plays(EVENTS)
    clocks: dict[str, list[Clock]] = {"ours": [], "bare": []}
    for _ in range(ROUNDS):
        for name, publish in (("ours", _ours), ("bare", _bare)):
            with EmbeddedBroker(contract_topics(PARTITIONS)) as broker:
                clocks[name].append(publish(broker.bootstrap, keys, values))
    per_cpu = {name: median(c.rates(EVENTS)["per_cpu_second"] for c in many) for name, many in clocks.items()}
    return {
        "events": EVENTS,
        "rounds": ROUNDS,
        "bytes_per_event": round(sum(map(len, values)) / EVENTS),
        "per_second": round(median(clock.rates(EVENTS)["per_second"] for clock in clocks["ours"])),
        "per_cpu_second_broker_included": round(per_cpu["ours"]),
        "bare_producer_per_cpu_second_broker_included": round(per_cpu["bare"]),
        "ratio_to_bare_producer": round(per_cpu["ours"] / per_cpu["bare"], 3),
    }
