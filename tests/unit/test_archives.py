"""Archives as downloaded: their members are files, whatever is around them; what no export holds is left."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from contracts.errors import BackbeatError
from producer.importers import place
from tests.exports import EXPORTS
from tests.importing import Import, MemoryStore, is_balanced

KINDS = ("spotify_history", "listenbrainz", "apple_music", "apple_library")


def archive(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", method) as opened:
        for name, content in members:
            opened.writestr(name, content)
    return body.getvalue()


def sample(kind: str) -> tuple[str, bytes]:
    return f"My Data/{kind}/history.dat", EXPORTS[kind].encode()


@pytest.fixture
def dropped(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


def test_members_are_named_counted_and_known_again(dropped: Path, tmp_path: Path) -> None:
    dropped.write_bytes(archive(("My Data/", b""), ("My Data/ReadMe.pdf", b"%PDF"), *map(sample, KINDS)))
    store = MemoryStore()
    run = Import(store, dropped)
    assert is_balanced(run)
    assert [report.path for report in run.batch.reports if report.kind == "listenbrainz"] == [
        f"{dropped}!My Data/listenbrainz/history.dat"
    ]
    assert [path for path, _ in run.skipped] == [f"{dropped}!My Data/ReadMe.pdf"]
    # The library beside the activity tells the artist, inside of an archive too.
    assert "Band" not in {event["artist_name"] for event in run.events()}
    (tmp_path / "unpacked").write_text(EXPORTS["listenbrainz"], encoding="utf-8")
    assert Import(store, tmp_path / "unpacked", dropped).messages == []


def test_an_archive_in_an_archive_is_read_and_no_deeper(dropped: Path) -> None:
    inner = archive(sample("listenbrainz"))
    dropped.write_bytes(archive(("inner.zip", inner), ("deep.zip", archive(("inner.zip", inner)))))
    run = Import(MemoryStore(), dropped)
    assert run.counts() == (4, 3, 1)
    assert [report.path for report in run.batch.reports] == [
        f"{dropped}!inner.zip!My Data/listenbrainz/history.dat"
    ]
    assert [reason for _, reason in run.skipped] == ["an archive 3 deep"]


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"ALWAYS_ALLOWED": 1 << 10, "MOST_RATIO": 5}, "not a history"),
        ({"MOST_UNPACKED": 1 << 12}, "beyond the"),
    ],
)
def test_a_bomb_is_left_alone(
    dropped: Path, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int], says: str
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(place, name, value)
    dropped.write_bytes(archive(("a.json", EXPORTS["maloja"].encode()), ("b.json", b"[" + b" " * 100_000)))
    run = Import(MemoryStore(), dropped)
    assert run.counts() == (2, 2, 0)
    assert [says in reason for _, reason in run.skipped] == [True]


def test_too_many_files_are_refused(dropped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "MOST_MEMBERS", 1)
    dropped.write_bytes(archive(*map(sample, KINDS)))
    with pytest.raises(BackbeatError, match="holds 4 files; 1 are read at most"):
        Import(MemoryStore(), dropped)


def test_a_broken_archive_is_named(dropped: Path, tmp_path: Path) -> None:
    dropped.write_bytes(archive(sample("maloja"))[:-30])
    with pytest.raises(BackbeatError, match=r"export\.zip: not a whole archive"):
        Import(MemoryStore(), dropped)
    dropped.write_bytes(archive(("notes.txt", b"nothing")))
    with pytest.raises(BackbeatError, match="holds no file that can be imported"):
        Import(MemoryStore(), tmp_path)


def test_a_member_that_breaks_off_is_imported_up_to_there(
    dropped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producer.importers.reading.CHUNK", 1 << 12)
    lines = EXPORTS["listenbrainz"].splitlines()[0].replace("1709287200", "%d")
    body = "".join(lines % (1_709_287_200 + 300 * n) + "\n" for n in range(2_000)).encode()
    whole = bytearray(archive(("listens.jsonl", body), method=zipfile.ZIP_STORED))
    at = whole.index(b"1709886900")
    whole[at : at + 1] = b"2"  # the sum of the bytes no longer fits
    dropped.write_bytes(whole)
    run = Import(MemoryStore(), dropped)
    (report,) = run.batch.reports
    assert report.damage is not None
    assert report.damage.startswith("the archive is damaged at byte ")
    assert is_balanced(run)
    assert run.total.accepted > 1_000
