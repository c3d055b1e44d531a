"""A server's log of requests for podcast files (CSV): time, address, agent, method, URL, status, range.

The address leaves this module as a keyed hash only: of IPv6 its first 64 bits, as the IAB's guidelines on
podcast measurement (v2.3, 5.5.4) tell listeners apart. One key for all days: a window crosses midnight.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from producer.importers.context import Context
from producer.importers.converted import Accepted, Converted, Download, Draft, Fault
from producer.importers.identity import identity
from producer.importers.podcast_log import field, scalar
from producer.importers.reading import Unreadable
from producer.importers.text_rows import Record
from producer.importers.timestamp import epoch_ms, wire

SOURCE = "import.podcast_downloads"
# Refused rows are kept among the podcast events: there is no topic of requests.
TOPIC = "podcast_events"

_RANGE = re.compile(r"(?:bytes[= ])?(\d{1,18})?-(\d{1,18})?(?:/(\d{1,18}|\*))?", re.ASCII | re.IGNORECASE)
_COUNT = re.compile(r"\d{1,18}", re.ASCII)
_STATUS = re.compile(r"\d{3}", re.ASCII)
# What the row says of no person: neither address, nor agent, nor the URL's query.
_KEPT = ("time", "method", "status", "range", "bytes")


class Span(NamedTuple):
    """First and last byte asked for, and the size of the file, where the range tells them."""

    first: int | None
    last: int | None
    size: int | None


def convert(rows: Iterable[Record], context: Context) -> Iterator[Converted]:
    """One request for the landing folder, or a refusal, per row."""
    for row in rows:
        yield _unreadable(row) if isinstance(row, Unreadable) else _request(row, context)


def _unreadable(row: Unreadable) -> Converted:
    kept = {"number": row.number, "sha256": row.digest}
    return Draft(TOPIC, SOURCE, identity(0, SOURCE, row.digest), None, kept, []).refuse([row.fault])


def _request(row: Mapping[str, object], context: Context) -> Converted:
    faults: list[Fault] = []
    moment = context.moment(scalar(row, "time"), faults, "time")
    address = truncated(field(row, "ip", faults, "ip"), faults)
    address_key = context.pseudonyms.of(SOURCE, address) if address else None
    episode_id = scalar(row, "episode_id") or episode_of(field(row, "url", faults, "url"), faults)
    method = (field(row, "method", faults, "method") or "").upper()
    status = _number(field(row, "status", faults, "status"), "status", faults, _STATUS)
    span = span_of(scalar(row, "range"), faults)
    sent = _number(scalar(row, "bytes"), "bytes", faults)
    size = span.size if span.size is not None else _number(scalar(row, "file_bytes"), "file_bytes", faults)
    header = _number(scalar(row, "header_bytes"), "header_bytes", faults)
    agent = scalar(row, "user_agent")
    facts = (address_key, episode_id, agent, method, status, *span, sent, size, header)
    event_id = identity(epoch_ms(moment), SOURCE, *facts)
    kept = {name: row.get(name) for name in _KEPT} | {"episode_id": episode_id}
    draft = Draft(TOPIC, SOURCE, event_id, None, kept, faults)
    if faults or moment is None or address_key is None or episode_id is None:
        return draft.refuse(faults)
    request = Download(
        event_id, episode_id, address_key, agent, method, status or 0, *span[:2], sent, size, header,
        wire(moment), SOURCE,
    )  # fmt: skip
    return Accepted(TOPIC, None, None, event_id.encode(), SOURCE, download=request)


def truncated(text: str | None, faults: list[Fault]) -> str | None:
    """What of an address tells listeners apart: IPv4 whole, IPv6 its first 64 bits; `faults`: `bad_ip`."""
    if text is None:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        faults.append(Fault("bad_ip", "ip"))
        return None
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64))


def episode_of(url: str | None, faults: list[Fault]) -> str | None:
    """The episode a URL names: its last segment without extension, whatever prefixes stand before it."""
    if url is None:
        return None
    try:
        name = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    except ValueError:
        name = ""
    episode_id = name.rpartition(".")[0] or name
    if not episode_id:
        faults.append(Fault("bad_url", "url"))
    return episode_id or None


def span_of(text: str | None, faults: list[Fault]) -> Span:
    """`bytes=0-1`, `bytes 0-1/900`, `0-`; a tail (`bytes=-500`) is placed where the size is told; `faults`:
    `bad_range`."""
    if text is None or text == "-":
        return Span(None, None, None)
    match = _RANGE.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        faults.append(Fault("bad_range", "range"))
        return Span(None, None, None)
    first, last = (int(part) if part else None for part in match.groups()[:2])
    size = int(match[3]) if match[3] and match[3] != "*" else None
    if first is None:
        return Span(None, None, size) if size is None else Span(max(0, size - (last or 0)), size - 1, size)
    if last is not None and last < first:
        faults.append(Fault("bad_range", "range"))
    return Span(first, last, size)


def _number(text: str | None, name: str, faults: list[Fault], shape: re.Pattern[str] = _COUNT) -> int | None:
    if text is None or text == "-":
        return None
    if not shape.fullmatch(text):
        faults.append(Fault(f"bad_{name}", name))
        return None
    return int(text)
