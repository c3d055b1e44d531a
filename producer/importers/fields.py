"""Single values out of rows, whatever their type; what cannot be used is a fault, never an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite

from producer.importers.converted import Fault
from producer.importers.timestamp import parse_ms

_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)
_MBID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", re.ASCII)


def text(row: Mapping[str, object], name: str) -> str | None:
    """The text of a field; None where it is blank or none."""
    value = row.get(name)
    return value if isinstance(value, str) and value and not value.isspace() else None


def inner(row: Mapping[str, object], name: str) -> Mapping[str, object]:
    """The object in a field; empty where there is none."""
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def whole(value: object) -> int | None:
    """A whole number, written as one or as text; None where it is none."""
    if type(value) is int:
        return value if -(2**62) < value < 2**62 else None
    if isinstance(value, str):
        return int(value.strip().partition(".")[0]) if _WHOLE.fullmatch(value.strip()) else None
    if isinstance(value, float) and isfinite(value) and abs(value) < 2**62:
        return int(value)
    return None


def count(value: object, faults: list[Fault], name: str, scale: int = 1) -> int | None:
    """A length, times `scale`; None where blank; `faults`: `bad_<name>`."""
    if value is None or value == "":
        return None
    number = whole(value)
    if number is None:
        faults.append(Fault(f"bad_{name}", name))
        return None
    return number * scale


def seconds(value: object, faults: list[Fault], name: str = "timestamp") -> int | None:
    """Seconds since 1970 → ms; `faults`: `missing_<name>`, `bad_<name>`."""
    return _number_of(value, faults, name, 1000)


def milliseconds(value: object, faults: list[Fault], name: str = "timestamp") -> int | None:
    """Milliseconds since 1970; `faults` as above."""
    return _number_of(value, faults, name, 1)


def _number_of(value: object, faults: list[Fault], name: str, scale: int) -> int | None:
    number = whole(value)
    # 1e11 seconds are the year 5138; beyond the year 9999 there is no date to write.
    if number is not None and 0 <= number * scale < 250_000_000_000_000:
        return number * scale
    faults.append(Fault(f"{'missing' if value is None or value == '' else 'bad'}_{name}", name))
    return None


def moment(value: object, faults: list[Fault], name: str = "timestamp") -> int | None:
    """A time in ISO-8601 → ms since 1970; `faults` as above."""
    found = parse_ms(value) if isinstance(value, str) else None
    if found is None:
        faults.append(Fault(f"{'missing' if value is None or value == '' else 'bad'}_{name}", name))
    return found


def mbid(value: object) -> str | None:
    """A MusicBrainz id in its one spelling, or None where the field holds something else."""
    if not isinstance(value, str) or not value:
        return None
    found = value.strip().lower()
    return found if _MBID.fullmatch(found) else None


def isrc(value: object) -> str | None:
    """A recording's ISRC without hyphens, or None where the field holds something else."""
    if not isinstance(value, str) or not value:
        return None
    found = value.strip().upper().replace("-", "")
    return found if _ISRC.fullmatch(found) else None
