"""Archives as downloaded: their members are files, whatever is around them; what no export holds is left."""

from __future__ import annotations

import gzip
import io
import re
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
    ("ratio", "size", "says"),
    [
        (5, 100_000, "not a history"),
        (10_000, 2 << 20, r"beyond the 1 MiB .* \(BACKBEAT_IMPORT_UNPACKED_MIB\)"),
    ],
)
@pytest.mark.parametrize("packed", ["zip", "gzip"])
def test_a_bomb_is_left_alone(  # noqa: PLR0917 -- one parameter a fixture
    dropped: Path, monkeypatch: pytest.MonkeyPatch, ratio: int, size: int, says: str, packed: str
) -> None:
    monkeypatch.setattr(place, "ALWAYS_ALLOWED", 1 << 10)
    monkeypatch.setattr(place, "MOST_RATIO", ratio)
    bomb = b"[" + b" " * size
    member = ("b.json", bomb) if packed == "zip" else ("b.gz", gzip.compress(bomb))
    dropped.write_bytes(archive(("a.json", EXPORTS["maloja"].encode()), member))
    run = Import(MemoryStore(), dropped, most_mib=1)
    assert run.counts() == (2, 2, 0)
    ((_, reason),) = run.skipped
    assert re.search(says, reason)


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


def test_a_gzip_is_the_file_in_it(tmp_path: Path) -> None:
    whole = EXPORTS["listenbrainz"].encode()
    plain, packed = tmp_path / "listens.jsonl", tmp_path / "listens.jsonl.gz"
    plain.write_bytes(whole)
    packed.write_bytes(gzip.compress(whole[:70]) + gzip.compress(whole[70:]))  # as logs are
    store = MemoryStore()
    first = Import(store, packed)
    assert is_balanced(first)
    assert first.counts() == (4, 3, 1)
    assert [report.path for report in first.batch.reports] == [f"{packed}!listens.jsonl"]
    assert Import(store, plain).messages == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (gzip.compress(b"x" * 9_000)[:-3], r"export\.zip: not a whole gzip .* download it again"),
        (gzip.compress(b"nothing known"), "holds no file that can be imported"),
        (gzip.compress(gzip.compress(gzip.compress(b"[]"))), "holds no file that can be imported"),
        (gzip.compress(b" " * (17 << 20)), r"export\.zip: unpacks to over .* not a history"),
    ],
)
def test_a_gzip_that_is_nothing_to_import_is_named(dropped: Path, body: bytes, says: str) -> None:
    dropped.write_bytes(body)
    with pytest.raises(BackbeatError, match=says):
        Import(MemoryStore(), dropped)
