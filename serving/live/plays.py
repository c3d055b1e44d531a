"""The plays of the last hours, each once: second by second, a play packed into 8 bytes.

A key is track (24 bits), country (10), listener (29, a hash) and whether the play counts (1). What falls
into the same second with the same key is the same play told twice. Two listeners of a country have the same
hash once in 500 million pairs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
USER_BITS, COUNTRY_BITS = 29, 10
_USERS = (1 << USER_BITS) - 1
_COUNTRIES = (1 << COUNTRY_BITS) - 1
_A = ord("A")
_NONE: Keys = np.empty(0, np.uint64)


def country_number(country: str | None) -> int:
    """1 + 26 · first letter + second; 0 for none."""
    return 0 if country is None else 1 + 26 * (ord(country[0]) - _A) + ord(country[1]) - _A


def country_of(number: int) -> str | None:
    """The country that has this number."""
    return chr(_A + (number - 1) // 26) + chr(_A + (number - 1) % 26) if number else None


def packed(track: int, country: str | None, user_id: str, *, counts: bool) -> int:
    """A play as a key."""
    place = (track << COUNTRY_BITS) | country_number(country)
    return (((place << USER_BITS) | (crc32(user_id.encode()) & _USERS)) << 1) | counts


class _Second:
    """The plays of one second: a set while they come, a sorted array later."""

    __slots__ = ("by_country", "fresh", "sealed")

    def __init__(self) -> None:
        self.fresh: set[int] = set()
        self.sealed = _NONE
        self.by_country: dict[int, int] = defaultdict(int)

    def add(self, key: int) -> bool:
        if key in self.fresh or self._holds(key):
            return False
        self.fresh.add(key)
        return True

    def keys(self) -> Keys:
        if not self.fresh:
            return self.sealed
        fresh = np.fromiter(self.fresh, np.uint64, len(self.fresh))
        return np.sort(np.concatenate([self.sealed, fresh]))

    def seal(self) -> None:
        self.sealed, self.fresh = self.keys(), set()

    def _holds(self, key: int) -> bool:
        if not len(self.sealed):
            return False
        at = int(np.searchsorted(self.sealed, np.uint64(key)))
        return at < len(self.sealed) and int(self.sealed[at]) == key


class Plays:
    """Distinct plays by second; no more than `most` of them, the oldest go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seconds: dict[int, _Second] = {}
        self._minutes: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self._open: set[int] = set()
        self._count = 0
        self.since = 0  # nothing before this second is known

    def __len__(self) -> int:
        return self._count

    def add(self, second: int, key: int) -> bool:
        """Add a play; False when it is there already, or older than what is kept."""
        if second < self.since:
            return False
        at = self._seconds.get(second)
        if at is None:
            at = self._seconds[second] = _Second()
        if not at.add(key):
            return False
        self._open.add(second)
        self._count += 1
        country = (key >> (USER_BITS + 1)) & _COUNTRIES
        at.by_country[country] += 1
        self._minutes[second // 60][country] += 1
        return True

    def seal(self, before: int) -> None:
        """Put the plays before that second into arrays: a tenth of what they take in sets."""
        for second in [second for second in self._open if second < before]:
            self._seconds[second].seal()
            self._open.discard(second)

    def forget(self, before: int) -> None:
        """Let go of the seconds before that one, and of more while there are too many plays."""
        if not self._seconds:
            return
        order = sorted(self._seconds) if self._count > self._most or min(self._seconds) < before else []
        for second in order:
            if second >= before and self._count <= self._most:
                break
            self._drop(second)

    def count(self, first: int, last: int) -> dict[str | None, int]:
        """Country → plays in the seconds from `first` to `last`."""
        found: dict[int, int] = defaultdict(int)
        for at in self._between(first, last):
            for country, count in at.by_country.items():
                found[country] += count
        return {country_of(number): count for number, count in found.items()}

    def minutes(self, first: int, last: int, country: str | None = None) -> list[int]:
        """Plays in each of the minutes (epoch seconds // 60) from `first` to `last`, of a country or all."""
        number = country_number(country)
        found = (self._minutes.get(minute, {}) for minute in range(first, last + 1))
        return [by.get(number, 0) if country else sum(by.values()) for by in found]

    def parts(self, first: int, last: int) -> list[Keys]:
        """The keys of the seconds from `first` to `last`, an array each; nobody changes them any more."""
        return [at.keys() for at in self._between(first, last)]

    def _between(self, first: int, last: int) -> Iterator[_Second]:
        found = (self._seconds.get(second) for second in range(first, last + 1))
        return (at for at in found if at is not None)

    def _drop(self, second: int) -> None:
        gone = self._seconds.pop(second)
        self._open.discard(second)
        self._count -= sum(gone.by_country.values())
        self._minutes.pop(second // 60, None)
        self.since = max(self.since, second + 1)
