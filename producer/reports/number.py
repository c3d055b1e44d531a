"""Numbers as reports write them: exactly, or not at all.

`1,234.56`, `1 234,56`, `(5.00)`, `$1.99`, `12 %`, `1.2E-05`. Which sign parts the decimals is never guessed
from one number: `1,200` is 1200 in a report whose decimals stand behind a point.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

_SPACES = " \u00a0\u202f\u2009"
_MARKS = re.compile(r"^[$€£¥]|[$€£¥%]$|^(?:usd|eur|gbp) | (?:usd|eur|gbp)$", re.IGNORECASE)
_PLAIN = re.compile(r"-?\d{1,20}(?:\.\d{0,60})?", re.ASCII)
_SCIENTIFIC = re.compile(r"-?\d(?:\.\d{1,30})?[eE][+-]?\d{1,2}", re.ASCII)
_GROUPED = {
    ".": re.compile(rf"\d{{1,3}}(?:[,'{_SPACES}]\d{{3}})+(?:\.\d{{1,60}})?", re.ASCII),
    ",": re.compile(rf"(?:\d{{1,3}}(?:[.'{_SPACES}]\d{{3}})+|\d{{1,20}})(?:,\d{{1,60}})?", re.ASCII),
}
_EXACT = Context(prec=90, rounding=ROUND_HALF_EVEN)
_STEP = Decimal("1e-18")
_MOST = Decimal(10) ** 20
_MOST_INTEGER = 1 << 62


class Bad:
    """A value that is not what its column holds."""


BAD: Final = Bad()
Reader = Callable[[str], object]


def decimal_reader(point: str, factor: str = "1") -> Reader:
    """Text → Decimal with 18 digits behind the point, None where it is empty, `BAD`."""
    times = Decimal(factor)

    def read(text: str) -> object:
        number = _number(text, point)
        if not isinstance(number, Decimal):
            return number
        if abs(number) >= _MOST:
            return BAD
        exact = _EXACT.quantize(_EXACT.multiply(number, times), _STEP)
        return exact if abs(exact) < _MOST else BAD

    return read


def integer_reader(point: str) -> Reader:
    """Text → int, None where it is empty, `BAD`; `3.0` is 3, `3.5` is none."""

    def read(text: str) -> object:
        number = _number(text, point)
        if not isinstance(number, Decimal):
            return number
        whole = int(number)
        return whole if whole == number and abs(whole) < _MOST_INTEGER else BAD

    return read


def _number(text: str, point: str) -> Decimal | Bad | None:
    bare = text.strip()
    if not bare or bare in {"-", "–", "—"}:
        return None
    if _PLAIN.fullmatch(bare) and (point == "." or not _is_grouped(bare)):
        return Decimal(bare)
    negative, bare = _without_sign(bare)
    found = _unsigned(bare, point)
    return -found if negative and isinstance(found, Decimal) else found


def _without_sign(text: str) -> tuple[bool, str]:
    """Whether a number is negative, by a sign on either side or by parentheses, and the rest of it."""
    negative = text.startswith("(") and text.endswith(")")
    bare = text[1:-1].strip() if negative else text
    for _ in range(2):  # a currency may stand before the sign, or behind it
        if bare[:1] in {"-", "−", "+"}:
            negative, bare = bare[0] != "+" or negative, bare[1:].strip()
        bare = _MARKS.sub("", bare).strip()
    return (True, bare[:-1]) if bare.endswith("-") and not negative else (negative, bare)


def _unsigned(text: str, point: str) -> Decimal | Bad:
    if _SCIENTIFIC.fullmatch(text):
        return Decimal(text)
    if _GROUPED[point].fullmatch(text):
        groups = "," if point == "." else "."
        bare = re.sub(rf"[{groups}'{_SPACES}]", "", text)
        return Decimal(bare.replace(",", "."))
    return Decimal(text) if _PLAIN.fullmatch(text) and not _is_grouped(text, point) else BAD


def _is_grouped(text: str, point: str = ",") -> bool:
    """Whether a point in it would part thousands where decimals stand behind a comma."""
    return point == "," and _GROUPED[","].fullmatch(text.lstrip("-")) is not None
