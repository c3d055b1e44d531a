"""Decoding: bytes in, exactly one row out, nothing lost, an error exactly when Pydantic refuses."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from consumer.batch import Batch, Headers, Records
from consumer.decode import decode
from contracts.arrow import bronze_schema, event_schema
from contracts.events import TOPICS

LIKE: dict[str, Any] = {
    "event_id": "01939c5e-7d2b-7000-8000-000000000001",
    "schema_version": 1,
    "user_id": "sim-000001",
    "occurred_at": "2026-11-21T13:00:00.123+01:00",
    "source": "simulator",
    "track_id": "t1",
    "liked": True,
}
HALF_INT64 = 2**62


def batch(
    values: Sequence[bytes | None], topic: str = "likes", headers: Sequence[Headers | None] | None = None
) -> Batch:
    count = len(values)
    return Records(
        topic,
        3,
        list(range(10, 10 + count)),
        [1_795_267_515_900] * count,
        [b"sim-000001"] * count,
        list(values),
        list(headers or [None] * count),
    ).batch()


def row(value: bytes | None, topic: str = "likes", headers: Headers | None = None) -> dict[str, Any]:
    found: dict[str, Any] = decode(batch([value], topic, [headers])).to_pylist()[0]
    return found


def error(**changes: object) -> str | None:
    event = {name: value for name, value in {**LIKE, **changes}.items() if value is not ...}
    found: str | None = row(json.dumps(event).encode())["error"]
    return found


def test_a_good_event_is_typed_and_in_utc() -> None:
    value = json.dumps(LIKE).encode()
    found = row(value)
    assert found["error"] is None
    assert found["event_id"] == LIKE["event_id"]
    assert found["liked"] is True
    assert found["occurred_at"] == datetime(2026, 11, 21, 12, 0, 0, 123_000, UTC)
    assert found["country"] is None
    assert found["payload"].encode() == value
    assert (found["_topic"], found["_partition"], found["_offset"]) == ("likes", 3, 10)
    assert found["_timestamp"] == datetime.fromtimestamp(1_795_267_515.9, UTC)
    assert (found["_key"], found["_headers"]) == ("sim-000001", None)


def test_epoch_milliseconds_are_a_time() -> None:
    assert row(json.dumps({**LIKE, "occurred_at": 0}).encode())["occurred_at"] == datetime(
        1970, 1, 1, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "empty_payload: no bytes"),
        (b"", "empty_payload: no bytes"),
        (b"\xff\x00", "not_utf8: payload is base64"),
        (b"{", "not_json: EOF while parsing an object at line 1 column 1"),
        (b"[1]", "not_an_object: a JSON object is expected"),
        (b'"text"', "not_an_object: a JSON object is expected"),
    ],
)
def test_what_is_no_event_at_all(value: bytes | None, expected: str) -> None:
    found = row(value)
    assert found["error"] == expected
    assert all(found[name] is None for name in event_schema("likes").names)


def test_every_problem_is_named_and_no_value_is_told() -> None:
    assert error(user_id=..., liked="secret") == "missing_field: user_id; invalid_field: liked"
    assert error(country="secret") == "invalid_field: country"
    assert (
        error(occurred_at="secret", event_id="secret")
        == "invalid_field: event_id; invalid_field: occurred_at"
    )


def test_an_integer_no_column_can_hold_is_refused_alone() -> None:
    huge = json.dumps({**LIKE, "schema_version": 2**70}).encode()
    good = json.dumps(LIKE).encode()
    rows = decode(batch([good, huge, good])).to_pylist()
    assert [r["error"] for r in rows] == [None, "invalid_field: schema_version", None]
    assert [r["event_id"] is None for r in rows] == [False, True, False]


def test_an_importers_refusal_is_kept_word_for_word() -> None:
    refusal = ("backbeat-rejected", "import_bad_time: line 3 – 'Märch'".encode())
    found = row(json.dumps(LIKE).encode(), headers=[("a", b"1"), refusal])
    assert found["error"] == "import_bad_time: line 3 – 'Märch'"
    assert found["event_id"] is None
    assert found["payload"]
    assert json.loads(found["_headers"])["backbeat-rejected"].startswith("import_bad_time")
    # Payload that had to be escaped says so first, whoever refused it.
    assert row(b"\xff", headers=[refusal])["error"].startswith("not_utf8: payload is base64; import_bad_time")


def test_keys_and_headers_that_are_no_text_can_be_had_back() -> None:
    raw = b"\xfe\xff"
    odd = Records("likes", 0, [0, 1], [None] * 2, [raw, b"base64:AA=="], [b"", b""], [[("h", raw)], None])
    first, second = decode(odd.batch()).to_pylist()
    assert first["_key"] == "base64:" + b64encode(raw).decode()
    assert second["_key"] == "base64:" + b64encode(b"base64:AA==").decode()
    assert json.loads(first["_headers"]) == {"h": "base64:" + b64encode(raw).decode()}
    assert first["_timestamp"] is None


def test_repeated_headers_keep_their_order() -> None:
    found = row(b"", headers=[("h", b"1"), ("n", None), ("h", b"2")])
    assert json.loads(found["_headers"]) == {"h": ["1", "2"], "n": None}


def original(found: dict[str, Any]) -> bytes | None:
    if found["payload"] is None:
        return None
    if (found["error"] or "").startswith("not_utf8"):
        return b64decode(found["payload"])
    payload: str = found["payload"]
    return payload.encode()


def refused(topic: str, value: bytes) -> bool:
    try:
        TOPICS[topic].model_validate_json(value)
    except ValidationError:
        return True
    return False


scalars = (
    st.none() | st.booleans() | st.integers(-HALF_INT64, HALF_INT64) | st.floats() | st.text(max_size=8)
    | st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
)  # fmt: skip


@st.composite
def nearly_events(draw: st.DrawFn, topic: str) -> bytes:
    """Events that are right but for some fields that are anything or absent."""
    right = {**LIKE, "play_id": "p", "track_title": "t", "artist_name": "a", "page": "home", "action": "play"}
    right |= {"position_ms": 1, "succeeded": True, "episode_id": "e"}
    event = {name: right[name] for name in TOPICS[topic].model_fields if name in right}
    event |= draw(st.dictionaries(st.sampled_from(list(TOPICS[topic].model_fields)), scalars, max_size=3))
    for name in draw(st.sets(st.sampled_from(list(event)), max_size=2)):
        del event[name]
    return json.dumps(event).encode()


@given(st.data(), st.sampled_from(list(TOPICS)))
def test_one_row_each_reversible_and_refused_exactly_when_pydantic_does(
    data: st.DataObject, topic: str
) -> None:
    values = data.draw(st.lists(nearly_events(topic) | st.binary(max_size=20), max_size=6))
    table = decode(batch(values, topic))
    assert table.schema.equals(bronze_schema(topic))
    rows = table.to_pylist()
    assert [r["_offset"] for r in rows] == [10 + i for i in range(len(values))]
    for value, found in zip(values, rows, strict=True):
        assert original(found) == value
        assert (found["error"] is not None) == refused(topic, value)
        assert found["error"] is None or all(found[name] is None for name in event_schema(topic).names)


def test_a_batch_longer_than_a_slice_is_whole_and_in_order() -> None:
    table = decode(batch([json.dumps(LIKE).encode(), b"{"] * 12_345))
    assert table.num_rows == 24_690
    assert table["_offset"].to_pylist() == list(range(10, 24_700))
    assert table["error"].null_count == 12_345
    assert isinstance(table, pa.Table)
