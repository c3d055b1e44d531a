"""The beginning of a file, as recognition looks at it: never its name."""

from __future__ import annotations

import csv
import re
from functools import cached_property

# More than enough for a header, a first JSON object, or a hundred lines of a log.
HEAD_BYTES = 1 << 16

_KEY = re.compile(r'"([^"\\]{1,80})"\s*:')
# Comments before a header; a spreadsheet that saved UTF-7 writes `#` as `+ACM-`.
_COMMENT = ("#", "+ACM-")


class Head:
    """Up to `HEAD_BYTES` of a file; a broken byte or a character cut at the end hides nothing of the rest."""

    def __init__(self, head: bytes) -> None:
        self.bytes = head
        self.text = head.decode("utf-8-sig", errors="replace").lstrip()

    @property
    def first(self) -> str:
        """The first character that is no space; empty where there is none."""
        return self.text[:1]

    @cached_property
    def keys(self) -> frozenset[str]:
        """The names of JSON members, at any depth."""
        return frozenset(_KEY.findall(self.text)) if self.first in ("[", "{") else frozenset()

    @cached_property
    def lines(self) -> list[str]:
        """The lines, the last perhaps cut; without comments."""
        return [line for line in self.text.splitlines() if line and not line.startswith(_COMMENT)]

    @cached_property
    def header(self) -> frozenset[str]:
        """The lower-cased names in the first line, were it the header of a CSV file."""
        return (
            frozenset(name.strip().lower() for name in _cells(self.lines[0])) if self.lines else frozenset()
        )

    @cached_property
    def cells(self) -> list[list[str]]:
        """The first lines' values, were it a CSV file without header."""
        return [_cells(line) for line in self.lines[:20]]

    @cached_property
    def columns(self) -> list[list[str]]:
        """The lines' values, were it tab-separated."""
        return [line.split("\t") for line in self.lines]


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []
