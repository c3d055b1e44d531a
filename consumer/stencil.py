"""A stencil: where the values stand in payloads that are written alike, found by their quotation marks.

A producer writes its events with the same keys in the same order, so that between the values stands the
same text in every one of them. A stencil is learnt from one payload; where that text is found again,
at the same marks, the values are what stands between.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# A scalar and what separates it from the key before it and from what follows it.
_SCALAR = re.compile(rb"( *: *)([^ ,}]+)( *[,}] *)")
# A backslash makes a mark that is none; control characters are no JSON, or line breaks between tokens.
_ODD = re.compile(rb"[\x00-\x1f\\]")
# A text between two values is compared in one look; what is longer than this is no key of ours.
LONGEST = 250


@dataclass(frozen=True)
class Anchor:
    """A place in a payload: `shift` bytes from its quotation mark `mark`, from 0 on; -1: its first byte."""

    mark: int
    shift: int = 0


@dataclass(frozen=True)
class Value:
    """A field's value: the bytes in [begin, end), of a JSON text (without its marks) or a scalar."""

    name: str
    is_text: bool
    begin: Anchor
    end: Anchor


@dataclass(frozen=True)
class Stencil:
    """`texts` stand at their anchors in every payload of `marks` quotation marks that was written alike.

    The last of them ends the payload.
    """

    marks: int
    texts: tuple[tuple[Anchor, bytes], ...]
    values: tuple[Value, ...]


class _Walk:
    """Goes through a payload from mark to mark; `pieces` are what the marks divide it into."""

    def __init__(self, payload: bytes) -> None:
        self._pieces = payload.split(b'"')
        self._texts: list[tuple[Anchor, bytes]] = []
        self._values: list[Value] = []
        self._anchor, self._text = Anchor(-1), b""

    def stencil(self) -> Stencil | None:
        """None for what is no flat object of texts and scalars, or has a key twice."""
        pieces, at = self._pieces, 1
        if len(pieces) % 2 == 0 or pieces[0].strip(b" ") != b"{":
            return None
        self._text = pieces[0]
        closed = False
        while not closed and at + 1 < len(pieces):
            taken = self._text_value(at) or self._scalar(at)
            if not taken:
                return None
            at += taken
            closed = pieces[at - 1].strip(b" ").endswith(b"}")
        names = [value.name for value in self._values]
        if not closed or at != len(pieces) or len(set(names)) < len(names):
            return None
        self._close(self._text)
        if max(len(text) for _, text in self._texts) > LONGEST:
            return None
        return Stencil(len(pieces) - 1, tuple(self._texts), tuple(self._values))

    def _text_value(self, at: int) -> int:
        """Take `"key":"value",` whose key is piece `at`: four pieces; 0 when it is something else."""
        pieces = self._pieces
        if at + 3 >= len(pieces) or pieces[at + 1].strip(b" ") != b":":
            return 0
        if pieces[at + 3].strip(b" ") not in {b",", b"}"}:
            return 0
        # Piece n stands between the marks n - 1 and n.
        self._close(self._text + b'"' + pieces[at] + b'"' + pieces[at + 1] + b'"')
        self._values.append(Value(self._name(at), True, Anchor(at + 1, 1), Anchor(at + 2)))
        self._anchor, self._text = Anchor(at + 2), b'"' + pieces[at + 3]
        return 4

    def _scalar(self, at: int) -> int:
        """Take `"key":scalar,` whose key is piece `at`: two pieces; 0 when it is something else."""
        found = _SCALAR.fullmatch(self._pieces[at + 1])
        if found is None:
            return 0
        before, _, after = found.groups()
        begin = Anchor(at, 1 + len(before))
        self._close(self._text + b'"' + self._pieces[at] + b'"' + before)
        # The scalar ends before what follows it, which ends at the next mark or with the payload.
        end = Anchor(at + 1, -len(after))
        self._values.append(Value(self._name(at), False, begin, end))
        self._anchor, self._text = end, after
        return 2

    def _close(self, text: bytes) -> None:
        self._texts.append((self._anchor, text))

    def _name(self, at: int) -> str:
        return self._pieces[at].decode()


def learn(payload: bytes) -> Stencil | None:
    """The stencil of `payload`, UTF-8; None where one cannot be sure, so that it must be read as JSON.

    The mark after a payload's last is its end.
    """
    return None if _ODD.search(payload) else _Walk(payload).stencil()
