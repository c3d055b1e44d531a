"""The contract: what is rendered from it has not drifted, and what it accepts is what it says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.arrow import TIMESTAMP, bronze_schema, event_schema
from contracts.events import TOPICS, Event, Like
from contracts.render import drifted, json_schema, write

ROOT = Path(__file__).parents[2]

LIKE = {
    "event_id": "01932f5c-7d00-7000-8000-000000000000",
    "schema_version": 1,
    "user_id": "sim-000001",
    "occurred_at": "2026-11-21T12:00:00.123Z",
    "source": "simulator",
    "track_id": "t1",
    "liked": True,
}


def test_rendered_files_have_not_drifted() -> None:
    assert drifted(ROOT) == []


def test_a_changed_file_is_found_and_mended(tmp_path: Path) -> None:
    assert len(write(tmp_path)) == 5 + 2 * len(TOPICS)
    (tmp_path / "contracts/schemas/plays.arrow.txt").write_text("event_id: int64\n")
    assert drifted(tmp_path) == [Path("contracts/schemas/plays.arrow.txt")]
    write(tmp_path)
    assert drifted(tmp_path) == []


@pytest.mark.parametrize("topic", TOPICS)
def test_every_event_has_the_envelope_a_grain_and_described_fields(topic: str) -> None:
    event = TOPICS[topic]
    assert issubclass(event, Event)
    assert (event.__doc__ or "").startswith("One row per ")
    assert all(field.description for field in event.model_fields.values())


@pytest.mark.parametrize("topic", TOPICS)
def test_bronze_adds_the_record_to_the_contracts_columns(topic: str) -> None:
    names = bronze_schema(topic).names
    assert names[: len(event_schema(topic))] == list(TOPICS[topic].model_fields)
    assert names[-8:] == [
        "payload",
        "error",
        "_topic",
        "_partition",
        "_offset",
        "_timestamp",
        "_key",
        "_headers",
    ]
    assert event_schema(topic).field("occurred_at").type == TIMESTAMP
    assert all(field.nullable for field in bronze_schema(topic))


def test_arrow_types_follow_the_fields() -> None:
    plays = event_schema("plays")
    assert plays.field("ms_played").type == pa.int64()
    assert plays.field("skipped").type == pa.bool_()
    assert plays.field("event_id").type == pa.string()
    assert event_schema("podcast_events").field("action").type == pa.string()


@pytest.mark.parametrize(
    "occurred_at", ["2026-11-21T12:00:00.123Z", "2026-11-21T14:00:00.123+02:00", 1795262400123]
)
def test_iso_times_with_offset_and_epoch_milliseconds_are_one_time(occurred_at: str | int) -> None:
    event = Like.model_validate_json(json.dumps({**LIKE, "occurred_at": occurred_at}))
    assert event.occurred_at == datetime(2026, 11, 21, 12, 0, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("occurred_at", "2026-11-21T12:00:00"),
        ("occurred_at", True),
        ("occurred_at", 10**20),
        ("liked", "yes"),
        ("country", "usa"),
        ("user_id", ""),
        ("event_id", "not-a-uuid"),
        ("schema_version", 0),
        ("schema_version", "1"),
    ],
)
def test_a_value_that_does_not_fit_names_its_field(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        Like.model_validate_json(json.dumps({**LIKE, field: value}))
    assert {str(error["loc"][0]) for error in caught.value.errors()} == {field}


@given(
    st.dictionaries(
        st.sampled_from([*Like.model_fields, "unknown"]),
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats(allow_nan=False)),
    )
)
def test_what_the_json_schema_refuses_the_contract_refuses_too(changes: dict[str, object]) -> None:
    document = {**LIKE, **changes}
    if list(jsonschema.Draft202012Validator(json.loads(json_schema("likes"))).iter_errors(document)):
        with pytest.raises(ValidationError):
            Like.model_validate_json(json.dumps(document))
