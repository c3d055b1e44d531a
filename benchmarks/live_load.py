"""`python -m benchmarks.live_load BOOTSTRAP RATE SECONDS`: events into Kafka at a steady rate.

Prints one JSON object: `sent`, a list of [events so far, epoch seconds] for every hundredth of a second, each
from before its events were handed to the producer, `probes`, when each start of a country of its own was, and
`cpu_seconds`.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from itertools import count

import numpy as np
from confluent_kafka import Producer

SLICE_S = 0.01
PROBES_A_SECOND = 10
COUNTRY = "AQ"  # no other event is from there
TRACKS, USERS = 50_000, 200_000
_COUNTRIES = [
    "US",
    "BR",
    "DE",
    "GB",
    "IN",
    "MX",
    "FR",
    "JP",
    "ES",
    "IT",
    "CA",
    "SE",
    "NL",
    "PL",
    "AR",
    "AU",
    "KR",
    "TR",
    "CO",
    "ID",
    "ZA",
    "NO",
    "CL",
    "NG",
    "PH",
    "EG",
]
# Shares of what the simulator makes: as many ends as starts, one play in seven is skipped.
_TOPICS = ("playback_started",) * 7 + ("plays",) * 7 + ("skips",)


class Events:
    """Events one after the other; tracks by Zipf's law, listeners at random, always the same ones."""

    def __init__(self) -> None:
        random = np.random.default_rng(7)
        self._tracks = (random.zipf(1.2, 1_000_003) % TRACKS).tolist()
        self._users = random.integers(0, USERS, 1_000_033).tolist()
        self._number = count()

    def next(self, at: str) -> tuple[str, bytes, bytes]:
        """Topic, value and key of the next event, which occurs at that time (ISO)."""
        number = next(self._number)
        topic = _TOPICS[number % len(_TOPICS)]
        track, user = self._tracks[number % 1_000_003], self._users[number % 1_000_033]
        return topic, _value(number, at, f"user-{user:06}", track, _COUNTRIES[user % 26]), b"user-%06d" % user


def _value(number: int, at: str, user: str, track: int, country: str) -> bytes:
    play = user if country == COUNTRY else number
    return (
        f'{{"event_id":"01931c5e-7a2b-7cc0-8000-{number:012x}","schema_version":1,"user_id":"{user}",'
        f'"occurred_at":"{at}","source":"benchmark","country":"{country}","device":"mobile",'
        f'"play_id":"{play}","track_id":"track-{track:05}","track_title":"Track {track}",'
        f'"artist_name":"Artist {track % 5_000}","duration_ms":210000,"ms_played":200000,"position_ms":9000}}'
    ).encode()


def iso(moment: float) -> str:
    """As the contract has it."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def main(bootstrap: str, rate: int, seconds: float) -> dict[str, object]:
    """Send; what was sent when."""
    producer = Producer(
        {"bootstrap.servers": bootstrap, "linger.ms": 5, "compression.type": "lz4", "log_level": 0}
    )
    events, sent, probes = Events(), list[list[float]](), list[list[float]]()
    began, done = time.time(), 0
    while (now := time.time()) < began + seconds:
        sent.append([done, now])
        if len(probes) <= (now - began) * PROBES_A_SECOND:
            number = int(began) * 10_000 + len(probes)  # another one in each run
            probe = _value(done, iso(now), f"probe-{number}", 1, COUNTRY)
            producer.produce("playback_started", probe, b"probe-%d" % number)
            probes.append([number, now])
            done += 1
        due, at = int((now - began + SLICE_S) * rate), iso(now)
        for _ in range(due - done):
            topic, value, key = events.next(at)
            producer.produce(topic, value, key)
        done = max(due, done)
        producer.poll(0)
        time.sleep(max(sent[-1][1] + SLICE_S - time.time(), 0))
    sent.append([done, time.time()])
    if producer.flush(30):
        raise RuntimeError("Kafka has not taken all events")
    return {"sent": sent, "probes": probes, "cpu_seconds": time.process_time()}


if __name__ == "__main__":
    json.dump(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])), sys.stdout)
