"""What a row of a history says: a listen to a song, or to spoken word (an episode, a chapter).

Times are milliseconds since 1970, lengths milliseconds, None is unknown. `at` is the time as the file has it,
`facts` what else tells two listens of one moment apart. `complete` derives what a source leaves out.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

import msgspec

from producer.importers.converted import Fault
from producer.importers.timestamp import DAY_MS, EARLIEST_MS

LONGEST_RECORDING_MS = 7 * DAY_MS


class Listen(msgspec.Struct, kw_only=True, gc=False):
    """A listen to a song."""

    at: object
    started: int | None = None
    ended: int | None = None
    artist: str | None
    title: str | None
    album: str | None = None
    track_id: str | None = None
    artist_id: str | None = None
    isrc: str | None = None
    ms_played: int | None = None
    duration_ms: int | None = None
    skipped: bool | None = None
    reason_start: str | None = None
    reason_end: str | None = None
    country: str | None = None
    device: str | None = None
    facts: tuple[object, ...] = ()


class Spoken(msgspec.Struct, kw_only=True):
    """A listen to an episode, known by its id or by its names; `finished` if it was heard to its end."""

    at: object
    ended: int | None
    ms_played: int | None
    show: str | None
    title: str | None
    episode_id: str | None = None
    podcast_id: str | None = None
    finished: bool = False
    country: str | None = None
    device: str | None = None
    facts: tuple[object, ...] = ()


@lru_cache(maxsize=1 << 16)
def derived_id(source: str, what: str, *names: str) -> str:
    """The id that the same names always get where a source has none."""
    text = "\x1f".join(names).encode(errors="replace")
    return f"{source.removeprefix('import.')}-{what}-{sha256(text).hexdigest()[:32]}"


def complete(listen: Listen) -> None:
    """Derive the missing one of start and stop: from the time listened where the source has it; else a
    listen that was not skipped is taken to have gone to the track's end; else both are the same moment."""
    played = listen.ms_played
    if listen.ended is None:
        if listen.started is None:
            return
        whole = 0 if listen.skipped else listen.duration_ms or 0
        listen.ended = listen.started + max(0, whole if played is None else played)
    elif listen.started is None:
        listen.started = listen.ended - max(0, played or 0)


def judge(listen: Listen, faults: list[Fault], latest_ms: int) -> None:
    """Silver's rules, applied here too: what an import prints is then what the warehouse counts."""
    judge_time(listen.ended, listen.ms_played, faults, latest_ms)
    if listen.started is not None and listen.ended is not None and listen.started > listen.ended:
        faults.append(Fault("ended_before_started", "timestamp"))
    if listen.duration_ms is not None and not 0 <= listen.duration_ms <= LONGEST_RECORDING_MS:
        word = "negative" if listen.duration_ms < 0 else "implausible"
        faults.append(Fault(f"{word}_duration", "duration"))
    if not listen.artist or listen.artist.isspace():
        faults.append(Fault("missing_artist_name", "artist"))
    if not listen.title or listen.title.isspace():
        faults.append(Fault("missing_track_title", "title"))


def judge_time(ended: int | None, played: int | None, faults: list[Fault], latest_ms: int) -> None:
    """The same of a time and a time listened alone."""
    if ended is None:
        if not faults:
            faults.append(Fault("missing_timestamp", "timestamp"))
    elif ended < EARLIEST_MS:
        faults.append(Fault("occurred_too_early", "timestamp"))
    elif ended > latest_ms:
        faults.append(Fault("occurred_in_future", "timestamp"))
    if played is not None and not 0 <= played <= DAY_MS:
        faults.append(Fault("negative_ms_played" if played < 0 else "implausible_ms_played", "ms_played"))
