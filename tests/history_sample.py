"""A random history of a small service: copies, corrections and nonsense, cut into objects and runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.lake_builder import LakeBuilder, event, play

_BEGAN = datetime(2026, 3, 18, tzinfo=UTC)
_COUNTRIES = ["DE", "DE", "FR", "FR", "XX", None]
_ACTIONS = ["play", "pause", "seek", "complete"]
# Who tells plays once more, and whether with the time listened; how far their clocks are off (s).
_RETELLERS = [("import.spotify", True), ("import.lastfm", False), ("import.listenbrainz", False)]
_OFF = [-3_600, -90, -20, 0, 0, 1, 5, 30, 170]
_TOPICS = {
    "plays": 60,
    "podcast_events": 14,
    "likes": 8,
    "subscription_changes": 6,
    "auth_events": 4,
    "skips": 3,
    "page_views": 3,
    "playback_started": 2,
}


@dataclass(frozen=True)
class Landing:
    """One object: its topic, records, the broker's time, its place."""

    topic: str
    values: list[dict[str, Any] | bytes]
    landed_at: datetime
    partition: int
    base: int

    def land(self, lake: LakeBuilder) -> None:
        lake.land(self.topic, self.values, landed_at=self.landed_at, partition=self.partition, base=self.base)


def history(seed: int, records: int, runs: int) -> list[list[Landing]]:
    """The objects that land before each of `runs` runs, in any order of time; some runs find nothing new.

    Ids are drawn from small pools, so copies are many, and what copies say differs: another day, user,
    track or country, or something that no rule accepts.
    """
    random = Random(seed)  # noqa: S311
    landings: list[Landing] = []
    for topic, share in _TOPICS.items():
        values = [_value(random, topic) for _ in range(records * share // 100)]
        if topic == "plays":
            values += [_retold(random, value) for value in values if random.random() < 0.7]
        values += random.sample(values, len(values) // 8)
        random.shuffle(values)
        while values:
            cut = random.randint(1, 12)
            landings.append(_landing(random, topic, values[:cut], 100 * len(landings)))
            values = values[cut:]
    # A replay: the same records once more, elsewhere in the lake.
    again = [_landing(random, old.topic, old.values, 50 + old.base) for old in random.sample(landings, 2)]
    found: list[list[Landing]] = [[] for _ in range(runs)]
    for landing in landings + again:
        random.choice(found).append(landing)
    return found


def _landing(random: Random, topic: str, values: list[dict[str, Any] | bytes], base: int) -> Landing:
    landed_at = _BEGAN + timedelta(days=4, hours=random.randint(0, 30))
    return Landing(topic, values, landed_at, random.randint(0, 1), base)


def _value(random: Random, topic: str) -> dict[str, Any] | bytes:
    if random.random() < 0.03:
        return b'{"event_id": "018f0000-0000-7000-8000-000000000001", "cut'
    name = f"{topic}-{random.randint(0, 60)}"
    # Days and users that have one event only, and lose it; a coarse grid of times: ties, and sessions that a
    # single play joins or parts; midnight often, where the same play is on two days.
    day = random.randint(0, 4) if random.random() < 0.6 else -random.randint(1, 60)
    moment = _BEGAN + timedelta(days=day, minutes=20 * random.choice([0, *random.choices(range(72), k=5)]))
    shared: dict[str, Any] = {
        "country": random.choice(_COUNTRIES),
        "device": random.choice(["phone", "web", None]),
        "source": random.choice(["simulator", "collector"]),
    }
    user = f"sim-{random.choice([random.randint(0, 5), random.randint(6, 60)]):06d}"
    if topic == "plays":
        return play(name, moment, user, **shared, **_listening(random))
    return event(name, moment, user, **shared, **_told(random, topic))


def _listening(random: Random) -> dict[str, Any]:
    letter, number = random.choice("abc"), random.randint(0, 3)
    return {
        "track": f"{letter}{number}",
        "track_title": random.choice([f"Song {letter}{number}", f"song {letter}{number} "]),
        "play_id": f"play-{random.randint(0, 60)}",
        "ms_played": random.choice([-1, 4_000, 180_000, 1_500_000, None]),
        "skipped": random.random() < 0.3,
        "album_title": random.choice(["First", "Second", None]),
    }


def _retold(random: Random, value: dict[str, Any] | bytes) -> dict[str, Any] | bytes:
    """The same play as another source has it: in other words, by another clock, with an id of its own."""
    if isinstance(value, bytes):
        return value
    source, knows_length = random.choice(_RETELLERS)
    ended = datetime.fromisoformat(value["occurred_at"])
    length = timedelta(milliseconds=max(value["ms_played"] or 0, 0))
    # Often on the very moment of the other: which of the two is called the first must not depend on the run.
    off = timedelta(seconds=random.choice(_OFF), milliseconds=random.choice([0, random.randint(1, 999)]))
    moment = ended - (timedelta(0) if knows_length else length) + off
    told = {name: value[name] for name in ("track_title", "artist_name", "track_id", "country")}
    told |= {"source": source, "ms_played": value["ms_played"] if knows_length else None}
    told["track_title"] += random.choice(["", "", " - Remastered 2011", " (Live)"])
    name = f"retold-{random.randint(0, 99)}"
    return play(name, moment, value["user_id"], **told)


def _told(random: Random, topic: str) -> dict[str, Any]:
    episode, levels = f"ep-{random.randint(0, 2)}", random.sample(["free", "paid"], 2)
    track = f"track:{random.choice('abc')}{random.randint(0, 3)}"
    return {
        "podcast_events": {
            "episode_id": episode,
            "action": random.choice(_ACTIONS),
            "position_ms": random.choice([-5, 60_000, 900_000, None]),
            "duration_ms": random.choice([600_000, 700_000, None]),
            "podcast_id": random.choice(["show-1", "show-2", None]),
        },
        "likes": {"track_id": track, "liked": random.random() < 0.6},
        "subscription_changes": {"from_level": levels[0], "to_level": levels[1]},
        "auth_events": {"action": random.choice(["register", "login"]), "succeeded": random.random() < 0.8},
        "skips": {"track_id": track, "play_id": f"play-{random.randint(0, 30)}", "position_ms": 9_000},
        "page_views": {"page": random.choice(["home", "charts"]), "http_status": 200},
        "playback_started": {"track_id": track, "play_id": f"play-{random.randint(0, 30)}"},
    }[topic]
