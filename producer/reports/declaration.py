"""What a platform's file in `platforms/` may say: the reports it makes, and what their columns mean.

A `{currency}` in the name of a column stands for three letters, which become the line's currency.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.reports import LINES, TABLES

Kind = Literal[
    "text",
    "integer",
    "decimal",
    "percent",
    "date",
    "month",
    "day_of_year",
    "country",
    "isrc",
    "key",
    "minutes",
]
COLUMNS = tuple(TABLES[LINES][0])


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Declared):
    """Where a canonical column comes from: the first of the names in `of` that the report has (in rows where
    its cell is empty: `or_of`), else what `in_name` finds in the file's name, else `value`. What cannot be
    read refuses the line, or is left out where that is `lenient`."""

    of: tuple[str, ...] = ()
    or_of: str = ""
    in_name: str | None = None
    value: str | None = None
    type: Kind = "text"
    formats: tuple[str, ...] = ()
    words: dict[str, str] = Field(default_factory=dict)
    factor: str = "1"
    required: bool = False
    lenient: bool = False


class Condition(_Declared):
    """A row whose column `of` is as `matches` says (a regular expression, whole, whatever the case)."""

    of: str
    matches: str
    reason: str = ""


class Report(_Declared):
    """One kind of report. It is recognised by `has` (columns, or JSON keys) or by `found` (expressions that
    are found in its beginning, line by line); of several that fit, the one that asks for most."""

    kind: str
    subject: Literal["royalties", "streams", "ads", "social", "email"]
    usually: str
    layout: Literal["table", "records", "document"] = "table"
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    decimal: Literal[".", ","] | None = None
    columns: dict[str, Column]
    statement: tuple[str, ...]
    measure: str
    total: tuple[Condition, ...] = ()
    total_of: str | None = None
    refuse: tuple[Condition, ...] = ()
    rows: tuple[str, ...] = ()
    context: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    differences: dict[str, tuple[str, str]] = Field(default_factory=dict)
    fields: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    delimiter: str | None = None

    @model_validator(mode="after")
    def _known_columns(self) -> Report:
        strange = {*self.columns, *self.statement, self.measure} - set(COLUMNS)
        if strange:
            raise ValueError(f"{self.kind}: the contract knows no column {', '.join(sorted(strange))}")
        if not (self.has or self.found):
            raise ValueError(f"{self.kind}: says neither `has` nor `found`: it would fit every file")
        return self

    @property
    def asks_for(self) -> int:
        """How much a file must show to be this report."""
        return len(self.has) + len(self.found)


class Platform(_Declared):
    """All reports of one platform."""

    platform: str
    title: str
    reports: tuple[Report, ...]


def pattern_of(name: str) -> re.Pattern[str]:
    """What a column's name must be, lower-cased and with single spaces."""
    return re.compile(re.escape(name).replace(r"\{currency\}", "(?P<currency>[a-z]{3})"))


def plain(name: str) -> str:
    """A column's name as it is compared: lower-cased, without byte order mark, spaces single."""
    return " ".join(name.replace("\ufeff", "").replace("\u00a0", " ").split()).lower()
