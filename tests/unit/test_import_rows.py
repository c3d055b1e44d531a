"""Rows out of files: one a row, whatever it holds; a file broken as a whole is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.errors import BackbeatError
from producer.importers.json_array import elements
from producer.importers.rows import Record, Unreadable, comma_separated, json_array, json_lines, tab_separated


def written(tmp_path: Path, body: bytes) -> Path:
    path = tmp_path / "rows"
    path.write_bytes(body)
    return path


def reasons(rows: list[Record]) -> list[str]:
    return [row.fault.reason if isinstance(row, Unreadable) else "" for row in rows]


def test_only_line_feeds_end_a_line(tmp_path: Path) -> None:
    body = "\ufeffa\u2028b\tc\x0bd\x85e\n\n \nf\rg\r\nh"
    rows = list(tab_separated(written(tmp_path, body.encode())))
    assert rows == [["a\u2028b", "c\x0bd\x85e"], ["f\rg"], ["h"]]


def test_json_lines_are_told_apart_one_by_one(tmp_path: Path) -> None:
    rows = list(json_lines(written(tmp_path, b'{"a": 1}\nnope\n[1]\n{"a": {"b": [1]}}\n{"a"')))
    assert rows[0] == {"a": 1}
    assert rows[3] == {"a": []}
    assert reasons(rows) == ["", "not_json", "not_an_object", "", "not_json"]


def test_json_array_gives_its_objects(tmp_path: Path) -> None:
    rows = list(json_array(written(tmp_path, b'\xef\xbb\xbf [{"a": 1}, 5, {"a": "\\ud800x"}]\n')))
    assert rows[0] == {"a": 1}
    assert reasons(rows) == ["", "not_an_object", ""]


def test_no_cut_between_two_reads_changes_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = '[ {"a": "\\u00e9 [x] \\" é"} ,\n12345, {"b": NaN, "c": [1], "d": 1e999}, 1.5e3 ]'
    path = written(tmp_path, body.encode())
    whole = list(elements(path))
    assert whole == [{"a": 'é [x] " é'}, 12345, {"b": "NaN", "c": [1], "d": float("inf")}, 1500.0]
    for size in range(1, len(body) + 1):
        monkeypatch.setattr("producer.importers.json_array._CHUNK", size)
        assert list(elements(path)) == whole


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"a": 1}', "not an array"),
        (b"5", "not an array"),
        (b'[{"a": 1}', "broken JSON"),
        (b'[{"a": 1},]', "broken JSON"),
        (b'[{"a": 1} {"a": 2}]', "broken JSON after row 1"),
        (b'[{"a": 1},', "broken JSON in row 2"),
        (b"[" + b"9" * 5_000 + b"]", "broken JSON in row 1"),
        (b'[{"a": 1}] more', "broken JSON"),
        (b"[" * 100_000, "broken JSON"),
        (b"", "not an array"),
    ],
)
def test_a_json_file_that_is_broken_is_named(tmp_path: Path, body: bytes, says: str) -> None:
    path = written(tmp_path, body)
    with pytest.raises(BackbeatError, match=says) as raised:
        list(json_array(path))
    assert str(path) in str(raised.value)


def test_csv_rows_are_quoted_and_counted(tmp_path: Path) -> None:
    body = b'\xef\xbb\xbf"A", b\r\n"1,\n2",x\r\n\r\n3\r\n4,5,6\r\n'
    rows = list(comma_separated(written(tmp_path, body)))
    assert rows[0] == {"a": "1,\n2", "b": "x"}
    assert reasons(rows) == ["", "too_few_columns", "too_many_columns"]


@pytest.mark.parametrize("body", [b'a,b\n1,"2\n', b'a,b\n1,"2"3\n', b"a\n" + b"x" * 200_000])
def test_a_csv_file_that_is_broken_is_named(tmp_path: Path, body: bytes) -> None:
    path = written(tmp_path, body)
    with pytest.raises(BackbeatError, match="broken CSV at line 2") as raised:
        list(comma_separated(path))
    assert str(path) in str(raised.value)
