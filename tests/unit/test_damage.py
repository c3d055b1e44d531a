"""A damaged file is imported up to the damage, and says what is wrong at which byte and line."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest

from producer.importers.report import as_json, as_tables
from tests.importing import Import, MemoryStore, is_balanced

ROW = (
    '{"ts":"2025-04-28T21:04:35Z","ms_played":5,"spotify_track_uri":"u%d",'
    '"master_metadata_track_name":"T","master_metadata_album_artist_name":"A"}'
)
ONE, TWO, THREE = ((ROW % number).encode() for number in (1, 2, 3))
SCROBBLES = b"".join(b"u\t2009-05-04T23:08:0%dZ\t\tA%d\t\tT\n" % (n, n) for n in (1, 2, 3))
USERS = b"user_id,signup_date,country\nu,2023-01-01,DE\nv,2023-01-02,DE\nw,2023-01-03,DE\n"
LINES = b"".join(
    b'{"listened_at":157783680%d,"track_metadata":{"artist_name":"A","track_name":"T"}}\n' % n
    for n in (1, 2, 3)
)
LOG = b"#AUDIOSCROBBLER/1.1\n#TZ/UTC\n" + b"".join(b"A\tB\tT\t1\t9\tL\t157783680%d\t\n" % n for n in (1, 2))

Case = tuple[bytes, tuple[int, int, int], str, bytes]
CASES: dict[str, Case] = {
    "array, cut in a row": (b"[%b,\n%b" % (ONE, TWO[:-9]), (2, 1, 1), "cut off", TWO[:-9]),
    "array, cut between rows": (b"[%b,\n%b,\n" % (ONE, TWO), (2, 2, 0), "cut off", b""),
    "array, cut before its end": (b"[%b,\n%b" % (ONE, TWO), (2, 2, 0), "cut off", b""),
    "array, a comma missing": (b"[%b\n%b]" % (ONE, TWO), (1, 1, 0), "broken JSON", TWO),
    "array, a comma too many": (b"[%b,]" % ONE, (2, 1, 1), "cut off", b"]"),
    "array, more behind": (b"[%b]\n more" % ONE, (1, 1, 0), "something after the array", b"more"),
    "array, latin-1 in one row": (
        b"[%b,\n%b,\n%b]" % (ONE, TWO.replace(b'"T"', b'"Bj\xf6rk"'), THREE),
        *((3, 2, 1), "not UTF-8", b"\xf6rk"),
    ),
    "tabs, cut": (SCROBBLES[:-5], (3, 2, 1), "cut off", b""),
    "tabs, latin-1": (SCROBBLES.replace(b"A2", b"Bj\xf6rk"), (3, 2, 1), "not UTF-8", b"\xf6rk"),
    "CSV, cut in quotes": (USERS + b'x,"2023', (4, 3, 1), "cut off", b""),
    "CSV, cut": (USERS[:-12], (3, 2, 1), "cut off", b""),
    "CSV, a broken quote": (USERS.replace(b"v,", b'"v"x,'), (2, 1, 1), "broken CSV", b'"v"x'),
    "CSV, latin-1": (USERS.replace(b"v,", b"\xf6,"), (3, 2, 1), "not UTF-8", b"\xf6,"),
    "lines, cut": (LINES[:-9], (3, 2, 1), "cut off", b""),
    "lines, latin-1": (LINES.replace(b'"A"', b'"\xf6"', 2), (3, 1, 2), "not UTF-8", b"\xf6"),
    "log, cut": (LOG[:-12], (2, 1, 1), "cut off", b""),
}


@pytest.mark.parametrize(("body", "counts", "what", "at"), CASES.values(), ids=CASES)
def test_what_can_be_read_is_imported(
    tmp_path: Path, body: bytes, counts: tuple[int, int, int], what: str, at: bytes
) -> None:
    store = MemoryStore()
    (tmp_path / "damaged").write_bytes(body)
    run = Import(store, tmp_path)
    assert run.counts() == counts
    assert is_balanced(run)
    (report,) = run.batch.reports
    told = re.fullmatch(r"(.+) at byte ([\d,]+) \(line ([\d,]+)\)", report.damage or "")
    assert told
    byte = int(told[2].replace(",", ""))
    assert (told[1], body[byte:][: len(at)]) == (what, at)
    assert int(told[3]) == body[:byte].count(b"\n") + 1
    assert Import(store, tmp_path).counts() == (0, 0, 0)


def test_the_damage_is_in_the_report_and_in_the_receipt(tmp_path: Path) -> None:
    (tmp_path / "damaged").write_bytes(SCROBBLES[:-5])
    run = Import(MemoryStore(), tmp_path)
    (report,) = run.batch.reports
    assert orjson.loads(as_json([report], []))["files"][0]["damage"] == report.damage
    (receipt,) = run.store.values()
    assert orjson.loads(receipt)["damage"] == report.damage
    assert "lastfm_1k, damaged" in list(as_tables([report])[0].columns[1].cells)
