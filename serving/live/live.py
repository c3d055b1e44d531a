"""All that the live path knows: fed with events, asked for views. No clock, no Kafka, no socket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from serving.live.happening import End, Start, Track
from serving.live.playing import NowPlaying, Playing
from serving.live.plays import Keys, Plays, packed
from serving.live.rising import WINDOWS, Riser, named, spans
from serving.live.tracks import Tracks

AHEAD_S = 60  # clocks of clients are believed so far
_OPEN_S = 5  # plays of the last seconds stay in sets: most of what comes is that young
_HOUR_MIN = 60


@dataclass(frozen=True)
class Charted:
    """A rising track as it is shown."""

    track: Track
    listeners: int
    expected: float
    score: float


@dataclass
class Live:
    """`history_s`: how far back plays are kept; `most_plays`: how many at most."""

    history_s: int
    most_plays: int
    tracks: Tracks = field(default_factory=Tracks)
    totals: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    known_since: int = 0
    now: float = 0.0

    def __post_init__(self) -> None:
        self.playing = NowPlaying()
        self._plays = Plays(self.most_plays)
        self._rising: dict[int, dict[str | None, list[Charted]]] = {minutes: {} for minutes in WINDOWS}
        self._rising_before: dict[int, int] = dict.fromkeys(WINDOWS, 0)

    def hear(self, events: Iterable[Start | End], now: float) -> None:
        """Take events at `now`; those of another time are left out and counted."""
        first, last = now - self.history_s, now + AHEAD_S
        for event in events:
            if not first < event.at <= last:
                self.left_out["outside"] += 1
            elif isinstance(event, Start):
                self.totals["started"] += 1
                self.playing.start(event, self.tracks.shared(event.track))
            else:
                self._ended(event)

    def _ended(self, event: End) -> None:
        self.playing.end(event)
        if event.track is None:
            self.totals["skips"] += 1
            return
        self.totals["plays"] += 1
        second = int(event.at)
        number = self.tracks.number(event.track, second)
        if number is None:
            self.left_out["tracks"] += 1
            return
        key = packed(number, event.country, event.user_id, counts=event.counts)
        if not self._plays.add(second, key):
            self.left_out["again"] += 1

    def advance(self, now: float) -> None:
        """Let go of what is over at `now`, and too old."""
        self.now = now
        self.playing.advance(now)
        self._plays.seal(int(now) - _OPEN_S)
        self._plays.forget(int(now) - self.history_s)

    def sweep(self) -> None:
        """Let go of tracks that are not in the plays any more."""
        self.tracks.sweep(int(self.now) - self.history_s - AHEAD_S)

    def plays_last_minute(self) -> dict[str | None, int]:
        """Country → plays that ended in the last 60 seconds; None: those of no known country."""
        return self._plays.count(int(self.now) - 59, int(self.now))

    def plays_by_minute(self, country: str | None = None) -> list[int]:
        """Plays in each of the last 60 whole minutes, oldest first."""
        minute = int(self.now) // 60
        return self._plays.minutes(minute - _HOUR_MIN, minute - 1, country)

    def windows(self, minutes: int) -> tuple[list[Keys], list[list[Keys]]]:
        """What `rising.rising` reads: the keys of the window that ends now, and of those before it."""
        since = max(self.known_since, self._plays.since, int(self.now) - self.history_s)
        recent, *before = [self._plays.parts(*span) for span in spans(minutes, int(self.now), since)]
        return recent, before

    def charted(self, minutes: int, found: Mapping[str | None, list[Riser]], windows_before: int) -> None:
        """Show `found` as what rises in the last `minutes`, compared with so many windows before."""
        tracks = {number: self.tracks[number] for number in named(found)}
        self._rising[minutes] = {
            country: [
                Charted(tracks[riser.track], riser.listeners, round(riser.expected, 1), round(riser.score, 2))
                for riser in risers
            ]
            for country, risers in found.items()
        }
        self._rising_before[minutes] = windows_before

    def rising(self, minutes: int, country: str | None = None) -> list[Charted]:
        """As computed last, highest score first."""
        return self._rising[minutes].get(country, [])

    def windows_before(self, minutes: int) -> int:
        """How many windows of this length what rises was compared with; 0: none is known yet."""
        return self._rising_before[minutes]

    def newest(self, many: int, country: str | None = None) -> list[Playing]:
        """Who plays now, told last."""
        return self.playing.newest(many, country)

    def __len__(self) -> int:
        """Plays that are kept."""
        return len(self._plays)
