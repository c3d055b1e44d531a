"""One event at a time: what the collector accepts, the sink finds whole; what it refuses, it names."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.judge import judge as sink_judge
from contracts.events import TOPICS
from producer.collector.judge import Circumstances, Fault, Rejected, judge
from producer.collector.record import Record

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BY = Circumstances(NOW, timedelta(hours=1))
ID = "01939c5e-7d2b-7000-8000-000000000001"
LIKE: dict[str, Any] = {
    "topic": "likes",
    "event_id": ID,
    "user_id": "u-1",
    "occurred_at": "2026-11-21T11:59:00Z",
    "track_id": "t",
    "liked": True,
}
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from([ID, "2026-11-21T11:00:00Z", "2026-11-21", "DE", "play", 1_795_000_000_000, 1]),
    st.lists(st.integers(), max_size=2),
)


def of(event: dict[str, Any], by: Circumstances = BY) -> Record | Rejected:
    return judge(json.dumps(event).encode(), by)


def faults(event: dict[str, Any] | bytes, by: Circumstances = BY) -> list[tuple[str, str]]:
    verdict = judge(event, by) if isinstance(event, bytes) else of(event, by)
    assert isinstance(verdict, Rejected)
    return [tuple(fault) for fault in verdict.faults]  # type: ignore[misc]


def test_an_accepted_event_is_keyed_by_its_user_and_bears_our_marks() -> None:
    record = of(LIKE | {"source": "me", "received_at": "2020-01-01T00:00:00Z", "more": {"kept": 1}})
    assert isinstance(record, Record)
    assert (record.topic, record.key, record.event_id) == ("likes", b"u-1", ID)
    value = orjson.loads(record.value)
    assert "topic" not in value
    assert value["source"] == "collector"
    assert value["received_at"] == "2026-11-21T12:00:00.000Z"
    assert value["schema_version"] == 1
    assert value["more"] == {"kept": 1}


def test_an_event_without_an_id_always_gets_the_same() -> None:
    bare = {name: value for name, value in LIKE.items() if name != "event_id"}
    first = of(bare)
    later = of(
        dict(reversed(list(bare.items()))) | {"event_id": None},
        Circumstances(NOW + timedelta(minutes=5), timedelta(hours=1)),
    )
    other = of(bare | {"liked": False})
    assert isinstance(first, Record)
    assert first.event_id == later.event_id != other.event_id
    assert UUID(first.event_id).version == 7
    assert orjson.loads(first.value)["event_id"] == first.event_id


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (b"", [("not_json", "")]),
        (b"\xff", [("not_json", "")]),
        (b'{"topic":"likes","user_id":"\\ud800"}', [("not_json", "")]),
        (b"[" * 300 + b"]" * 300, [("not_an_object", "")]),
        (b'{"topic":"likes","x":' + b"[" * 400 + b"]" * 400 + b"}", [("not_json", "")]),
        (b"5", [("not_an_object", "")]),
        (b"{}", [("missing_field", "topic")]),
        (LIKE | {"topic": "loves"}, [("unknown_topic", "topic")]),
        (LIKE | {"topic": ["likes"]}, [("unknown_topic", "topic")]),
        (LIKE | {"liked": "yes"}, [("invalid_field", "liked")]),
        (LIKE | {"event_id": "x"}, [("invalid_field", "event_id")]),
        (LIKE | {"event_id": 5}, [("invalid_field", "event_id")]),
        (LIKE | {"user_id": ""}, [("invalid_field", "user_id")]),
        (LIKE | {"schema_version": 0}, [("invalid_field", "schema_version")]),
        (LIKE | {"occurred_at": "2026-11-21T11:59:00"}, [("invalid_field", "occurred_at")]),
        (LIKE | {"occurred_at": "2026-11-21T13:00:00.001Z"}, [("occurred_in_future", "occurred_at")]),
        (LIKE | {"occurred_at": "9999-12-31T23:59:59Z"}, [("occurred_in_future", "occurred_at")]),
        (LIKE | {"occurred_at": "1999-12-31T23:59:59Z"}, [("occurred_too_early", "occurred_at")]),
        (LIKE | {"device": "x" * 900_000}, [("too_large", "")]),
        (
            {"topic": "likes", "liked": 1},
            [("missing_field", name) for name in ("user_id", "occurred_at", "track_id")]
            + [("invalid_field", "liked")],
        ),
    ],
)
def test_a_bad_event_is_named(event: dict[str, Any] | bytes, expected: list[tuple[str, str]]) -> None:
    assert faults(event) == expected


def test_what_the_quick_way_is_not_sure_of_is_for_the_class_to_say() -> None:
    for fine in (
        LIKE | {"event_id": ID.upper()},
        LIKE | {"occurred_at": 1_795_262_000_000},
        LIKE | {"occurred_at": "2026-11-21T12:59:00+01:00"},
        LIKE | {"occurred_at": "2026-11-21T11:59:00.1234Z"},
    ):
        assert isinstance(of(fine), Record)
    skip = {**LIKE, "topic": "skips", "play_id": "p", "position_ms": 5}
    assert isinstance(of(skip), Record)
    assert faults(skip | {"position_ms": 5.0}) == [("invalid_field", "position_ms")]
    assert faults(skip | {"position_ms": True}) == [("invalid_field", "position_ms")]
    assert faults(LIKE | {"occurred_at": "2026-02-30T11:59:00Z"}) == [("invalid_field", "occurred_at")]


def test_a_clock_may_be_ahead_as_far_as_is_allowed() -> None:
    assert isinstance(of(LIKE | {"occurred_at": "2026-11-21T13:00:00Z"}), Record)


def test_a_key_of_one_user_sends_nobody_elses_events() -> None:
    mine = Circumstances(NOW, timedelta(hours=1), "u-1")
    assert isinstance(of(LIKE, mine), Record)
    without = of({name: value for name, value in LIKE.items() if name != "user_id"}, mine)
    assert isinstance(without, Record)
    assert without.key == b"u-1"
    for other in ("u-2", None, 5):
        assert faults(LIKE | {"user_id": other}, mine) == [("user_not_allowed", "user_id")]


def test_the_answer_names_the_id_that_was_sent_but_no_rubbish() -> None:
    assert of(LIKE | {"liked": None}).event_id == ID
    assert of(LIKE | {"event_id": "x" * 65}).event_id is None


@given(st.data())
def test_what_is_accepted_is_whole_to_the_sink(data: st.DataObject) -> None:
    topic = data.draw(st.sampled_from(sorted(TOPICS)))
    good = {
        "event_id": ID,
        "user_id": "u",
        "occurred_at": "2026-11-21T11:00:00Z",
        "track_id": "t",
        "liked": True,
    }
    good |= {"play_id": "p", "track_title": "T", "artist_name": "A", "page": "home", "episode_id": "e"}
    good |= {"succeeded": True, "position_ms": 5, "action": "play" if topic == "podcast_events" else "log_in"}
    odd = data.draw(st.dictionaries(st.sampled_from([*TOPICS[topic].model_fields, "x"]), _VALUES, max_size=3))
    verdict = judge(orjson.dumps({"topic": topic, **good, **_fitting(odd)}), BY)
    if isinstance(verdict, Record):
        found = sink_judge(topic, [verdict.value], [None])
        assert found.errors == [None]
    else:
        assert verdict.faults
        assert all(isinstance(fault, Fault) and fault.code for fault in verdict.faults)


def _fitting(odd: dict[str, Any]) -> dict[str, Any]:
    """Without integers that orjson cannot write."""
    return {
        name: value for name, value in odd.items() if not (isinstance(value, int) and abs(value) >= 2**63)
    }
