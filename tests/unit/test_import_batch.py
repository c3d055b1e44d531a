"""Whole imports into a store in memory: counts, receipts, and nothing at all where a file is broken."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.errors import BackbeatError
from producer.importers.batch import Batch
from producer.importers.context import Context
from producer.importers.dropped_file import find
from producer.importers.pseudonym import Pseudonyms
from producer.importers.report import as_json, as_tables
from tests.importing import NOW, Import, MemoryStore, Sent, is_balanced

DATA = Path(__file__).parents[1] / "data"
KOITO = DATA / "koito/Streaming_History_Audio_spotify_import_test.json"
TAKEHOME = DATA / "podcast_takehome"


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_the_take_home_folder(store: MemoryStore) -> None:
    run = Import(store, TAKEHOME)
    assert run.counts() == (5_150, 5_010, 140)
    assert [(r.kind, r.rows_in, r.accepted) for r in run.batch.reports] == [
        ("podcast_users", 100, 100),
        ("podcast_episodes", 50, 50),
        ("podcast_log_json", 5_000, 4_860),
    ]
    assert [Path(path).name for path, _ in run.skipped] == ["ATTRIBUTION.md"]
    assert Counter(topic for topic, *_ in run.messages) == {"auth_events": 100, "podcast_events": 5_000}
    assert sum(headers is not None for *_, headers in run.messages) == 140
    events = [orjson.loads(value) for topic, _, value, headers in run.messages if not headers][100:]
    assert Counter(e["country"] is None for e in events) == {False: 4_860}
    assert all(e["duration_ms"] > 0 and e["podcast_id"] for e in events)
    (catalogue,) = [key for key in store if key.startswith("landing/episodes/")]
    assert store[catalogue].count(b"\r\n") == 51


def test_the_same_file_again_adds_nothing_by_whatever_name(store: MemoryStore, tmp_path: Path) -> None:
    assert Import(store, KOITO).counts() == (39, 39, 0)
    renamed = shutil.copy(KOITO, tmp_path / "holiday.jpg")
    second = Import(store, KOITO, renamed)
    assert second.counts() == (0, 0, 0)
    assert second.messages == []
    assert [report.already_imported for report in second.batch.reports] == [True, True]


def test_importing_again_on_purpose_gives_the_same_event_ids(store: MemoryStore) -> None:
    first, second = Import(store, KOITO), Import(store, KOITO, again=True)
    assert second.counts() == (39, 39, 0)
    assert first.messages == second.messages


def test_one_file_given_twice_counts_once(store: MemoryStore, tmp_path: Path) -> None:
    shutil.copy(KOITO, tmp_path / "a")
    assert Import(store, KOITO, KOITO, tmp_path).counts() == (39, 39, 0)


def test_rows_of_a_file_already_imported_are_duplicates_in_another(
    store: MemoryStore, tmp_path: Path
) -> None:
    Import(store, KOITO)
    more = json.loads(KOITO.read_bytes())
    more.append(more[0] | {"ts": "2025-05-01T00:00:00Z"})
    (tmp_path / "newer").write_text(json.dumps(more), encoding="utf-8")
    run = Import(store, KOITO, tmp_path / "newer")
    assert run.counts() == (40, 1, 39)
    assert run.total.by_reason == {"duplicate_row": 39}


def test_nothing_is_settled_before_it_is_asked_for(store: MemoryStore) -> None:
    files, _ = find([KOITO])
    batch = Batch(files, store, Context(Pseudonyms(b"key"), NOW))
    batch.publish(Sent())
    assert store == {}
    batch.settle()
    (receipt,) = store
    assert receipt.startswith("_imports/")
    assert orjson.loads(store[receipt])["rows_in"] == 39
    assert b"koito" not in store[receipt]


def test_a_receipt_that_is_none_is_named(store: MemoryStore) -> None:
    Import(store, KOITO)
    store[next(iter(store))] = b"{}"
    with pytest.raises(BackbeatError, match=r"_imports/.*not a receipt"):
        Import(store, KOITO)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"\xff\xfeh\x00i\x00", "UTF-16"),
        (b"\x89PNG\r\n\x1a\n", "byte 0 "),
        (b"u\t2009-05-04T23:08:57Z\tA\n" * 3, "six columns"),
        (b'{"ts":1,"spotify_track_uri":"y"}', "JSON object"),
        (b"", "empty"),
        (b"any text", "of no kind"),
    ],
)
def test_a_file_of_no_kind_publishes_nothing_of_any_file(
    store: MemoryStore, tmp_path: Path, body: bytes, says: str
) -> None:
    path = tmp_path / "broken"
    path.write_bytes(body)
    with pytest.raises(BackbeatError, match=says) as raised:
        Import(store, KOITO, path)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)
    assert store == {}


def test_a_missing_path_or_a_folder_of_nothing_is_named(store: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(BackbeatError, match="gone: no such file or folder"):
        Import(store, tmp_path / "gone")
    (tmp_path / "README").write_text("hello")
    with pytest.raises(BackbeatError, match="holds no file that can be imported"):
        Import(store, tmp_path)


def test_a_file_that_changes_on_the_way_is_refused(store: MemoryStore, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("u\t2009-05-04T23:08:57Z\t\tA\t\tT\n")
    files, _ = find([path])
    batch = Batch(files, store, Context(Pseudonyms(b"key"), NOW))
    path.write_text("u\t2009-05-04T23:08:57Z\t\tA\t\tT\n" * 2)
    with pytest.raises(BackbeatError, match="changed while"):
        batch.publish(Sent())


def test_the_report_says_the_same_in_json_and_in_tables(store: MemoryStore) -> None:
    run = Import(store, TAKEHOME)
    told = json.loads(as_json(run.batch.reports, run.skipped))
    assert (told["rows_in"], told["accepted"], told["rejected"]) == (5_150, 5_010, 140)
    assert sum(told["by_reason"].values()) == 140
    assert sum(file["rows_in"] for file in told["files"]) == 5_150
    files, reasons = as_tables(run.batch.reports)
    assert files.row_count == 4
    assert reasons.row_count == len(told["by_reason"])


FIELD = st.one_of(
    st.sampled_from(
        ["", "u", "2009-05-04T23:08:57Z", "play", "ep_1", "-5", "9" * 30, '"', "\t", "🎵", "\x00"]
    ),
    st.text(max_size=12),
)
VALUE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), FIELD, st.just([{"a": 1}])
)
SPOTIFY_KEYS = [
    *(
        "ts",
        "ms_played",
        "spotify_track_uri",
        "master_metadata_track_name",
        "username",
        "platform",
        "skipped",
    ),
    *(
        "master_metadata_album_artist_name",
        "episode_name",
        "spotify_episode_uri",
        "conn_country",
        "reason_end",
    ),
]
GOOD = {
    "ts": "2025-04-28T21:04:35Z",
    "ms_played": 5,
    "spotify_track_uri": "spotify:track:x",
    "master_metadata_track_name": "T",
    "master_metadata_album_artist_name": "A",
}
LOG_KEYS = ["event_type", "user_id", "episode_id", "timestamp", "duration"]
LOG_LINE = '{"event_type":"play","user_id":"u","episode_id":"e","timestamp":"2024-01-01T00:00:00"}'


def imported(tmp_path: Path, body: str) -> Import:
    path = tmp_path / "any"
    path.write_text(body, encoding="utf-8", newline="")
    return Import(MemoryStore(), path)


in_one_folder = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(st.lists(st.dictionaries(st.sampled_from(SPOTIFY_KEYS), VALUE), max_size=6))
@in_one_folder
def test_any_spotify_rows_add_up(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    run = imported(tmp_path, json.dumps([GOOD, *({**GOOD, **row} for row in rows), *rows]))
    assert run.total.rows_in == 1 + 2 * len(rows)
    assert is_balanced(run)


@given(
    st.lists(st.one_of(st.text(max_size=30), st.dictionaries(st.sampled_from(LOG_KEYS), VALUE)), max_size=8)
)
@in_one_folder
def test_any_log_lines_add_up(tmp_path: Path, rows: Iterable[str | dict[str, object]]) -> None:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    assert is_balanced(imported(tmp_path, "\n".join([LOG_LINE, *lines])))


@given(st.lists(st.lists(FIELD, min_size=1, max_size=8), max_size=8))
@in_one_folder
def test_any_tab_separated_rows_add_up(tmp_path: Path, rows: list[list[str]]) -> None:
    good = "u\t2009-05-04T23:08:57Z\t\tA\t\tT"
    assert is_balanced(imported(tmp_path, "\n".join([good, *("\t".join(row) for row in rows)])))


@given(st.binary(max_size=200), st.sampled_from(["tsv", "json", "log", "csv"]))
@in_one_folder
def test_any_bytes_import_or_are_one_clear_error(tmp_path: Path, tail: bytes, kind: str) -> None:
    heads = {
        "tsv": b"u\t2009-05-04T23:08:57Z\t\tA\t\tT\n",
        "json": json.dumps([GOOD]).encode()[:-1] + b",",
        "log": LOG_LINE.encode() + b"\n",
        "csv": b"event_type,user_id,episode_id,timestamp,duration\nplay,u,e,2024-01-01T00:00:00,5\n",
    }
    path = tmp_path / "any"
    path.write_bytes(heads[kind] + tail)
    try:
        run = Import(MemoryStore(), path)
    except BackbeatError as error:
        told = str(error)
    else:
        told = f"{path}: fine" if is_balanced(run) else ""
    assert told.startswith(f"{path}: ")
    assert "\n" not in told
