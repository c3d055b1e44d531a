"""A small simulation, whole: what it sends is sound, in order, repeatable, and what its ledger says."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import islice, pairwise
from typing import Any

import orjson
import pytest

from contracts.events import TOPICS
from producer.simulator.config import SimulationConfig
from producer.simulator.defects import EXPECTED_CODES
from producer.simulator.encode import Batch
from producer.simulator.ledger import Ledger
from producer.simulator.simulate import simulate

CONFIG = SimulationConfig(events=40_000, days=12, end=datetime(2026, 11, 1, tzinfo=UTC))
FAULTLESS = SimulationConfig(
    events=25_000, days=6, end=CONFIG.end, defects=dict.fromkeys(EXPECTED_CODES, 0.0)
)
SMALL = SimulationConfig(events=3_000, days=3, end=CONFIG.end)


@cache
def run(config: SimulationConfig) -> tuple[list[Batch], Ledger]:
    ledger = Ledger()
    return list(simulate(config, ledger)), ledger


@cache
def faultless() -> dict[str, list[dict[str, Any]]]:
    events: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for batch in run(FAULTLESS)[0]:
        events[batch.topic] += map(orjson.loads, batch.values)
    return events


def digest(config: SimulationConfig) -> str:
    parts = (b.topic.encode() + b"".join(b.keys) + b"".join(b.values) for b in simulate(config))
    return sha256(b"".join(parts)).hexdigest()


def test_the_same_configuration_gives_the_same_bytes() -> None:
    assert digest(SMALL) == digest(SMALL)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 8},
        {"events": 3_001},
        {"end": SMALL.end + timedelta(days=1)},
        {"likes": SMALL.likes.model_copy(update={"withdrawn": 0.02})},
    ],
)
def test_any_change_gives_other_event_ids(change: dict[str, object]) -> None:
    def ids(config: SimulationConfig) -> set[str]:
        events = [orjson.loads(v) for b in run(config)[0] for v in b.values if v.endswith(b"}")]
        return {event["event_id"] for event in events}

    assert not ids(SMALL) & ids(SMALL.model_copy(update=change))


def test_names_do_not_depend_on_the_window() -> None:
    def titles(config: SimulationConfig) -> dict[str, str]:
        plays = [b for b in run(config)[0] if b.topic == "playback_started"]
        events = [orjson.loads(v) for b in plays for v in b.values if v.endswith(b"}")]
        return {e["track_id"]: e["track_title"] for e in events if "track_id" in e and "track_title" in e}

    first, later = titles(SMALL), titles(SMALL.model_copy(update={"end": SMALL.end + timedelta(days=1)}))
    both = first.keys() & later.keys()
    assert len(both) > 100
    assert {key: first[key] for key in both} == {key: later[key] for key in both}


@pytest.mark.parametrize(
    ("events", "days", "users"),
    [(1, 1, None), (500, 1, 20), (2_000, 40, 1_000), (12_000, 2, None), (900, 30, 1)],
)
def test_at_least_the_events_asked_for(events: int, days: int, users: int | None) -> None:
    config = SimulationConfig(events=events, days=days, users=users, end=CONFIG.end)
    sent = sum(map(len, run(config)[0]))
    assert events <= sent <= 1.35 * events + 300


def test_every_topic_is_served_and_nobody_is_keyed_by_another_id() -> None:
    batches, _ = run(FAULTLESS)
    assert {batch.topic for batch in batches} == set(TOPICS)
    for batch in batches:
        users = [orjson.loads(value)["user_id"].encode() for value in batch.values]
        assert users == batch.keys


def test_every_sound_event_fits_the_contract() -> None:
    batches, ledger = run(CONFIG)
    planted = set(ledger.table()["payload_sha256"].to_pylist())
    for batch in batches:
        for value in batch.values[::7]:
            if sha256(value).hexdigest() not in planted:
                event = TOPICS[batch.topic].model_validate_json(value)
                assert event.model_dump_json(exclude_unset=True)


def test_sound_events_come_in_order_and_within_the_window() -> None:
    for topic, events in faultless().items():
        times = [event["occurred_at"] for event in events]
        assert times == sorted(times), topic
        assert FAULTLESS.start.isoformat()[:19] <= times[0]
        assert times[-1] < FAULTLESS.end.isoformat()[:19]


def test_sound_events_break_no_rule() -> None:
    ids = [event["event_id"] for events in faultless().values() for event in events]
    assert len(ids) == len(set(ids))
    plays = faultless()["plays"]
    assert len({play["play_id"] for play in plays}) == len(plays)
    assert len({(play["user_id"], play["started_at"]) for play in plays}) == len(plays)
    for play in plays:
        assert 0 < play["ms_played"] <= play["duration_ms"] < 86_400_000
        assert play["started_at"] < play["occurred_at"]
    assert all(event["position_ms"] >= 0 for event in faultless()["podcast_events"])
    assert len(run(FAULTLESS)[1]) == 0


def test_starts_plays_and_skips_tell_the_same_story() -> None:
    started = {event["play_id"]: event for event in faultless()["playback_started"]}
    plays = {play["play_id"]: play for play in faultless()["plays"]}
    skips = {skip["play_id"]: skip for skip in faultless()["skips"]}
    assert plays.keys() <= started.keys()
    assert len(started) - len(plays) < 30  # cut off by the end of the window
    assert skips.keys() == {key for key, play in plays.items() if play["skipped"]}
    for key, play in plays.items():
        assert play["started_at"] == started[key]["occurred_at"]
        assert play["track_title"] == started[key]["track_title"]
        assert play["skipped"] == (play["reason_end"] in {"fwdbtn", "backbtn"})
    assert all(skip["position_ms"] == plays[key]["ms_played"] for key, skip in skips.items())


def test_nobody_listens_twice_at_once_and_sessions_are_half_an_hour_apart() -> None:
    by_user: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for play in faultless()["plays"]:
        by_user[play["user_id"]].append(play)
    for plays in by_user.values():
        for before, after in pairwise(plays):
            silence = datetime.fromisoformat(after["started_at"]) - datetime.fromisoformat(
                before["occurred_at"]
            )
            assert silence >= timedelta(0)
            assert (silence > timedelta(minutes=30)) == (before["session_id"] != after["session_id"])


def test_a_subscription_goes_on_from_where_it_was() -> None:
    level: dict[str, str | None] = {}
    for change in faultless()["subscription_changes"]:
        assert change["from_level"] == level.get(change["user_id"])
        assert change["to_level"] != change["from_level"]
        level[change["user_id"]] = change["to_level"]
    assert {"guest", "free", "paid"} <= set(level.values())


def test_two_thirds_of_the_events_are_plays_and_their_starts() -> None:
    count = Counter({topic: len(events) for topic, events in faultless().items()})
    share = (count["plays"] + count["playback_started"]) / count.total()
    assert 0.56 <= share <= 0.7
    people = {(play["user_id"], play["occurred_at"][:10]) for play in faultless()["plays"]}
    assert 12 <= count["plays"] / len(people) <= 40  # Last.fm's user_000001: 34 on a day with plays


def test_every_row_of_the_ledger_is_in_the_stream_and_totals_add_up() -> None:
    batches, ledger = run(CONFIG)
    sent = Counter((batch.topic, sha256(value).hexdigest()) for batch in batches for value in batch.values)
    rows = ledger.table().to_pylist()
    assert {row["defect"] for row in rows} == set(EXPECTED_CODES)
    for row in rows:
        copies = 2 if row["defect"] == "duplicate" else 1
        assert sent[row["topic"], row["payload_sha256"]] == copies, row
    repeated = sum(count - 1 for count in sent.values())
    assert repeated == sum(row["defect"] == "duplicate" for row in rows)
    produced = Counter({t: sum(len(b) for b in batches if b.topic == t) for t in TOPICS})
    rejected = Counter(row["topic"] for row in rows if row["expected_code"])
    for topic, totals in ledger.totals().items():
        assert totals["produced"] == produced[topic]
        assert totals["expected_rejected"] == rejected[topic]
        assert totals["expected_accepted"] == produced[topic] - rejected[topic]


def test_an_event_carries_one_defect_at_most() -> None:
    digests = run(CONFIG)[1].table()["payload_sha256"].to_pylist()
    assert len(digests) == len(set(digests))


def test_moved_events_come_after_a_later_one() -> None:
    batches, ledger = run(CONFIG)
    moved = {
        r["event_id"]: r["defect"]
        for r in ledger.table().to_pylist()
        if r["defect"] in {"late", "out_of_order"}
    }
    latest: dict[str, str] = defaultdict(str)
    late, others = timedelta(hours=2), 0
    # Of rare events the last one before a late one may itself be hours old.
    often, before_the_end = {"plays", "page_views"}, (CONFIG.end - timedelta(days=4)).isoformat()
    for batch in batches:
        for value in batch.values:
            event = orjson.loads(value) if value.endswith(b"}") else {}
            at, defect = str(event.get("occurred_at", "")), moved.get(event.get("event_id", ""))
            if defect == "out_of_order":
                assert at < latest[batch.topic]
            elif defect == "late" and batch.topic in often and at < before_the_end:
                gap = datetime.fromisoformat(latest[batch.topic]) - datetime.fromisoformat(at)
                assert gap > late / 8  # at night nothing may have happened for a while
                others += 1
            elif len(at) == 24 and at < "2100":
                latest[batch.topic] = max(latest[batch.topic], at)
    assert others > 20


def test_a_day_is_sent_before_the_next_is_made() -> None:
    batches = list(islice(simulate(CONFIG, ledger := Ledger()), len(TOPICS)))
    assert len({batch.topic for batch in batches}) == len(batches)
    assert sum(totals["produced"] for totals in ledger.totals().values()) < CONFIG.events / CONFIG.days * 2
    first_day = FAULTLESS.start.isoformat()[:10]
    for batch in islice(simulate(FAULTLESS), len(TOPICS)):
        assert {orjson.loads(value)["occurred_at"][:10] for value in batch.values} == {first_day}
