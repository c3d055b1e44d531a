"""The records that sinks are measured with are valid, of the size they claim, always the same, and random."""

from __future__ import annotations

import json
import zlib

import pytest

from benchmarks.corpus import SIZES, Size, chunks
from contracts.events import Play

ROWS = 20_400
sizes = pytest.mark.parametrize("size", SIZES.values(), ids=str)


@sizes
def test_the_mean_size_is_exact(size: Size) -> None:
    lengths = [len(value) for chunk in chunks(size, ROWS) for value in chunk.values]
    assert len(lengths) == ROWS
    assert sum(lengths) == ROWS * size.mean
    assert size.mean - size.spread <= min(lengths) < max(lengths) <= size.mean + size.spread


@sizes
def test_every_record_is_a_play_keyed_by_its_listener(size: Size) -> None:
    (chunk,) = chunks(size, 2_000)
    plays = [Play.model_validate_json(value) for value in chunk.values]
    assert [play.user_id.encode() for play in plays] == chunk.keys
    assert len({play.event_id for play in plays}) == len(plays)
    assert any(not value.isascii() for value in chunk.values)


def test_the_large_records_have_every_field_and_some_the_contract_does_not_know() -> None:
    (chunk,) = chunks(SIZES[1200], 2)
    fields = json.loads(chunk.values[0]).keys()
    assert fields > Play.model_fields.keys()


def test_the_records_are_the_same_every_time_and_hardly_compress() -> None:
    first, again = (next(chunks(SIZES[1200], 2_000)) for _ in range(2))
    assert first == again
    text = b"".join(first.values)
    assert len(zlib.compress(text)) > 0.4 * len(text)


def test_a_record_that_leaves_no_room_for_a_title_is_refused() -> None:
    cramped = Size(300, 10, SIZES[430].fields, SIZES[430].lengths)
    with pytest.raises(ValueError, match="bytes too many in a record of 300"):
        next(chunks(cramped, 10))
