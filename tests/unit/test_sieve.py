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

PODCAST = {
    "event_id": "01939c5e-7d2b-7000-8000-000000000001",
    "schema_version": 1,
    "user_id": "sim-000001",
    "occurred_at": "2026-11-21T13:00:00.123Z",
    "source": "simulator",
    "country": "US",
    "episode_id": "e1",
    "action": "play",
    "position_ms": 12,
}
ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.just({"a": [1, '":', None]}),
    st.sampled_from(["US\n", "us", "play", "seek", "x" * 200, "x" * 201, 'a":b', "null", "\u2028"]),
    st.sampled_from(["2026-02-30T00:00:00.000Z", "2026-11-21T25:00:00.000Z", "2026-11-21T13:00:60.000Z"]),
    st.sampled_from(["2026-11-21T13:00:00Z", "2026-11-21T13:00:00.123+02:00", "9999-12-31T23:59:59.999Z"]),
    st.sampled_from(["01939C5E-7D2B-7000-8000-000000000001", "0" * 32]),
)
FIELDS = st.sampled_from([*TOPICS["podcast_events"].model_fields, "unknown"])
CHANGES = st.dictionaries(FIELDS, ODD_VALUES, max_size=3)


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    """An event with some fields changed, left out or said twice, in one of the ways JSON can be written."""
    event = {**PODCAST, **draw(CHANGES)}
    for name in draw(st.sets(FIELDS, max_size=2)):
        event.pop(name, None)
    separators = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    text = json.dumps(
        event,
        separators=separators,
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 1])),
    )
    if draw(st.booleans()):
        again = json.dumps(draw(CHANGES))
        text = text.rstrip()[:-1] + ("," if event and again != "{}" else "") + again[1:]
    raw = text.encode("utf-8", "surrogatepass")
    return raw[: draw(st.integers(0, len(raw)))] if draw(st.integers(0, 9)) == 0 else raw


@settings(max_examples=400)
@given(st.lists(payloads(), min_size=1, max_size=8))
def test_what_is_let_through_has_the_values_the_classes_give(values: list[bytes]) -> None:
    quick = sieve("podcast_events", values)
    exact = judge("podcast_events", values, [None] * len(values))
    for index in sorted(set(range(len(values))) - set(quick.rest)):
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
    quick = sieve(topic, values)
    assert values
    assert quick.rest == []
    assert pa.Table.from_arrays(quick.columns, schema=event_schema(topic)).num_rows == len(values)


@pytest.mark.parametrize(
    "occurred_at", ["1795262400123", '"2026-11-21T13:00:00+02:00"', '"2026-02-30T00:00:00.000Z"']
)
def test_what_it_cannot_be_sure_of_it_leaves_to_the_classes(occurred_at: str) -> None:
    payload = json.dumps(PODCAST).replace('"2026-11-21T13:00:00.123Z"', occurred_at).encode()
    assert sieve("podcast_events", [payload]).rest == [0]


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    payload = ('{"user_id":"first",' + json.dumps(PODCAST)[1:]).encode()
    quick = sieve("podcast_events", [payload])
    assert quick.rest == []
    assert quick.columns[event_schema("podcast_events").get_field_index("user_id")].to_pylist() == [
        "sim-000001"
    ]
