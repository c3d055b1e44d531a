"""What lands before the first and the second run: listening by one or two sources, members, weeks, a log."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.lake_builder import LakeBuilder, event, play, wire
from tests.listening_sample import LATER, at, first_objects, second_objects
from tests.report_samples import CORRECTED, REPORTS, bring_in

_MEGABYTE = 1_000_000


def first_landing(lake: LakeBuilder) -> None:
    """A month of likes and page views; members; a log with the guidelines' example; one topic silent."""
    first_objects(lake)
    lake.land("plays", [scrobble("once", at(0, 10), "JÓGA"), scrobble("before", at(0, 23, 59), "( )")])
    weeks = [at(7 * week, 12) for week in range(-4, 0)]
    # Twenty likes in that hour each week, then none; a page a week, then fourteen.
    lake.land(
        "likes",
        [
            event(
                f"like-{moment}-{turn}",
                moment,
                member(turn),
                track_id=f"track:{'abc'[turn % 3]}0",
                liked=True,
            )
            for moment in weeks
            for turn in range(20)
        ],
    )
    lake.land("page_views", [visit(f"usual-{moment}", moment + timedelta(hours=2)) for moment in weeks])
    lake.land("page_views", [visit(f"view-{turn}", at(0, 14, turn), member(turn)) for turn in range(14)])
    # Landed later than the copy that only the second run will see: the day loses all that it has.
    lake.land("page_views", [visit("moved", at(-3, 5))], landed_at=LATER, partition=1, base=500)
    lake.land(
        "auth_events",
        [
            event("two", at(0, 6), member(2), action="register", succeeded=True),
            event("four", at(0, 6, 30), member(4), action="register", succeeded=True),
            event("four-in", at(1, 6), member(4), action="log_in", succeeded=True),
            event("four-out", at(1, 6, 1), member(4), action="log_in", succeeded=False),
        ],
    )
    lake.land("subscription_changes", [level("two-up", at(1, 20), "free", "family")])
    lake.land("podcast_events", [finished("one", at(0, 17)), finished("two", at(0, 18), episode_id="ep-2")])
    lake.land(
        "skips", [event("skip", at(0, 8, 25), track_id="track:a0", play_id="p0-0-5", position_ms=4_000)]
    )
    hours = [22, 27, 46.25, 71.25]
    land_log(lake, "0a", [request(f"vector-{hour}", at(-2, 0) + timedelta(hours=hour)) for hour in hours])
    land_reports(lake, REPORTS, LATER)


def second_landing(lake: LakeBuilder) -> None:
    """Late, repeated and moved: each day that a mart is made of gains, or loses, something."""
    second_objects(lake)
    # Who tells it better comes later, and after midnight; the second of the repeats has nobody to go with.
    lake.land(
        "plays",
        [
            told("Jóga (feat. Nobody) - 2011 Remaster", at(0, 10, 3)),
            told("Jóga - 2011 Remaster", at(0, 10, 6)),
            told("( )", at(1, 0, 3)),
            scrobble("coded", at(1, 0, 1), "Untitled", isrc="is-aaa-02-00001", source="import.listenbrainz"),
        ],
        landed_at=LATER - timedelta(hours=2),
        partition=2,
    )
    lake.land(
        "page_views",
        [
            visit("moved", at(-2, 5)),
            visit("view-1", at(0, 14, 1), member(1)),
            visit("abroad", at(0, 14, 30), member(1), country="FR"),
            visit("nowhere", at(0, 14, 31), member(1), country=None),
            visit("broken", at(0, 14, 32), member(1), country="XX"),
        ],
    )
    lake.land("auth_events", [event("five", at(-1, 6), member(5), action="register", succeeded=True)])
    lake.land("subscription_changes", [level("two-down", at(1, 23), "family", "free")])
    lake.land("podcast_events", [finished("three", at(0, 16), episode_id="ep-3", position_ms=None)])
    lake.land(
        "skips", [event("skip", at(0, 8, 25), track_id="track:a0", play_id="p0-0-5", position_ms=4_000)]
    )
    lake.land("playback_started", [event("start", at(0, 8), track_id="track:a0", play_id="p0-0-0")])
    minute = {"status": 206, "file_bytes": 4 * _MEGABYTE}
    land_log(
        lake,
        "0b",
        [
            request("vector-27", at(-2, 0) + timedelta(hours=27)),
            request("probe", at(1, 9), "b", **minute, first_byte=0, last_byte=1, bytes_sent=2),
            request(
                "piece-1", at(1, 9, 1), "b", **minute, first_byte=0, last_byte=299_999, bytes_sent=300_000
            ),
            request("piece-2", at(1, 9, 2), "b", **minute, first_byte=200_000, bytes_sent=250_000),
            request("too-few", at(1, 9), "c", **minute, first_byte=1, last_byte=9_999, bytes_sent=9_999),
            request("bot", at(1, 9), "d", user_agent='Example"bot", 2.1'),
            request("unnamed", at(1, 9), "e", user_agent=None),
            request("asked", at(1, 9), "f", method="HEAD", bytes_sent=0),
            request("unknown", at(1, 10), "g", episode_id="ep-9", bytes_sent=None),
        ],
    )
    land_reports(lake, {"corrected.tsv": CORRECTED}, LATER + timedelta(days=1))


def member(number: int) -> str:
    return f"sim-{number % 6:06d}"


def told(title: str, ended_at: datetime) -> dict[str, Any]:
    """A play as Spotify's export tells it."""
    return play(
        f"told-{ended_at}",
        ended_at,
        member(5),
        source="import.spotify",
        artist_name="Björk",
        track_title=title,
        isrc="ISAAA0200001",
    )


def scrobble(name: str, began_at: datetime, title: str, **fields: Any) -> dict[str, Any]:
    """The same listening as a scrobbler tells it: when it began."""
    told_alike = {"source": "import.lastfm", "artist_name": "bjork", "track_title": title, "ms_played": None}
    return play(name, began_at, member(5), started_at=wire(began_at), **(told_alike | fields))


def visit(name: str, moment: datetime, user_id: str = "sim-000001", **fields: Any) -> dict[str, Any]:
    return event(name, moment, user_id, page="home", http_status=200, **fields)


def level(name: str, moment: datetime, before: str, after: str) -> dict[str, Any]:
    return event(name, moment, member(2), from_level=before, to_level=after)


def finished(name: str, moment: datetime, **fields: Any) -> dict[str, Any]:
    values = {"episode_id": "ep-1", "action": "complete", "position_ms": 590_000, **fields}
    return event(name, moment, member(3), **values)


def request(request_id: str, moment: datetime, address: str = "a", **fields: Any) -> dict[str, Any]:
    """A row of a landed log: all of ep-1, unless `fields` say otherwise."""
    whole = {
        "request_id": request_id,
        "episode_id": "ep-1",
        "address_key": address,
        "user_agent": "Overcast/3.0",
        "method": "GET",
        "status": 200,
        "first_byte": None,
        "last_byte": None,
        "bytes_sent": 4 * _MEGABYTE,
        "file_bytes": None,
        "header_bytes": None,
        "requested_at": wire(moment),
        "source": "import.downloads",
    }
    return whole | fields


def land_log(lake: LakeBuilder, name: str, rows: list[dict[str, Any]]) -> Path:
    """Write `rows` as an importer drops them; returns the file."""
    path = lake.root / f"landing/podcast_downloads/{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def land_reports(lake: LakeBuilder, reports: dict[str, str], moment: datetime) -> None:
    """Import platforms' reports as `backbeat import` does."""
    with TemporaryDirectory() as folder:
        bring_in(lake.root, Path(folder), reports, moment)
