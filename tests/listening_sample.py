"""Six users, three days, and what goes wrong: objects for a first and for a second run of dbt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.lake_builder import LakeBuilder, event, play

DAY = datetime(2026, 3, 18, tzinfo=UTC)
LATER = DAY + timedelta(days=2, hours=13)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return DAY + timedelta(days=day, hours=hour, minutes=minute)


def listening() -> list[dict[str, Any]]:
    """Six users, three days, tracks that overlap enough for similarities."""
    plays = []
    for user in range(6):
        for day in range(2):
            for turn in range(6):
                ended = at(day, 8 + user, 5 * turn)
                track = f"{'abcdef'[(user + turn) % 6]}{turn % 3}"
                fields = {"track": track, "country": "DE" if user % 2 else "FR"}
                if turn == 5:
                    fields |= {"ms_played": 4_000, "skipped": True}
                plays.append(play(f"p{user}-{day}-{turn}", ended, f"sim-{user:06d}", **fields))
    return plays


def first_objects(lake: LakeBuilder) -> None:
    """What has landed when the first of two runs begins."""
    plays = listening()
    lake.land("plays", plays)
    lake.land(
        "plays", [play("evening", at(0, 23, 40), "sim-000001"), play("night", at(1, 0, 35), "sim-000001")]
    )
    # Landed later than the copy that only the second run will see.
    lake.land("plays", [play("copied", at(1, 15), "sim-000002")], landed_at=LATER, partition=1, base=500)
    lake.land("likes", [event("like", at(1, 12), track_id="track:a0", liked=True)])
    lake.land("podcast_events", podcast_steps("sim-000001", 0, ["play", "pause", "complete"]))
    lake.land(
        "auth_events",
        [event("in", at(0, 7), action="register", succeeded=True), b'{"event_id": "trunc', b"\xff\xfe", b""],
    )


def second_objects(lake: LakeBuilder) -> None:
    """What comes later: late plays, copies of old ones, another event for an old play, new topics."""
    lake.land(
        "plays",
        [
            # Between two sessions of different days: they become one.
            play("bridge", at(1, 0, 8), "sim-000001", ms_played=120_000),
            # A first play before the first: the day that had the new listener loses it.
            play("earliest", at(-1, 9), "sim-000003", country="FR"),
            play("copied", at(1, 15), "sim-000002"),
            play("p0-0-0", at(0, 8), "sim-000000", track="a0", country="FR"),
            play("again", at(0, 8), "sim-000000", track="a0", country="FR", play_id="p0-0-0"),
            play("strange", at(1, 9), "sim-000000", ms_played=-3, country="XX"),
            play("ahead", at(900, 9), "sim-000000"),
            b'{"event_id": "' + b"x" * 20,
        ],
        landed_at=LATER - timedelta(hours=2),
        partition=1,
    )
    lake.land("podcast_events", podcast_steps("sim-000001", 0, ["seek"], position_ms=900_000))
    lake.land("podcast_events", podcast_steps("sim-000002", 1, ["play", "pause"]))
    lake.land("subscription_changes", [event("up", at(1, 10), from_level="free", to_level="paid")])
    episodes = lake.root / "landing/episodes/0a.csv"
    episodes.parent.mkdir(parents=True)
    episodes.write_text(
        "episode_id,podcast_id,podcast_title,episode_title,released_on,duration_ms,source\n"
        'ep-1,show-1,"Talk, daily","He said ""go""",2026-03-01,600000,simulator\n'
        "ep-2,show-1,,,,,simulator\n",
        encoding="utf-8",
    )


def podcast_steps(user: str, day: int, actions: list[str], **fields: Any) -> list[dict[str, Any]]:
    values = {"episode_id": "ep-1", "position_ms": 300_000} | fields
    return [
        event(f"{user}-{day}-{action}", at(day, 18, minute), user, action=action, **values)
        for minute, action in enumerate(actions)
    ]
