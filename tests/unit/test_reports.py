"""Platforms' reports: each sample becomes what its platform's file says; the same file adds nothing."""

from __future__ import annotations

import shutil
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from contracts.lake import landing_key
from contracts.reports import LINES, REPORTS, report_schema
from producer.importers.recognise import recognise
from producer.reports.catalogue import known_reports, platform_names, sample_bytes, samples
from tests.importing import Import, MemoryStore

SAMPLES = [(name, place) for name in platform_names() for place in range(len(samples(name)))]


def rows_of(store: MemoryStore, table: str) -> list[dict[str, Any]]:
    bodies = [body for key, body in sorted(store.items()) if key.startswith(f"landing/{table}/")]
    found: list[dict[str, Any]] = []
    for body in bodies:
        read = pq.read_table(BytesIO(body))
        assert read.schema.equals(report_schema(table))
        found += read.to_pylist()
    return found


def plain(value: Any) -> Any:
    """As a sample writes it."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value if value is None or isinstance(value, int) else str(value)


@pytest.mark.parametrize(("name", "place"), SAMPLES)
def test_a_sample_becomes_what_its_file_says(name: str, place: int, tmp_path: Path) -> None:
    sample = samples(name)[place]
    path = tmp_path / sample.get("name", "download")
    path.write_bytes(sample_bytes(sample))
    assert recognise(sample_bytes(sample)).kind == sample["kind"]
    run = Import(MemoryStore(), path)
    rows_in, accepted, by_reason = sample["counts"]
    (report,) = run.batch.reports
    assert (report.rows_in, report.accepted, dict(report.by_reason)) == (rows_in, accepted, by_reason)
    assert (report.measure_total, report.stated_total) == (sample["total"], sample.get("stated"))
    lines = rows_of(run.store, LINES)
    assert len(lines) == rows_in
    for line, expected in zip(lines, sample["lines"], strict=False):
        assert {column: plain(line[column]) for column in expected} == expected
    assert run.messages == []


def test_every_platform_has_a_sample_of_each_of_its_reports() -> None:
    sampled = {sample["kind"] for name in platform_names() for sample in samples(name)}
    kinds = [known.report.kind for known in known_reports()]
    assert len(set(kinds)) == len(kinds)
    assert sampled == set(kinds)


def test_the_same_file_adds_nothing_by_whatever_name(tmp_path: Path) -> None:
    store, path = MemoryStore(), tmp_path / "bank.tsv"
    path.write_bytes(sample_bytes(samples("distrokid")[0]))
    first = Import(store, path)
    assert first.counts() == (4, 3, 1)
    before = dict(store)
    renamed = shutil.copy(path, tmp_path / "holiday.jpg")
    assert Import(store, path, renamed).counts() == (0, 0, 0)
    Import(store, path, again=True)
    assert store == before
    (report,) = rows_of(store, REPORTS)
    lines = rows_of(store, LINES)
    assert (report["rows_in"], report["accepted"], report["rejected"]) == (4, 3, 1)
    assert report["file_name"] == "bank.tsv"
    assert report["encoding"] == "cp1252"
    assert {line["report_id"] for line in lines} == {report["report_id"]}
    assert len({line["line_id"] for line in lines}) == 4
    assert landing_key(LINES, report["report_id"], "parquet") in store
    assert [line["errors"] for line in lines] == [None, None, None, "bad_quantity"]


def test_bare_carriage_returns_end_a_line_and_an_accent_far_behind_tells_the_encoding(tmp_path: Path) -> None:
    header = b"date,listeners,streams,followers\r"
    body = header + b"2024-01-01,1,2,3\r" * 9000 + b"2024-01-02,\xe9,2,3\r"
    path = tmp_path / "audience.csv"
    path.write_bytes(body)
    run = Import(MemoryStore(), path)
    assert run.counts() == (9001, 9000, 1)
    (report,) = rows_of(run.store, REPORTS)
    assert (report["encoding"], report["measure_total"]) == ("cp1252", Decimal(18_000))


def test_an_open_quote_swallows_no_line(tmp_path: Path) -> None:
    header = "song,listeners,streams,saves,release_date\n"
    path = tmp_path / "songs.csv"
    path.write_text(header + '"Open,1,2,3,2024-01-01\nNext,1,2,3,2024-01-01\n"Two\nlines",1,2,3,2024-01-01\n')
    run = Import(MemoryStore(), path)
    assert run.total.rows_in == 4
    path.write_text(header + '"Open,1,2,3,2024-01-01\n' + "Next,1,2,3,2024-01-01\n" * 9000)
    assert Import(MemoryStore(), path).counts() == (9001, 9001, 0)
