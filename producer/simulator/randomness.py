"""Where every random number and id of a simulation comes from: named streams of one seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from producer.simulator.arrays import Ints

if TYPE_CHECKING:
    from producer.simulator.config import SimulationConfig

_HYPHENS = ((0, 8, 0), (8, 12, 9), (12, 16, 14), (16, 20, 19), (20, 32, 24))


def lasting_stream(config: SimulationConfig, name: str) -> np.random.Generator:
    """The stream of what stays the same from run to run with one seed: names, listeners, tastes."""
    return np.random.default_rng([config.seed, *name.encode()])


def daily_stream(config: SimulationConfig, day: int) -> np.random.Generator:
    """The stream of one simulated day. Ids come from it, so it differs with any setting, `end` too."""
    return np.random.default_rng([config.digest, day])


def text_series(characters: npt.NDArray[np.uint8]) -> pl.Series:
    """(n, width) ASCII codes as n strings, without a Python object for each."""
    count, width = characters.shape
    offsets = np.arange(count + 1, dtype=np.int64) * width
    buffers = [pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(characters))]
    series = pl.from_arrow(pa.LargeStringArray.from_buffers(count, *buffers))
    assert isinstance(series, pl.Series)  # noqa: S101 - from_arrow types both of its results as one
    return series


def _hexadecimal(raw: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    digits = raw.tobytes().hex().encode()
    return np.frombuffer(digits, np.uint8).reshape(len(raw), 2 * raw.shape[1])


def _random_bytes(rng: np.random.Generator, count: int, width: int) -> npt.NDArray[np.uint8]:
    return np.frombuffer(rng.bytes(count * width), np.uint8).reshape(count, width)


def random_ids(rng: np.random.Generator, count: int) -> pl.Series:
    """(count,) ids of 16 hexadecimal digits."""
    return text_series(_hexadecimal(_random_bytes(rng, count, 8)))


def timed_ids(rng: np.random.Generator, epoch_ms: Ints) -> pl.Series:
    """(n,) ids of 20 hexadecimal digits: 48 bits of `epoch_ms`, 32 random ones.

    They begin with the time, like a UUIDv7. A warehouse that looks for another event with
    the same id then reads the days around it, not all history.
    """
    return text_series(_hexadecimal(np.hstack([_big_endian(epoch_ms), _random_bytes(rng, len(epoch_ms), 4)])))


def _big_endian(epoch_ms: Ints) -> npt.NDArray[np.uint8]:
    """(n, 6) bytes: the lower 48 bits, the highest first."""
    return epoch_ms.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 2:]


def uuid7_series(rng: np.random.Generator, epoch_ms: Ints) -> pl.Series:
    """(n,) UUIDv7 (RFC 9562) as text: 48 bits of `epoch_ms`, version, variant, 74 random bits."""
    raw = np.empty((len(epoch_ms), 16), np.uint8)
    raw[:, :6] = _big_endian(epoch_ms)
    raw[:, 6:] = _random_bytes(rng, len(epoch_ms), 10)
    raw[:, 6] = raw[:, 6] & 0x0F | 0x70
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    digits = _hexadecimal(raw)
    text = np.full((len(epoch_ms), 36), ord("-"), np.uint8)
    for first, last, place in _HYPHENS:
        text[:, place : place + last - first] = digits[:, first:last]
    return text_series(text)
