"""The beginning of a report, in whatever encoding: its text, its first rows, its JSON keys."""

from __future__ import annotations

import codecs
import csv
import re
from functools import cached_property
from typing import IO

_CHUNK = 1 << 20
_KEY = re.compile(r'"([^"\\]{1,80})"\s*:')
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = (",", "\t", ";", "|")
# A head that takes more rows than this is none.
MOST_PREAMBLE = 40


def encoding_of(head: bytes) -> str:
    """The encoding of a file that begins with `head`: by its mark, by its zeros, UTF-8 if it is that, else
    Windows' Latin-1."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    sample = head[:2000]
    if len(sample) > 3 and sample[1::2].count(0) > len(sample) // 3:
        return "utf-16-le"
    if len(sample) > 3 and sample[::2].count(0) > len(sample) // 3:
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def encoding_of_all(file: IO[bytes], guessed: str) -> str:
    """The encoding of a whole file whose beginning is `guessed`: the first accent may stand far behind."""
    if guessed != "utf-8":
        return guessed
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


class ReportHead:
    """What recognition looks at: `text` is the decoded beginning, its last row perhaps cut."""

    def __init__(self, head: bytes) -> None:
        self.encoding = encoding_of(head)
        self.text = head.decode(self.encoding, errors="replace").removeprefix("\ufeff")

    @cached_property
    def is_json(self) -> bool:
        """Whether it begins as a JSON document."""
        return self.text.lstrip()[:1] in ("{", "[")

    @cached_property
    def keys(self) -> frozenset[str]:
        """The names of JSON members, at any depth, lower-cased."""
        return frozenset(key.lower() for key in _KEY.findall(self.text)) if self.is_json else frozenset()

    def rows(self, delimiter: str) -> list[list[str]]:
        """The first rows, were it a table that is parted by `delimiter`."""
        lines = iter(self.text.splitlines(keepends=True)[: 2 * MOST_PREAMBLE])
        found: list[list[str]] = []
        try:
            for row in csv.reader(lines, delimiter=delimiter):
                if len(found) == MOST_PREAMBLE:
                    break
                found.append(row)
        except csv.Error:
            return found
        return found
