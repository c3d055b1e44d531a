"""Exports as the services write them, of any size: made-up listens to a few thousand songs, seeded."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TextIO
from uuid import UUID

_SONGS = 5_000
_SPOKEN = (
    *("episode_name", "episode_show_name", "spotify_episode_uri", "audiobook_title", "audiobook_uri"),
    *("audiobook_chapter_uri", "audiobook_chapter_title"),
)
_BEGAN = datetime(2012, 3, 1, tzinfo=UTC)


class Heard(NamedTuple):
    """One listen: its end, how long (ms), and of which song."""

    ended: datetime
    ms_played: int
    number: int
    artist: str
    title: str
    album: str


def heard(rows: int, seed: int = 7) -> Iterator[Heard]:
    """So many listens, in the order of time."""
    random = Random(seed)  # noqa: S311
    ended = _BEGAN
    for _ in range(rows):
        number = int(_SONGS * random.random() ** 2)
        ms_played = random.randint(1_000, 300_000)
        ended += timedelta(milliseconds=ms_played, seconds=random.randint(1, 90))
        artist, album = f"Artist {number % 700}", f"Album {number % 1500}"
        yield Heard(ended, ms_played, number, artist, f"Song «{number}»", album)


def _spotify(row: Heard) -> dict[str, Any]:
    skipped = row.ms_played < 60_000
    return {
        "ts": f"{row.ended:%Y-%m-%dT%H:%M:%SZ}",
        "platform": "Android OS 10 API 29 (samsung, SM-G960F)",
        "ms_played": row.ms_played,
        "conn_country": "DE",
        "ip_addr": "203.0.113.9",
        "master_metadata_track_name": row.title,
        "master_metadata_album_artist_name": row.artist,
        "master_metadata_album_album_name": row.album,
        "spotify_track_uri": f"spotify:track:{row.number:022d}",
        **dict.fromkeys(_SPOKEN),
        "reason_start": "trackdone",
        "reason_end": "fwdbtn" if skipped else "trackdone",
        "shuffle": False,
        "skipped": skipped,
        "offline": False,
        "offline_timestamp": int(row.ended.timestamp()) - row.ms_played // 1000 - 3,
        "incognito_mode": False,
    }


def _account(row: Heard) -> dict[str, Any]:
    at = f"{row.ended:%Y-%m-%d %H:%M}"
    return {"endTime": at, "artistName": row.artist, "trackName": row.title, "msPlayed": row.ms_played}


def _listenbrainz(row: Heard) -> dict[str, Any]:
    mbid = str(UUID(int=row.number))
    info = {"duration_ms": 200_000, "submission_client": "client", "music_service": "spotify.com"}
    mapping = {"recording_mbid": mbid, "artist_mbids": [mbid], "recording_name": row.title}
    names = {"track_name": row.title, "artist_name": row.artist, "release_name": row.album}
    at = int(row.ended.timestamp())
    track = {**names, "recording_msid": mbid, "mbid_mapping": mapping, "additional_info": info}
    return {"inserted_at": at + 0.5, "listened_at": at, "track_metadata": track}


def _maloja(row: Heard) -> dict[str, Any]:
    album = {"artists": [row.artist], "albumtitle": row.album}
    track = {"artists": [row.artist], "title": row.title, "album": album, "length": 200}
    return {"time": int(row.ended.timestamp()), "track": track, "duration": None, "origin": "client:default"}


def _page(row: Heard) -> dict[str, Any]:
    at = int(row.ended.timestamp())
    image = [{"size": size, "#text": ""} for size in ("small", "medium", "large", "extralarge")]
    names = {"artist": {"mbid": "", "#text": row.artist}, "album": {"mbid": "", "#text": row.album}}
    date = {"uts": str(at), "#text": "x"}
    return {**names, "streamable": "0", "image": image, "name": row.title, "date": date}


def _youtube(row: Heard) -> dict[str, Any]:
    return {
        "header": "YouTube Music",
        "title": f"Watched {row.title}",
        "titleUrl": f"https://music.youtube.com/watch?v={row.number:011d}",
        "subtitles": [{"name": f"{row.artist} - Topic", "url": "https://www.youtube.com/channel/x"}],
        "time": f"{row.ended:%Y-%m-%dT%H:%M:%S}.123Z",
        "products": ["YouTube"],
        "activityControls": ["YouTube watch history"],
    }


def _pano(row: Heard) -> dict[str, Any]:
    at = 1000 * int(row.ended.timestamp())
    return {"timeMs": at, "track": row.title, "artist": row.artist, "album": row.album, "durationMs": 200_000}


def _lastfm(row: Heard) -> list[object]:
    at = int(row.ended.timestamp())
    return [at, f"{row.ended:%d %b %Y, %H:%M}", row.artist, "", row.album, "", row.title, ""]


def _apple(row: Heard) -> list[object]:
    started = row.ended - timedelta(milliseconds=row.ms_played)
    times = [f"{moment:%Y-%m-%dT%H:%M:%S}.000Z" for moment in (started, row.ended)]
    what = [*times, "PLAY_END", "NATURAL_END_OF_TRACK", row.ms_played, 300_000, "203.0.113.9"]
    return [row.title, row.album, row.artist, *what]


def _log(row: Heard) -> str:
    return f"{row.artist}\t{row.album}\t{row.title}\t1\t200\tL\t{int(row.ended.timestamp())}\t\n"


def _array(of: Callable[[Heard], dict[str, Any]], around: tuple[str, str] = ("[", "]")) -> Writer:
    def write(file: TextIO, rows: Iterator[Heard]) -> None:
        file.write(around[0])
        written = (json.dumps(of(row), indent=2, ensure_ascii=False) for row in rows)
        file.writelines(("" if number == 0 else ",\n") + text for number, text in enumerate(written))
        file.write("\n" + around[1])

    return write


def _pages(file: TextIO, rows: Iterator[Heard]) -> None:
    mark = "["
    while page := [_page(row) for row in islice(rows, 1_000)]:
        file.write(mark + json.dumps({"track": page, "@attr": {"page": "1"}}, ensure_ascii=False))
        mark = ","
    file.write("]")


def _lines(of: Callable[[Heard], dict[str, Any]]) -> Writer:
    def write(file: TextIO, rows: Iterator[Heard]) -> None:
        file.writelines(json.dumps(of(row), ensure_ascii=False) + "\n" for row in rows)

    return write


def _table(header: str, of: Callable[[Heard], list[object]]) -> Writer:
    def write(file: TextIO, rows: Iterator[Heard]) -> None:
        writer = csv.writer(file)
        if header:
            writer.writerow(header.split(","))
        writer.writerows(map(of, rows))

    return write


def _scrobbler_log(file: TextIO, rows: Iterator[Heard]) -> None:
    file.write("#AUDIOSCROBBLER/1.1\n#TZ/UTC\n#CLIENT/Rockbox\n")
    file.writelines(map(_log, rows))


Writer = Callable[[TextIO, Iterator[Heard]], None]
_APPLE = (
    "Song Name,Album Name,Container Artist Name,Event Start Timestamp,Event End Timestamp,Event Type,"
    "End Reason Type,Play Duration Milliseconds,Media Duration In Milliseconds,Client IP Address"
)
WRITERS: dict[str, Writer] = {
    "spotify_history": _array(_spotify),
    "spotify_account": _array(_account),
    "lastfm_csv": _table("uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid", _lastfm),
    "lastfm_json": _pages,
    "listenbrainz": _lines(_listenbrainz),
    "maloja": _array(_maloja, ('{"maloja": {"export_time": 1}, "scrobbles": [', "]}")),
    "scrobbler_log": _scrobbler_log,
    "panoscrobbler": _lines(_pano),
    "youtube_music": _array(_youtube),
    "apple_music": _table(_APPLE, _apple),
}


def write_export(kind: str, path: Path, rows: int) -> None:
    """Write an export of `kind` with so many rows to `path`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        WRITERS[kind](file, heard(rows))
