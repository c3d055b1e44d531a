"""One listener's plays, look by look: ask, publish what is new, make sure of it; then move the cursor.

Whatever dies in between is made good by the next look: it publishes the same events under the same ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from producer.importers.context import DEFAULT_USER, LISTENER, Context
from producer.importers.converted import Converted, Rejected
from producer.importers.pseudonym import Pseudonyms
from producer.importers.timestamp import epoch_ms
from producer.pollers.cursor import CursorFile
from producer.pollers.now_playing import changes, look, start_of
from producer.pollers.plays import SOURCE, Line, converted
from producer.pollers.settings import SpotifySettings
from producer.pollers.spotify import PAGE, Spotify


class Out(Protocol):
    """Where events go (`producer.pollers.outlet.Outlet`)."""

    def publish(self, row: Converted) -> None:
        """Send one event or refusal."""

    @property
    def settle(self) -> Callable[[], None]:
        """Returns when nothing published can be lost any more."""


class Poller:
    """Looks when told to; `counts` are looks back, gaps, events by topic, and rejected lines."""

    def __init__(
        self,
        spotify: Spotify,
        out: Out,
        settings: SpotifySettings,
        pseudonyms: Pseudonyms,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._spotify = spotify
        self._out = out
        self._pseudonyms = pseudonyms
        self._now = now
        self._overlap_ms = int(settings.spotify_overlap_s * 1000)
        # A history that was exported and the plays that were polled are one listener's.
        self._user_id = pseudonyms.of(LISTENER, settings.spotify_user or DEFAULT_USER)
        self._file = CursorFile(settings.spotify_cursor_file)
        self._cursor = self._file.load(self._user_id, pseudonyms.of(SOURCE, spotify.token.user))
        self._playing = self._cursor.playing
        self.counts: Counter[str] = Counter()

    def look_back(self) -> bool:
        """Publish what was played since the last look; False where more was played than Spotify lists."""
        now = self._now()
        items = self._spotify.recently_played(self._after_ms(epoch_ms(now)))
        context = Context(self._pseudonyms, now)
        lines = list(converted(items, context, self._cursor))
        has_gap = self._has_gap(lines)
        by_id = {line.event_id: line for line in lines}
        published = set(self._cursor.published)
        new = [line for event_id, line in by_id.items() if event_id not in published]
        self._publish([line.outcome for line in new])
        if new:
            self._cursor = self._cursor.past(new, epoch_ms(now))
            self._file.save(self._cursor)
        self.counts["looks"] += 1
        self.counts["gaps"] += has_gap
        return not has_gap

    def look_now(self) -> None:
        """Publish what has begun or ended since the last look."""
        playing = self._spotify.playing()
        at_ms = epoch_ms(self._now())
        seen = look(playing, at_ms)
        events = list(changes(self._playing, seen, at_ms, self._user_id))
        self._publish(events)
        self._playing = seen
        if events:
            began = any(event.topic == "playback_started" for event in events)
            start = start_of(seen, self._user_id) if seen and began else None
            self._cursor = self._cursor.seeing(seen, start)
            self._file.save(self._cursor)

    def _after_ms(self, now_ms: int) -> int | None:
        newest_ms = self._cursor.newest_ms
        return None if newest_ms is None else max(0, min(newest_ms, now_ms) - self._overlap_ms)

    def _has_gap(self, lines: Sequence[Line]) -> bool:
        """Whether Spotify's list is full, and reaches back to nothing that we know."""
        newest_ms = self._cursor.newest_ms
        if newest_ms is None or len(lines) < PAGE:
            return False
        return all(line.ended_ms is None or line.ended_ms > newest_ms for line in lines)

    def _publish(self, rows: Sequence[Converted]) -> None:
        for row in rows:
            self._out.publish(row)
        if rows:
            self._out.settle()
        for row in rows:
            self.counts["rejected" if isinstance(row, Rejected) else row.topic] += 1
