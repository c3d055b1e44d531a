"""What a row's conversion depends on besides the row: who, when, and the reference files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property

from producer.importers.converted import Episode, Fault
from producer.importers.pseudonym import Pseudonyms
from producer.importers.timestamp import epoch_ms, parse_timestamp

# Silver's rules on times, applied here too: what an import prints is then what the warehouse counts.
_EARLIEST_YEAR = 2000
_FUTURE = timedelta(days=1)

# One person's histories get one pseudonym, whichever service they come from: they are one listener's life.
LISTENER = "import.listener"
DEFAULT_USER = "me"


@dataclass(frozen=True)
class Context:
    """`now` is the import's clock (UTC); `user` says whose the histories are; `zone` is that of clocks that
    do not say theirs; `countries` is by the file's own user, `episodes` by episode id, `artists` by song."""

    pseudonyms: Pseudonyms
    now: datetime
    user: str | None = None
    zone: tzinfo = UTC
    countries: Mapping[str, str] = field(default_factory=dict)
    episodes: Mapping[str, Episode] = field(default_factory=dict)
    artists: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def listener(self) -> str:
        """The pseudonym of the person whose histories these are."""
        return self.pseudonyms.of(LISTENER, self.user or DEFAULT_USER)

    @cached_property
    def latest_ms(self) -> int:
        """No listen ends after this (ms since 1970)."""
        return epoch_ms(self.now + _FUTURE)

    def moment(self, text: object, faults: list[Fault], name: str = "timestamp") -> datetime | None:
        """The UTC time in `text`; where there is none, or one that cannot be, `faults` grows."""
        if text is None or text == "":
            faults.append(Fault(f"missing_{name}", name))
            return None
        moment = parse_timestamp(text) if isinstance(text, str) else None
        if moment is None:
            faults.append(Fault(f"bad_{name}", name))
        elif moment.year < _EARLIEST_YEAR:
            faults.append(Fault("occurred_too_early", name))
        elif moment > self.now + _FUTURE:
            faults.append(Fault("occurred_in_future", name))
        return moment
