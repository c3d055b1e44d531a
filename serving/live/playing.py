"""Who plays what now: the latest start of each listener, until it ends or its track's length is over.

Starts and ends come from topics of their own, so an end may be seen before its start. Whatever the order,
and however often each comes, the answer is the same as long as nothing is more than `RETAIN_S` late.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from serving.live.happening import End, Start, Track

RETAIN_S = 900  # how late an event may be; what is remembered grows with it
USUAL_S = 240.0  # the length of a track that does not say its own
LONGEST_S = 3_600.0  # a source that says more is not believed: it would be shown for as long


@dataclass(slots=True)
class Playing:
    """One listener's latest start. `ends_at` is the first whole second in which it is over."""

    user_id: str
    play_id: str
    country: str | None
    device: str | None
    track: Track
    started_at: float
    ends_at: int
    ended: bool = False


class NowPlaying:
    """All of them, as of the moment it was last `advance`d to (epoch seconds)."""

    def __init__(self) -> None:
        self._now = 0
        self._latest: dict[str, Playing] = {}
        self._playing: dict[str | None, dict[str, Playing]] = defaultdict(dict)
        self._all: dict[str, Playing] = {}
        self._ended: dict[str, int] = {}
        self._due: dict[int, list[str]] = defaultdict(list)  # listeners: what is replaced must not stay
        self._ends_due: dict[int, list[str]] = defaultdict(list)

    def start(self, event: Start, track: Track) -> None:
        """A start of `track` was told; an older one than the listener's latest changes nothing."""
        before = self._latest.get(event.user_id)
        if before is not None:
            if (before.started_at, before.play_id) >= (event.at, event.play_id):
                return
            self._hide(before)
        entry = Playing(
            event.user_id if before is None else before.user_id,
            event.play_id,
            event.country,
            event.device,
            track,
            event.at,
            math.ceil(event.at + _length(event.seconds)),
            ended=event.play_id in self._ended,
        )
        self._latest[entry.user_id] = entry
        if not entry.ended and entry.ends_at > self._now:
            self._all[entry.user_id] = self._playing[entry.country][entry.user_id] = entry
            self._due[entry.ends_at].append(entry.user_id)
        self._due[max(_forgotten_at(entry), self._now + 1)].append(entry.user_id)

    def end(self, event: End) -> None:
        """An end was told: of the latest start, of an older one, or of one that is still to come."""
        latest = self._latest.get(event.user_id)
        if latest is not None and latest.play_id == event.play_id:
            latest.ended = True
            self._hide(latest)
        elif latest is None or event.began_at is None or event.began_at >= latest.started_at:
            until = math.ceil(event.at) + RETAIN_S
            if until > self._now and self._ended.get(event.play_id, 0) < until:
                self._ended[event.play_id] = until
                self._ends_due[until].append(event.play_id)

    def advance(self, now: float) -> None:
        """Let go of what is over at `now`."""
        for second in _seconds(self._due, self._now, int(now)):
            for user_id in self._due.pop(second):
                self._over(user_id, second)
        for second in _seconds(self._ends_due, self._now, int(now)):
            for play_id in self._ends_due.pop(second):
                if self._ended.get(play_id, 0) <= second:
                    self._ended.pop(play_id, None)
        self._now = max(self._now, int(now))

    def settle(self) -> None:
        """Have what was read again count as told in the order it began.

        Partition after partition is read, so the latest of the last partition would else be told last.
        """
        for among in (self._all, *self._playing.values()):
            order = sorted(among.values(), key=lambda entry: (entry.started_at, entry.play_id))
            among.clear()
            among.update((entry.user_id, entry) for entry in order)

    def newest(self, many: int, country: str | None = None) -> list[Playing]:
        """At most `many` that play now, of one country or all: those told last, latest start first."""
        among = self._all if country is None else self._playing.get(country, {})
        told_last = islice(reversed(among.values()), many)
        return sorted(told_last, key=lambda entry: (-entry.started_at, entry.play_id))

    def listeners(self) -> dict[str | None, int]:
        """Country → how many play something now; only countries with any."""
        return {country: len(among) for country, among in self._playing.items() if among}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Playing]:
        return iter(self._all.values())

    def _over(self, user_id: str, second: int) -> None:
        entry = self._latest.get(user_id)
        if entry is None:
            return
        if entry.ends_at <= second:
            self._hide(entry)
        if _forgotten_at(entry) <= second:
            del self._latest[user_id]

    def _hide(self, entry: Playing) -> None:
        if self._all.get(entry.user_id) is entry:
            del self._all[entry.user_id]
            del self._playing[entry.country][entry.user_id]


def _length(seconds: float | None) -> float:
    return USUAL_S if seconds is None or seconds <= 0 else min(seconds, LONGEST_S)


def _forgotten_at(entry: Playing) -> int:
    return max(entry.ends_at, math.ceil(entry.started_at) + RETAIN_S)


def _seconds(due: dict[int, list[str]], last: int, now: int) -> list[int]:
    """The seconds after `last` up to `now` in which something is due; after a long pause, those there are."""
    if now - last <= len(due):
        return [second for second in range(last + 1, now + 1) if second in due]
    return sorted(second for second in due if second <= now)
