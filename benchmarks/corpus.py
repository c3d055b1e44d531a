"""Plays to land: valid events of an exact mean size, whose ids and titles are random: little compresses.

What the simulator makes is too regular to compare engines by bytes: a few thousand titles, again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

SEED = 7
_CHUNK = 20_000
_START_MS = 1_793_000_000_000
_LISTENERS = 50_000
# Letters are drawn by the low bits of random bytes: an alphabet has 16 or 64 of them.
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_LETTERS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -", np.uint8)
_VARIANT = np.frombuffer(b"89ab" * 4, np.uint8)
_CHOICES = {
    "source": ["collector", "import.spotify", "import.lastfm"],
    "country": ["US", "DE", "BR", "GB", "FR", "IN", "JP", "MX"],
    "device": ["ios", "android", "desktop", "web", "tv", "speaker"],
    "reason_start": ["clickrow", "trackdone", "fwdbtn"],
    "reason_end": ["trackdone", "fwdbtn", "endplay"],
    "context": ["playlist", "radio", "search", "album", "liked_songs"],
    "app_version": ["8.9.96", "8.9.98", "9.0.2"],
}
# One name in eight is not ASCII.
_ACCENTS = ["", "", "", "", "", "", "", "é"]
# What a producer sends that knows little more than the play, and what one sends that knows everything; the
# last three the contract does not know: they stay in the payload alone.
_FEW = [
    *("event_id", "schema_version", "user_id", "occurred_at", "source", "country", "device", "play_id"),
    *("track_id", "track_title", "artist_name", "started_at", "ms_played"),
]
_ALL = [
    *("event_id", "schema_version", "user_id", "occurred_at", "received_at", "source", "country", "device"),
    *("session_id", "play_id", "track_id", "track_title", "artist_id", "artist_name", "album_title", "isrc"),
    *("started_at", "ms_played", "duration_ms", "skipped", "reason_start", "reason_end", "context"),
    *("request_id", "app_version", "user_agent"),
]


@dataclass(frozen=True)
class Size:
    """A kind of record: `mean` bytes, at most `spread` off it; text fields as long as `lengths` says."""

    mean: int
    spread: int
    fields: list[str]
    lengths: dict[str, tuple[int, int]]


SIZES = {
    430: Size(430, 20, _FEW, {"artist_name": (6, 18)}),
    1200: Size(1200, 150, _ALL, {"artist_name": (20, 60), "album_title": (60, 140), "user_agent": (80, 120)}),
}


@dataclass(frozen=True)
class Chunk:
    """Keys and values of some records, in the order in which they are produced."""

    keys: list[bytes]
    values: list[bytes]


def chunks(size: Size, count: int) -> Iterator[Chunk]:
    """`count` plays (an even number, so that the mean comes out exactly); always the same ones."""
    random = np.random.default_rng([SEED, size.mean])
    listeners = _text(random, np.full(_LISTENERS, 32), _HEX)
    for start in range(0, count, _CHUNK):
        rows = min(_CHUNK, count - start)
        users = listeners.take(pa.array(random.integers(0, _LISTENERS, rows)))
        fields = _fields(random, size, rows, start) | {"user_id": _quoted(users)}
        values = _padded(random, size, rows, fields)
        yield Chunk(users.cast(pa.binary()).to_pylist(), values.cast(pa.binary()).to_pylist())


def _padded(random: np.random.Generator, size: Size, rows: int, fields: dict[str, pa.Array]) -> pa.Array:
    """The JSON texts, each with a title as long as it takes to reach its length."""
    half = random.integers(-size.spread, size.spread + 1, rows // 2)
    wanted = size.mean + random.permutation(np.concatenate([half, -half]))
    bare = _objects(size.fields, fields | {"track_title": pa.repeat('""', rows)})
    missing = wanted - compute.binary_length(bare).to_numpy()
    if missing.min() < 1:
        raise ValueError(f"{-missing.min()} bytes too many in a record of {size.mean} without any title")
    return _objects(size.fields, fields | {"track_title": _quoted(_text(random, missing, _LETTERS))})


def _objects(names: list[str], fields: dict[str, pa.Array]) -> pa.Array:
    pieces = [piece for name in names for piece in (f',"{name}":', fields[name])]
    return _joined(f'{{"{names[0]}":', *pieces[1:], "}")


def _fields(random: np.random.Generator, size: Size, rows: int, start: int) -> dict[str, pa.Array]:
    """Each field but user and title, as JSON; 40 plays end in a second."""
    ended = _START_MS + 25 * np.arange(start, start + rows)
    played = random.integers(1_000, 400_000, rows)
    numbers = {
        "schema_version": np.ones(rows, np.int64),
        "ms_played": played,
        "duration_ms": played + random.integers(0, 60_000, rows),
    }
    ids = {"session_id": 16, "play_id": 16, "track_id": 22, "artist_id": 22, "isrc": 12, "request_id": 32}
    texts = {name: np.full(rows, width) for name, width in ids.items()}
    texts |= {name: random.integers(low, high, rows) for name, (low, high) in size.lengths.items()}
    return {
        "event_id": _quoted(_uuid7(random, ended)),
        "occurred_at": _quoted(_time(ended)),
        "received_at": _quoted(_time(ended + random.integers(5, 2_000, rows))),
        "started_at": _quoted(_time(ended - played)),
        "skipped": pa.array(random.random(rows) < 0.2).cast(pa.string()),
        **{name: pa.array(numbers[name]).cast(pa.string()) for name in numbers},
        **{name: _quoted(_text(random, lengths, _LETTERS[:62])) for name, lengths in texts.items()},
        "artist_name": _quoted(
            _joined(_text(random, texts["artist_name"], _LETTERS), _one_of(random, _ACCENTS, rows))
        ),
        **{name: _quoted(_one_of(random, choices, rows)) for name, choices in _CHOICES.items()},
    }


def _text(random: np.random.Generator, lengths: NDArray[np.int64], alphabet: NDArray[np.uint8]) -> pa.Array:
    """Random text, one of each length."""
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    drawn = np.frombuffer(random.bytes(int(ends[-1])), np.uint8) % len(alphabet)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(alphabet[drawn])]
    return pa.Array.from_buffers(pa.string(), len(lengths), buffers)


def _uuid7(random: np.random.Generator, epoch_ms: NDArray[np.int64]) -> pa.Array:
    rows = len(epoch_ms)
    time = pa.array([f"{ms:012x}" for ms in epoch_ms.tolist()])
    part = {width: np.full(rows, width) for width in (1, 3, 12)}
    return _joined(
        compute.utf8_slice_codeunits(time, 0, 8),
        "-",
        compute.utf8_slice_codeunits(time, 8, 12),
        "-7",
        _text(random, part[3], _HEX),
        "-",
        _text(random, part[1], _VARIANT),
        _text(random, part[3], _HEX),
        "-",
        _text(random, part[12], _HEX),
    )


def _time(epoch_ms: NDArray[np.int64]) -> pa.Array:
    return compute.strftime(pa.array(epoch_ms, pa.timestamp("ms", "UTC")), "%Y-%m-%dT%H:%M:%SZ")


def _one_of(random: np.random.Generator, choices: list[str], rows: int) -> pa.Array:
    return pa.array(choices).take(pa.array(random.integers(0, len(choices), rows)))


def _quoted(texts: pa.Array) -> pa.Array:
    return _joined('"', texts, '"')


def _joined(*pieces: pa.Array | str) -> pa.Array:
    return compute.binary_join_element_wise(*pieces, "")
