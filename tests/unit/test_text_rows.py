"""Rows out of text: lines, tabs, commas."""

from __future__ import annotations

from pathlib import Path

import pytest

from producer.importers.reading import Unreadable
from producer.importers.text_rows import Record, comma_separated, tab_separated
from tests.importing import read_rows


def written(tmp_path: Path, body: bytes) -> Path:
    path = tmp_path / "rows"
    path.write_bytes(body)
    return path


def reasons(rows: list[Record]) -> list[str]:
    return [row.fault.reason if isinstance(row, Unreadable) else "" for row in rows]


def test_only_line_feeds_end_a_line(tmp_path: Path) -> None:
    body = "\ufeffa\u2028b\tc\x0bd\x85e\n\n \nf\rg\r\nh"
    rows = read_rows(written(tmp_path, body.encode()), tab_separated)
    assert rows == [["a\u2028b", "c\x0bd\x85e"], ["f\rg"], ["h"]]


def test_csv_rows_are_quoted_and_counted(tmp_path: Path) -> None:
    body = b'\xef\xbb\xbf"A", b\r\n"1,\n2",x\r\n\r\n3\r\n4,5,6\r\n'
    rows = read_rows(written(tmp_path, body), comma_separated)
    assert rows[0] == {"a": "1,\n2", "b": "x"}
    assert reasons(rows) == ["", "too_few_columns", "too_many_columns"]


def test_no_cut_between_two_reads_changes_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = 'a,b\n"1,\n2",é\r\n\n"x ""y""",\u2028\nlast,one'.encode()
    path = written(tmp_path, body)
    whole = read_rows(path, comma_separated)
    assert [row["b"] for row in whole] == ["é", "\u2028", "one"]
    for size in range(1, len(body) + 1):
        monkeypatch.setattr("producer.importers.reading.CHUNK", size)
        assert read_rows(path, comma_separated) == whole


@pytest.mark.parametrize("tail", [b"x" * 200_000, b'"' + b"x\n" * 100_000])
def test_a_cell_without_end_ends_the_file(tmp_path: Path, tail: bytes) -> None:
    rows = read_rows(written(tmp_path, b"a\nfirst\n" + tail), comma_separated)
    assert rows[0] == {"a": "first"}
    assert reasons(rows) == ["", "broken_csv"]
