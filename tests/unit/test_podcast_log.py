"""The podcast app's log, its users and its episodes."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from contracts.events import TOPICS
from producer.importers import podcast_log, podcast_reference
from producer.importers.context import Context
from producer.importers.converted import Accepted, Converted, Episode, Rejected, without_repeats
from producer.importers.json_rows import flat_json_lines
from producer.importers.pseudonym import Pseudonyms
from producer.importers.text_rows import Record, comma_separated
from tests.importing import read_rows

TAKEHOME = Path(__file__).parents[1] / "data/podcast_takehome"
PSEUDONYMS = Pseudonyms(b"key")
EPISODE = Episode("ep_1", "podcast_9", None, "One", "2023-07-17", 3_840_000, "import.podcast")
CONTEXT = Context(
    PSEUDONYMS, datetime(2026, 11, 21, 12, tzinfo=UTC), countries={"user_5": "GB"}, episodes={"ep_1": EPISODE}
)
ROW: dict[str, object] = {
    "event_type": "play",
    "user_id": "user_5",
    "episode_id": "ep_1",
    "timestamp": "2024-04-09T10:30:41",
    "duration": 3418,
}
# What the 140 refused rows of the take-home's 5,000 are refused for.
TAKEHOME_REASONS = {
    "missing_user": 55,
    "missing_episode": 40,
    "missing_event_type": 13,
    "missing_timestamp": 11,
    "missing_event_type,missing_timestamp": 7,
    "missing_event_type,bad_timestamp": 5,
    "missing_user,missing_episode": 4,
    "bad_timestamp": 4,
    "missing_episode,missing_timestamp": 1,
}

Convert = Callable[[Iterable[Record], Context], Iterator[Converted]]


def convert(*rows: Record, by: Convert = podcast_log.convert) -> list[Converted]:
    return list(without_repeats(by(rows, CONTEXT), set()))


def event(row: Converted) -> dict[str, object]:
    assert isinstance(row, Accepted), row
    assert row.value is not None
    TOPICS[row.topic].model_validate_json(row.value)
    found: dict[str, object] = orjson.loads(row.value)
    return found


def as_csv(rows: Iterable[dict[str, object]], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(ROW), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_an_event_gets_its_country_and_episode_from_the_references() -> None:
    assert event(convert(ROW)[0]) == {
        "event_id": event(convert(ROW)[0])["event_id"],
        "schema_version": 1,
        "user_id": PSEUDONYMS.of("import.podcast", "user_5"),
        "source": "import.podcast",
        "occurred_at": "2024-04-09T10:30:41.000Z",
        "country": "GB",
        "episode_id": "ep_1",
        "podcast_id": "podcast_9",
        "action": "play",
        "position_ms": 3_418_000,
        "duration_ms": 3_840_000,
    }


def test_an_unknown_user_or_episode_is_no_fault() -> None:
    found = event(convert(ROW | {"user_id": "user_x", "episode_id": "ep_x", "duration": None})[0])
    assert not {"country", "podcast_id", "duration_ms", "position_ms"} & set(found)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"event_type": ""}, "missing_event_type"),
        ({"event_type": None}, "missing_event_type"),
        ({"event_type": "rewind"}, "unknown_event_type"),
        ({"user_id": None}, "missing_user"),
        ({"user_id": True}, "bad_user"),
        ({"episode_id": " "}, "missing_episode"),
        ({"episode_id": []}, "bad_episode"),
        ({"timestamp": None}, "missing_timestamp"),
        ({"timestamp": "malformed-date"}, "bad_timestamp"),
        ({"duration": "long"}, "bad_position"),
        ({"duration": float("inf")}, "bad_position"),
        ({"duration": -1}, "negative_position"),
        ({"duration": 604_801}, "implausible_position"),
        ({"episode_id": "e" * 201}, "invalid_field"),
        (
            {"event_type": "", "user_id": "", "episode_id": "", "timestamp": ""},
            "missing_event_type,missing_user,missing_episode,missing_timestamp",
        ),
    ],
)
def test_a_bad_row_is_refused_with_all_its_reasons(change: dict[str, object], reason: str) -> None:
    (row,) = convert(ROW | change)
    assert isinstance(row, Rejected)
    assert (row.topic, row.reason) == ("podcast_events", reason)
    assert b"user_5" not in row.value


def test_numbers_count_as_ids() -> None:
    as_number, as_text = convert(
        ROW | {"user_id": 5, "episode_id": 1}, ROW | {"user_id": "5", "episode_id": "1"}
    )
    assert event(as_number)["episode_id"] == "1"
    assert isinstance(as_text, Rejected)
    assert as_text.reason == "duplicate_row"


def test_a_registration_is_an_auth_event() -> None:
    (row,) = convert(
        {"user_id": "user_8", "signup_date": "2023-01-27", "country": "UK"},
        by=podcast_reference.convert_users,
    )
    found = event(row)
    assert isinstance(row, Accepted)
    assert row.topic == "auth_events"
    assert (found["action"], found["succeeded"], found["country"]) == ("register", True, "GB")
    assert found["occurred_at"] == "2023-01-27T00:00:00.000Z"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"user_id": ""}, "missing_user"),
        ({"signup_date": ""}, "missing_signup_date"),
        ({"signup_date": "27.1.2023"}, "bad_signup_date"),
        ({"signup_date": "1899-01-01"}, "occurred_too_early"),
        ({"country": "Narnia"}, "unknown_country"),
    ],
)
def test_a_bad_registration_is_refused(change: dict[str, object], reason: str) -> None:
    row = {"user_id": "user_8", "signup_date": "2023-01-27", "country": "DE"} | change
    (refused,) = convert(row, by=podcast_reference.convert_users)
    assert isinstance(refused, Rejected)
    assert (refused.topic, refused.reason) == ("auth_events", reason)


def test_an_episode_without_a_length_is_kept_and_one_without_an_id_is_not() -> None:
    row = {"episode_id": "e", "podcast_id": "p", "title": "T", "release_date": "", "duration_seconds": ""}
    kept, nameless, negative = convert(
        row,
        row | {"episode_id": ""},
        row | {"episode_id": "f", "duration_seconds": "-1"},
        by=podcast_reference.convert_episodes,
    )
    assert isinstance(kept, Accepted)
    assert kept.value is None
    assert kept.episode == Episode("e", "p", None, "T", None, None, "import.podcast")
    assert isinstance(nameless, Rejected)
    assert (nameless.topic, nameless.reason) == ("podcast_events", "missing_episode")
    assert isinstance(negative, Rejected)
    assert negative.reason == "negative_duration"


def test_the_catalogue_is_plain_csv_whatever_the_titles() -> None:
    odd = EPISODE._replace(episode_id="ep_0", episode_title='a "b", c\nd\0e', released_on=None)
    body = podcast_reference.catalogue_csv([EPISODE, odd])
    assert body.splitlines()[0] == (
        b"episode_id,podcast_id,podcast_title,episode_title,released_on,duration_ms,source"
    )
    assert list(csv.reader(io.StringIO(body.decode(), newline="")))[1:] == [
        ["ep_0", "podcast_9", "", 'a "b", c d e', "", "3840000", "import.podcast"],
        ["ep_1", "podcast_9", "", "One", "2023-07-17", "3840000", "import.podcast"],
    ]


def test_the_take_home_log_keeps_4860_of_5000_events() -> None:
    rows = convert(*read_rows(TAKEHOME / "event_logs.json", flat_json_lines))
    events = [event(row) for row in rows if isinstance(row, Accepted)]
    assert len(events) == len({e["event_id"] for e in events}) == 4_860
    assert Counter(row.reason for row in rows if isinstance(row, Rejected)) == TAKEHOME_REASONS
    assert sum(TAKEHOME_REASONS.values()) == 140
    users = read_rows(TAKEHOME / "users.csv", comma_separated)
    assert len(convert(*users, by=podcast_reference.convert_users)) == 100
    assert podcast_reference.countries(users)["user_8"] == "GB"


def test_the_same_log_as_csv_has_the_same_event_ids(tmp_path: Path) -> None:
    log = read_rows(TAKEHOME / "event_logs.json", flat_json_lines)
    twin = as_csv((row for row in log if isinstance(row, dict)), tmp_path / "twin")
    rows = convert(*log, *read_rows(twin, comma_separated))
    assert len(rows) == 10_000
    assert sum(isinstance(row, Accepted) for row in rows) == 4_860
    expected = {reason: 2 * count for reason, count in TAKEHOME_REASONS.items()} | {"duplicate_row": 4_860}
    assert Counter(row.reason for row in rows if isinstance(row, Rejected)) == expected | {
        "duplicate_row": 4_860
    }
