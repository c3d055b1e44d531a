"""Where every random number and id of a simulation comes from: named streams of one seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from producer.simulator.arrays import Ints
from producer.simulator.coded import Digits, Numbers, hexadecimal, text_series

if TYPE_CHECKING:
    from producer.simulator.config import SimulationConfig

_HYPHENS = ((0, 8, 0), (8, 12, 9), (12, 16, 14), (16, 20, 19), (20, 32, 24))


def lasting_stream(config: SimulationConfig, name: str) -> np.random.Generator:
    """The stream of what stays the same from run to run with one seed: names, listeners, tastes."""
    return np.random.default_rng([config.seed, *name.encode()])


def daily_stream(config: SimulationConfig, day: int) -> np.random.Generator:
    """The stream of one simulated day. Ids come from it, so it differs with any setting, `end` too."""
    return np.random.default_rng([config.digest, day])


def random_ids(rng: np.random.Generator, count: int) -> pl.Series:
    """(count,) ids of 64 bits; on the wire they have 16 hexadecimal digits."""
    return pl.Series(_numbers(rng, count))


def _numbers(rng: np.random.Generator, count: int) -> Numbers:
    return np.frombuffer(rng.bytes(8 * count), np.uint64)


def timed_ids(rng: np.random.Generator, epoch_ms: Ints) -> pl.Series:
    """(n,) ids of 20 hexadecimal digits: 48 bits of `epoch_ms`, 32 random ones.

    They begin with the time, like a UUIDv7. A warehouse that looks for another event with
    the same id then reads the days around it, not all history.
    """
    digits = [
        hexadecimal(epoch_ms.astype(np.uint64))[:, 4:],
        hexadecimal(_numbers(rng, len(epoch_ms)))[:, 8:],
    ]
    return text_series(np.hstack(digits))


def uuid7_digits(epoch_ms: Ints, entropy: Numbers) -> Digits:
    """(n, 36) UUIDv7 (RFC 9562) as ASCII codes: 48 bits of `epoch_ms`, version, variant, 64 random bits.

    The lower 62 bits of `entropy` fill the end; the upper 12 are the ones that follow the version.
    """
    high = epoch_ms.astype(np.uint64) << np.uint64(16) | np.uint64(0x7000) | entropy >> np.uint64(52)
    low = entropy & np.uint64(2**62 - 1) | np.uint64(2**63)
    digits = hexadecimal(np.stack([high, low], axis=1).ravel()).reshape(-1, 32)
    text = np.full((len(epoch_ms), 36), ord("-"), np.uint8)
    for first, last, place in _HYPHENS:
        text[:, place : place + last - first] = digits[:, first:last]
    return text
