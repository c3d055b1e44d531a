"""A server's log of podcast requests, row by row: what is kept of it, what is refused and why."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.importers.context import Context
from producer.importers.converted import Accepted, Download, Fault, Rejected
from producer.importers.download_log import Span, convert, episode_of, span_of, truncated
from producer.importers.pseudonym import Pseudonyms
from producer.importers.reading import Unreadable
from producer.importers.recognise import recognise

CONTEXT = Context(Pseudonyms(b"key"), datetime(2026, 11, 21, tzinfo=UTC))
ROW: dict[str, object] = {
    "time": "2026-11-20T12:00:00Z",
    "ip": "192.0.2.7",
    "user_agent": "Overcast/3.0",
    "method": "get",
    "url": "https://p.example/h.example/ep-1.mp3?k=v",
    "status": "206",
    "range": "bytes 0-99/900",
    "bytes": "100",
}


def test_the_header_tells_the_kind() -> None:
    head = b"time,ip,user_agent,method,url,status,range,bytes,referer\n"
    assert recognise(head).kind == "podcast_downloads"


def test_a_row_becomes_a_request_without_its_address() -> None:
    (row,) = convert([ROW], CONTEXT)
    assert isinstance(row, Accepted)
    request = row.download
    assert isinstance(request, Download)
    address_key = CONTEXT.pseudonyms.of("import.podcast_downloads", "192.0.2.7")
    assert request[1:5] == ("ep-1", address_key, "Overcast/3.0", "GET")
    assert request[5:11] == (206, 0, 99, 100, 900, None)
    assert "192.0.2.7" not in repr(row)
    (again,) = convert([dict(ROW)], CONTEXT)
    assert isinstance(again, Accepted)
    assert again.same == row.same


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ip": "300.1.2.3"}, "bad_ip"),
        ({"ip": ""}, "missing_ip"),
        ({"time": "yesterday"}, "bad_time"),
        ({"time": None}, "missing_time"),
        ({"time": "2027-01-01T00:00:00Z"}, "occurred_in_future"),
        ({"url": "https://h.example/"}, "bad_url"),
        ({"url": None}, "missing_url"),
        ({"method": None}, "missing_method"),
        ({"status": "ok"}, "bad_status"),
        ({"status": None}, "missing_status"),
        ({"range": "bytes=9-1"}, "bad_range"),
        ({"range": "items=0-1"}, "bad_range"),
        ({"range": "bytes=-"}, "bad_range"),
        ({"bytes": "-5"}, "bad_bytes"),
        ({"ip": "x", "bytes": "x"}, "bad_ip,bad_bytes"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, object], reason: str) -> None:
    (row,) = convert([ROW | change], CONTEXT)
    assert isinstance(row, Rejected)
    assert row.reason == reason
    assert set(orjson.loads(row.value)["row"]) == {"time", "method", "status", "range", "bytes", "episode_id"}
    assert b"192.0.2.7" not in row.value


def test_a_row_that_cannot_be_told_into_fields_is_refused() -> None:
    (row,) = convert([Unreadable(3, "ab" * 32, Fault("too_few_columns", "2 instead of 8 in row 3"))], CONTEXT)
    assert isinstance(row, Rejected)
    assert row.reason == "too_few_columns"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:DB8:1:2::", "2001:db8:1:2::"),
        ("2001:db8:1:3::", "2001:db8:1:3::"),
    ],
)
def test_an_address_is_cut_where_the_guidelines_cut_it(text: str, address: str) -> None:
    assert truncated(text, []) == address


@pytest.mark.parametrize(
    ("url", "episode"),
    [
        ("https://a.example/b.example/ep-1.mp3?x=1#t", "ep-1"),
        ("/ep%201.m4a", "ep 1"),
        ("ep-1", "ep-1"),
        ("https://a.example/show/ep.1.mp3/", "ep.1"),
    ],
)
def test_the_episode_is_the_name_of_the_file(url: str, episode: str) -> None:
    assert episode_of(url, []) == episode


@pytest.mark.parametrize(
    ("text", "span"),
    [
        (None, Span(None, None, None)),
        ("-", Span(None, None, None)),
        ("bytes=0-1", Span(0, 1, None)),
        ("bytes=500-", Span(500, None, None)),
        ("bytes 0-99/900", Span(0, 99, 900)),
        ("bytes 0-99/*", Span(0, 99, None)),
        ("bytes=-100", Span(None, None, None)),
        ("bytes=-100/900", Span(800, 899, 900)),
    ],
)
def test_a_range_is_read_as_asked_or_as_answered(text: str | None, span: Span) -> None:
    faults: list[Fault] = []
    assert span_of(text, faults) == span
    assert faults == []


@given(st.dictionaries(st.sampled_from(sorted(ROW)), st.one_of(st.none(), st.text(max_size=40))))
def test_any_row_is_a_request_or_a_refusal(change: dict[str, object]) -> None:
    (row,) = convert([ROW | change], CONTEXT)
    assert (row.value is None) == isinstance(row, Accepted)
