"""What is playing, look by look → `playback_started` for music, `podcast_events` for episodes.

Looks are seconds apart, so these are approximate, and for the live page: what begins and ends between two
looks is not seen. Music counts by what Spotify lists afterwards; of episodes, never listed, this is all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import BaseModel, ValidationError

from producer.importers.converted import Converted, Draft
from producer.importers.identity import identity
from producer.importers.listen import derived_id
from producer.importers.timestamp import wire
from producer.pollers.answers import Episode, Playing, Track
from producer.pollers.plays import SOURCE, Start, track_id


class Seen(BaseModel, frozen=True):
    """What was playing at a look (times in epoch ms); `is_playing` is false while it is paused."""

    item_id: str
    title: str
    maker: str | None  # the artist, or the show's id
    is_episode: bool
    is_playing: bool
    position_ms: int
    duration_ms: int
    looked_ms: int

    @property
    def started_ms(self) -> int:
        """When it began, had there been no pause."""
        return self.looked_ms - self.position_ms

    @property
    def ends_ms(self) -> int:
        """When it ends, if there is no pause."""
        return self.started_ms + self.duration_ms


def look(playing: Playing | None, at_ms: int) -> Seen | None:
    """What there is to see at `at_ms`: None for silence, advertisements and what cannot be read."""
    if playing is None or playing.item is None:
        return None
    try:
        if playing.currently_playing_type == "episode":
            episode = Episode.model_validate(playing.item)
            show = show_id(episode.show.name) if episode.show else None
            what = {"item_id": episode.uri, "title": episode.name, "maker": show, "is_episode": True}
            length = episode.duration_ms
        elif playing.currently_playing_type == "track":
            track = Track.model_validate(playing.item)
            name = track.artists[0].name
            what = {"item_id": track_id(track.uri), "title": track.name, "maker": name, "is_episode": False}
            length = track.duration_ms
        else:
            return None
    except ValidationError:
        return None
    position = min(playing.progress_ms or 0, length)
    times = {"position_ms": position, "duration_ms": length, "looked_ms": at_ms}
    return Seen(**what, **times, is_playing=playing.is_playing)


def show_id(name: str) -> str:
    """The id of a show, the same as for a show in Spotify's export, which tells names alone."""
    return derived_id("import.spotify", "show", name)


def changes(before: Seen | None, now: Seen | None, at_ms: int, user_id: str) -> Iterator[Converted]:
    """What has happened between two looks, the second at `at_ms`."""
    if before and before.is_episode and before.is_playing and not _goes_on(before, now):
        yield _left(before, now, at_ms, user_id)
    if now is None or not now.is_playing:
        return
    if now.is_episode and not (before and before.is_playing and _goes_on(before, now)):
        yield _step("play", now, now.position_ms, now.looked_ms, user_id)
    if not now.is_episode and _began(before, now):
        yield _started(now, user_id)


def _goes_on(before: Seen, now: Seen | None) -> bool:
    return now is not None and now.item_id == before.item_id and now.is_playing


def _began(before: Seen | None, now: Seen) -> bool:
    """Another track, or the same one from its beginning; moved back to its middle, it is the same play."""
    return before is None or before.item_id != now.item_id or now.started_ms > before.looked_ms


def _left(before: Seen, now: Seen | None, at_ms: int, user_id: str) -> Converted:
    """An episode that no longer plays: heard to its end, if there was the time for that, or paused."""
    if now is not None and now.item_id == before.item_id:
        return _step("pause", now, now.position_ms, at_ms, user_id)
    if before.ends_ms <= at_ms:
        return _step("complete", before, before.duration_ms, before.ends_ms, user_id)
    return _step("pause", before, before.position_ms, before.looked_ms, user_id)


def start_of(seen: Seen, user_id: str) -> Start:
    """The beginning of the music that was seen, as `playback_started` tells it."""
    at_ms = seen.started_ms
    play_id = identity(at_ms, SOURCE, user_id, "started", seen.item_id, at_ms)
    return Start(play_id=play_id, track_id=seen.item_id, started_ms=at_ms)


def _started(seen: Seen, user_id: str) -> Converted:
    event_id = start_of(seen, user_id).play_id
    fields = {
        "occurred_at": wire(_moment(seen.started_ms)),
        "play_id": event_id,
        "track_id": seen.item_id,
        "track_title": seen.title,
        "artist_name": seen.maker,
        "duration_ms": seen.duration_ms,
    }
    return Draft("playback_started", SOURCE, event_id, user_id, {"user_id": user_id}, []).event(fields)


def _step(action: str, seen: Seen, position_ms: int, at_ms: int, user_id: str) -> Converted:
    event_id = identity(at_ms, SOURCE, user_id, action, seen.item_id, position_ms)
    fields = {
        "occurred_at": wire(_moment(at_ms)),
        "episode_id": seen.item_id,
        "podcast_id": seen.maker,
        "action": action,
        "position_ms": position_ms,
        "duration_ms": seen.duration_ms,
    }
    return Draft("podcast_events", SOURCE, event_id, user_id, {"user_id": user_id}, []).event(fields)


def _moment(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
