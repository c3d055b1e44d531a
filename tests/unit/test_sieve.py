"""The sieve: what it lets through has the very values that the event classes give."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumer.judge import judge
from consumer.sieve import sieve
from contracts.arrow import event_schema
from contracts.events import TOPICS
from producer.simulator.config import DefectRates, SimulationConfig
from producer.simulator.simulate import simulate
from tests.podcast_payloads import PODCAST, is_text, payloads


def readable(values: list[bytes]) -> pa.BinaryArray:
    """The payloads as the sieve is given them: null where they are no UTF-8."""
    return pa.array([value if is_text(value) else None for value in values], pa.binary())


@settings(max_examples=400)
@given(st.lists(payloads(), min_size=1, max_size=8))
def test_what_is_let_through_has_the_values_the_classes_give(values: list[bytes]) -> None:
    quick = sieve("podcast_events", readable(values))
    exact = judge("podcast_events", values, [None] * len(values))
    for index in sorted(set(range(len(values))) - set(quick.rest.tolist())):
        assert exact.errors[index] is None
        assert [c[index].as_py() for c in quick.columns] == [c[index].as_py() for c in exact.columns]
    for index in quick.rest:
        assert [column[index].as_py() for column in quick.columns] == [None] * len(quick.columns)


@pytest.mark.parametrize("topic", TOPICS)
def test_what_the_simulator_writes_is_all_let_through(topic: str) -> None:
    config = SimulationConfig(
        seed=3,
        events=3_000,
        days=2,
        end=datetime(2026, 11, 1, tzinfo=UTC),
        defects=DefectRates(**dict.fromkeys(DefectRates.model_fields, 0.0)),
    )
    values = [value for batch in simulate(config) if batch.topic == topic for value in batch.values]
    quick = sieve(topic, pa.array(values, pa.binary()))
    assert values
    assert not len(quick.rest)
    assert pa.Table.from_arrays(quick.columns, schema=event_schema(topic)).num_rows == len(values)


@pytest.mark.parametrize(
    "occurred_at", ["1795262400123", '"2026-11-21T13:00:00+02:00"', '"2026-02-30T00:00:00.000Z"']
)
def test_what_it_cannot_be_sure_of_it_leaves_to_the_classes(occurred_at: str) -> None:
    payload = json.dumps(PODCAST).replace('"2026-11-21T13:00:00.123Z"', occurred_at).encode()
    assert sieve("podcast_events", pa.array([payload])).rest.tolist() == [0]


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    payload = ('{"user_id":"first",' + json.dumps(PODCAST)[1:]).encode()
    quick = sieve("podcast_events", pa.array([payload]))
    assert not len(quick.rest)
    assert quick.columns[event_schema("podcast_events").get_field_index("user_id")].to_pylist() == [
        "sim-000001"
    ]
