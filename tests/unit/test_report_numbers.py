"""Numbers and days of reports: read exactly, or refused; and whatever a file holds, its rows add up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.reports import LINES
from producer.importers.recognise import UnrecognisedError, recognise
from producer.reports.catalogue import platform_names, samples
from producer.reports.day import date_reader, day_of_year_reader, month_reader, with_years
from producer.reports.number import BAD, decimal_reader, integer_reader
from tests.importing import Import, MemoryStore
from tests.unit.test_reports import rows_of, sample_bytes


@pytest.mark.parametrize(
    ("text", "point", "number"),
    [
        ("1,234.56", ".", "1234.56"),
        ("1,200", ".", "1200"),
        ("1 234,56", ",", "1234.56"),
        ("1.234,56", ",", "1234.56"),
        ("1.234", ",", "1234"),
        ("1234.56", ",", "1234.56"),
        ("1'234.5", ".", "1234.5"),
        ("$1.99", ".", "1.99"),
        ("-$1.99", ".", "-1.99"),
        ("$-1.99", ".", "-1.99"),
        ("(5.00)", ".", "-5"),
        ("5-", ".", "-5"),
        ("12 %", ".", "12"),
        ("144.", ".", "144"),
        ("1.2E-05", ".", "0.000012"),
        ("0.00192956478495", ".", "0.00192956478495"),
        ("12,5", ".", None),
        ("1,23,456", ".", None),
        ("12.34.56", ",", None),
        ("many", ".", None),
        ("NaN", ".", None),
        ("1e99", ".", None),
        ("9" * 21, ".", None),
    ],
)
def test_a_number_is_exact_or_none(text: str, point: str, number: str | None) -> None:
    assert decimal_reader(point)(text) == (BAD if number is None else Decimal(number))


def test_empty_numbers_are_none_and_parts_are_no_integers() -> None:
    assert [integer_reader(".")(text) for text in ("", " - ", "3.0", "3.5", "-1")] == [None, None, 3, BAD, -1]
    assert decimal_reader(".", "60")("0.5") == 30


def test_days_and_months() -> None:
    assert date_reader(["%m/%d/%y %I:%M%p"])("1/2/20 4:49am") == date(2020, 1, 2)
    assert date_reader([])("2024-02-03T10:00:00Z") == date(2024, 2, 3)
    assert date_reader([])("2024-02-30") is BAD
    assert date_reader(["epoch"])("1704067200") == date(2024, 1, 1)
    assert month_reader(())("Mar 2024") == date(2024, 3, 1)
    assert month_reader(())("0024-03") is BAD


def test_days_without_a_year_roll_over() -> None:
    read = day_of_year_reader(["%B %d"])
    days = [read(text) for text in ("February 29", "December 31", "January 1", "nonsense")]
    assert with_years(days, date(2026, 11, 21)) == [
        date(2024, 2, 29),
        date(2025, 12, 31),
        date(2026, 1, 1),
        BAD,
    ]


@given(st.text(max_size=30), st.sampled_from([".", ","]))
def test_any_text_is_a_number_or_none(text: str, point: str) -> None:
    value = decimal_reader(point)(text)
    assert value is None or value is BAD or isinstance(value, Decimal)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6), st.sampled_from([".", ","]))
def test_a_grouped_number_is_read_back(number: Decimal, point: str) -> None:
    grouped = f"{number:,.6f}"
    if point == ",":
        grouped = grouped.translate(str.maketrans(",.", ".,"))
    assert decimal_reader(point)(grouped) == number


WHOLE = [sample_bytes(sample) for name in platform_names() for sample in samples(name)]


@settings(max_examples=100)
@given(st.data())
def test_a_mangled_report_is_refused_or_adds_up(data: st.DataObject) -> None:
    """Bytes cut, doubled, replaced, in another encoding, with other line ends: no crash, the sum holds."""
    body = bytearray(data.draw(st.sampled_from(WHOLE)))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, max(0, len(body) - 1)))
        piece = data.draw(
            st.sampled_from([b"", b'"', b"\r", b"\n", b",", b"\x00", b"\xff", b"1,234.5", b"-"])
        )
        body[at : at + data.draw(st.integers(0, 5))] = piece
    text = bytes(body)
    if data.draw(st.booleans()):
        text = text.replace(b"\n", data.draw(st.sampled_from([b"\r", b"\r\n"])))
    if data.draw(st.booleans()):
        text = text.decode("utf-8", errors="replace").encode(
            data.draw(st.sampled_from(["utf-16", "utf-8-sig"]))
        )
    try:
        recognised = recognise(text)
    except UnrecognisedError:
        return
    if recognised.report is None:
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "download"
        path.write_bytes(text)
        run = Import(MemoryStore(), path)
    rows_in, accepted, rejected = run.counts()
    lines = rows_of(run.store, LINES)
    measure = recognised.report.known.report.measure
    good = [line for line in lines if line["errors"] is None]
    assert (rows_in, accepted, rejected) == (len(lines), len(good), sum(run.total.by_reason.values()))
    total = sum(Decimal(line[measure]) for line in good if line[measure] is not None)
    (report,) = run.batch.reports
    assert Decimal(report.measure_total or "none") == total
