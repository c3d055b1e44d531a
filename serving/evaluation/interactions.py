"""Who listened to what how often, as a HetRec-style folder tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from contracts.errors import BackbeatError
from serving.evaluation.arrays import Counts, counts_of

FILE = "user_artists.dat"
COLUMNS = ("userID", "artistID", "weight")


@dataclass(frozen=True)
class Interactions:
    """`counts` is (users, items); both have their names in order."""

    users: list[str]
    items: list[str]
    counts: Counts


def read_folder(folder: Path) -> Interactions:
    """Read `folder`/user_artists.dat: a header, then user, artist and plays, between tabs.

    Raises BackbeatError that names the file, and the line that does not fit.
    """
    rows = list(_rows(folder / FILE))
    if not rows:
        raise BackbeatError(f"{folder / FILE}: no line says who listened to what")
    users, items = sorted({user for user, _, _ in rows}), sorted({item for _, item, _ in rows})
    if len(users) < 2:
        raise BackbeatError(f"{folder / FILE}: one user alone, {users[0]}: nobody to compare them with")
    user_at, item_at = ({name: place for place, name in enumerate(names)} for names in (users, items))
    placed = np.array([(user_at[user], item_at[item]) for user, item, _ in rows], np.int64)
    plays = np.array([weight for _, _, weight in rows], np.float64)
    counts = counts_of(placed[:, 0], placed[:, 1], plays, (len(users), len(items)))
    return Interactions(users, items, counts)


def _rows(path: Path) -> Iterator[tuple[str, str, int]]:
    """User, artist and weight of each line behind the header."""
    for number, line in enumerate(_lines(path), 1):
        fields = tuple(line.split("\t"))
        if number == 1:
            if fields != COLUMNS:
                told = ", ".join(COLUMNS)
                raise BackbeatError(f"{path}, line 1: expected the columns {told}, between tabs")
        elif line:
            if len(fields) != 3 or not all(fields):
                raise BackbeatError(f"{path}, line {number}: expected user, artist and weight, between tabs")
            yield fields[0], fields[1], _weight(path, number, fields[2])


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BackbeatError(f"cannot read {path} (--data): {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BackbeatError(f"{path} (--data) is no text: byte {error.start} is not UTF-8") from error


def _weight(path: Path, number: int, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) == 0:
        raise BackbeatError(f"{path}, line {number}: the weight {text!r} is no whole number above 0")
    return int(text)
