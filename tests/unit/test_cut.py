"""The cutter: what it cuts out has the very values that the event classes give."""

from __future__ import annotations

import json
from itertools import chain

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumer.cut import Cutter
from consumer.judge import judge
from consumer.stencil import learn
from contracts.arrow import event_schema
from tests.podcast_payloads import PODCAST, alike, is_text, payloads

TOPIC = "podcast_events"


def cut(values: list[bytes], cutter: Cutter | None = None) -> dict[int, list[object]]:
    """The row of values that is cut out of each payload, by its number."""
    column = pa.array([value if is_text(value) else None for value in values], pa.binary())
    pieces = (cutter or Cutter(TOPIC, fewest_rows=1)).cut(column)
    found = {}
    for piece in pieces:
        for number, row in enumerate(piece.rows.tolist()):
            assert row not in found
            found[row] = [each[number].as_py() for each in piece.columns]
    return found


def payload(**changes: object) -> bytes:
    return json.dumps({**PODCAST, **changes}, separators=(",", ":")).encode()


@settings(max_examples=600)
@given(st.lists(alike() | st.lists(payloads(), max_size=3), min_size=1, max_size=3))
def test_what_is_cut_has_the_values_the_classes_give(groups: list[list[bytes]]) -> None:
    values = list(chain.from_iterable(groups))
    exact = judge(TOPIC, values, [None] * len(values))
    for row, found in cut(values).items():
        assert exact.errors[row] is None, values[row]
        assert found == [column[row].as_py() for column in exact.columns]


def test_events_written_alike_are_all_cut() -> None:
    values = [
        payload(user_id=f"u{n}", position_ms=n * 7, country=["US", None, "DE"][n % 3]) for n in range(999)
    ]
    found = cut(values)
    assert sorted(found) == list(range(999))
    names = event_schema(TOPIC).names
    assert [found[n][names.index("user_id")] for n in range(999)] == [f"u{n}" for n in range(999)]
    assert [found[n][names.index("position_ms")] for n in range(999)] == [n * 7 for n in range(999)]


def test_an_array_that_begins_in_the_middle_of_its_buffer_is_cut_the_same() -> None:
    column = pa.array([payload(user_id=f"u{n}") for n in range(9)], pa.binary())
    (piece,) = Cutter(TOPIC, fewest_rows=1).cut(column.slice(4))
    assert piece.columns[event_schema(TOPIC).get_field_index("user_id")].to_pylist() == [
        f"u{n}" for n in range(4, 9)
    ]


@pytest.mark.parametrize(
    "odd",
    [
        payload(user_id='"'),
        payload(user_id="\\"),
        payload(user_id="a\tb"),
        payload(unknown=[1]),
        payload(unknown=1.5),
        payload(position_ms="12"),
        payload(action="stop"),
        payload()[:-1],
        payload() + b" x",
        payload().replace(b'"position_ms":12', b'"position_ms":012'),
        payload().replace(b'"position_ms":12', b'"position_ms":+12'),
        payload().replace(b'"position_ms":12', b'"position_ms":1 2'),
        payload().replace(b'"position_ms":12', b'"position_ms":'),
        payload().replace(b'"user_id":"sim-000001"', b'"user_id":"a","user_id":"b"'),
        b"",
        b"{}",
        b'"',
    ],
)
def test_what_is_not_sure_is_left_and_the_others_are_cut(odd: bytes) -> None:
    assert sorted(cut([payload(), odd, payload(user_id="v")])) == [0, 2]


def test_stencils_are_remembered_and_shared_by_keys_of_all_writers() -> None:
    cutter = Cutter(TOPIC, fewest_rows=2)
    other = json.dumps(dict(reversed(PODCAST.items()))).encode()
    mixed = [payload(), other] * 4
    assert sorted(cut(mixed, cutter)) == list(range(8))
    assert sorted(cut(mixed[:2] * 2, cutter)) == list(range(4))


def test_shorter_payloads_with_as_many_marks_are_looked_at_safely() -> None:
    wide = payload().replace(b',"user_id"', b"," + b" " * 200 + b'"user_id"')
    short = b'{"' * (wide.count(b'"') // 2) + b'"' * (wide.count(b'"') // 2)
    assert short.count(b'"') == wide.count(b'"')
    cutter = Cutter(TOPIC, fewest_rows=1)
    assert sorted(cut([wide, short], cutter)) == [0]
    assert cut([short], cutter) == {}


def test_few_rows_are_not_worth_a_stencil() -> None:
    assert cut([payload()] * 249, Cutter(TOPIC)) == {}
    assert len(cut([payload()] * 250, Cutter(TOPIC))) == 250


@pytest.mark.parametrize(
    "raw", [b"[]", b'{"a":{"b":1}}', b'{"a":1,"a":2}', b'{"a":1}}', b'{"a" 1}', b'{"a":"b"', b'{"a\\n":1}']
)
def test_nothing_is_learnt_from_what_is_no_flat_object(raw: bytes) -> None:
    assert learn(raw) is None


def test_no_payload_at_all() -> None:
    assert cut([]) == {}
    assert Cutter(TOPIC, fewest_rows=1).cut(pa.array([None, None], pa.binary())) == []
