"""Rows out of JSON: one a row, whatever it holds, however the file is cut into reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from producer.importers.json_rows import arrays_named, flat_json_lines, json_array, json_lines
from producer.importers.json_text import Record
from producer.importers.reading import Reading, Unreadable
from tests.importing import read_rows


def written(tmp_path: Path, body: bytes) -> Path:
    path = tmp_path / "rows"
    path.write_bytes(body)
    return path


def reasons(rows: list[Record]) -> list[str]:
    return [row.fault.reason if isinstance(row, Unreadable) else "" for row in rows]


def test_json_lines_are_told_apart_one_by_one(tmp_path: Path) -> None:
    body = b'\xef\xbb\xbf{"a": 1}\nnope\n[1]\n\n{"a": {"b": [1]}}\r\n{"a": NaN}\n{"a": "\\ud800x"}\n{"a"'
    rows = read_rows(written(tmp_path, body), json_lines)
    assert rows[0] == {"a": 1}
    assert rows[3] == {"a": {"b": [1]}}
    assert rows[4] == {"a": "NaN"}
    assert reasons(rows) == ["", "not_json", "not_an_object", "", "", "", "cut_off"]
    flat = read_rows(written(tmp_path, body), flat_json_lines)
    assert flat[3] == {"a": []}


def test_json_array_gives_its_objects(tmp_path: Path) -> None:
    body = b'\xef\xbb\xbf [{"a": 1}, 5, {"a": "\\ud800x"}]\n'
    rows = read_rows(written(tmp_path, body), json_array)
    assert rows[0] == {"a": 1}
    assert reasons(rows) == ["", "not_an_object", ""]


def test_no_cut_between_two_reads_changes_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = '[ {"a": "\\u00e9 [x] \\" é"} ,\n12345, {"b": NaN, "c": [1], "d": 1e999}, 1.5e3 ,'
    body += '{"a":1},{"a":2},{"a":"},{\\"a\\""},{"a":{"a":3}},{"b":[{"a":4},{"a":5}]}, {"a":6} ]'
    path = written(tmp_path, body.encode())
    whole = [row for row in read_rows(path, json_array) if isinstance(row, dict)]
    assert whole == [row for row in json.loads(body, parse_constant=str) if isinstance(row, dict)]
    assert len(read_rows(path, json_array)) == 10
    for size in range(1, len(body) + 1):
        monkeypatch.setattr("producer.importers.json_text.CHUNK", size)
        monkeypatch.setattr("producer.importers.json_text._FIRST_LOOK", size)
        monkeypatch.setattr("producer.importers.reading.CHUNK", size)
        assert [row for row in read_rows(path, json_array) if isinstance(row, dict)] == whole


def test_rows_are_found_in_arrays_of_a_name_on_every_page(tmp_path: Path) -> None:
    body = b'{"n": {"rows": 2}, "rows": [{"a": 1}, {"a": {"rows": [7]}}], '
    body += b'"x": [{"rows":[]}, {"rows": [ {"a": 3} ]}]}'
    path = written(tmp_path, body)
    assert read_rows(path, arrays_named("rows")) == [{"a": 1}, {"a": {"rows": [7]}}, {"a": 3}]
    path = written(tmp_path, b'[{"track": {"a": 1}}, {"track": [{"a": 2}]}]')
    assert read_rows(path, arrays_named("track", alone=True)) == [{"a": 1}, {"a": 2}]
    assert read_rows(path, arrays_named("track")) == [{"a": 2}]


@pytest.mark.parametrize(
    ("body", "rows", "what"),
    [
        (b'{"a": 1}', 0, "no array of rows"),
        (b"", 0, "no array of rows"),
        (b"[" + b"9" * 5_000 + b"]", 1, "cut off"),
        (b"[" * 100_000, 1, "cut off"),
        (b"[]", 0, None),
    ],
)
def test_what_is_no_array_is_told(tmp_path: Path, body: bytes, rows: int, what: str | None) -> None:
    with written(tmp_path, body).open("rb") as file:
        reading = Reading(file)
        assert len(list(json_array(reading))) == rows
    assert (reading.damage.what if reading.damage else None) == what


def test_a_row_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("producer.importers.json_text.LONGEST_ROW", 1 << 12)
    monkeypatch.setattr("producer.importers.json_text.CHUNK", 1 << 10)
    monkeypatch.setattr("producer.importers.reading.CHUNK", 1 << 10)
    with written(tmp_path, b'[{"a": 1}, {"a": "' + b"x" * 100_000).open("rb") as file:
        reading = Reading(file)
        assert reasons(list(json_array(reading))) == ["", "broken_json"]
        assert reading.position < 20_000
