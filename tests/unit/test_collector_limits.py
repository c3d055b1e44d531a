"""What a request may be: how much of it, in which form, how often, and what happens while Kafka is away."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.web.refusal import RefusalError
from producer.collector.body import gunzip, read_body
from producer.collector.bucket import Bucket, Buckets
from producer.collector.circuit import Circuit
from producer.collector.settings import CollectorSettings
from producer.collector.split import split

JSON, LINES = "application/json", "application/x-ndjson"


def read(headers: Mapping[str, str], *chunks: bytes, limit: int = 100, unpacked: int = 1_000) -> bytes:
    async def sent() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return asyncio.run(read_body(headers, sent(), limit, unpacked, 5))


def refused(status: int) -> pytest.RaisesExc[RefusalError]:
    return pytest.RaisesExc(RefusalError, check=lambda error: error.status == status)


def test_a_body_is_what_was_sent() -> None:
    assert read({}, b"ab", b"", b"c") == b"abc"
    assert read({"content-encoding": "gzip"}, gzip.compress(b"abc" * 100)) == b"abc" * 100
    assert read({"content-encoding": "identity"}) == b""


def test_a_body_is_read_no_further_than_it_may_be_long() -> None:
    with refused(413):
        read({"content-length": "101"})
    with refused(413):
        read({}, *[b"x" * 50] * 3)
    assert len(read({"content-length": "100"}, b"x" * 100)) == 100


def test_a_client_that_never_ends_its_body_is_let_go() -> None:
    async def waited() -> bytes:
        async def nothing() -> AsyncIterator[bytes]:
            await asyncio.Event().wait()
            yield b""

        return await read_body({}, nothing(), 1, 1, 0.01)

    with refused(408):
        asyncio.run(waited())


def test_another_encoding_is_not_understood() -> None:
    for encoding in ("br", "gzip, gzip", "deflate"):
        with refused(415):
            read({"content-encoding": encoding}, b"x")


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_gzip_members_are_joined(parts: list[bytes]) -> None:
    assert gunzip(b"".join(map(gzip.compress, parts)), 2_000) == b"".join(parts)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    with refused(413):
        gunzip(bomb, 1_000_000)
    with refused(413):
        gunzip(gzip.compress(bytes(600)) * 2, 1_000)
    assert len(gunzip(gzip.compress(bytes(1_000)), 1_000)) == 1_000
    with refused(400):
        gunzip(gzip.compress(b"") * 65, 1_000)


@given(st.binary(max_size=100))
def test_what_is_no_gzip_is_refused(rubbish: bytes) -> None:
    whole = gzip.compress(b"x" * 500)
    for packed in (whole[:-1], whole[: len(whole) // 2], whole + b"x" + rubbish, b"x" + rubbish):
        with refused(400):
            gunzip(packed, 10_000)


def test_a_batch_is_an_array_or_lines() -> None:
    assert split(b' [ {"a":[1,2]} ,"x", 5]', JSON, 3) == [b'{"a":[1,2]}', b'"x"', b"5"]
    assert split(b'{"a":1}\r\n\n not json\n', f"{LINES}; charset=utf-8", 3) == [b'{"a":1}\r', b" not json"]
    assert split(b"[]", JSON, 3) == split(b"", LINES, 3) == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", JSON, 400),
        (b"[1", JSON, 400),
        (b"", JSON, 400),
        (b"\xff\xfe", JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"[1,2,3,4]", JSON, 413),
        (b"1\n2\n3\n4", LINES, 413),
        (b"[]", "text/plain", 415),
        (b"[]", "", 415),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(body: bytes, kind: str, status: int) -> None:
    with refused(status):
        split(body, kind, 3)


@given(st.binary(max_size=60))
def test_splitting_never_fails_otherwise(body: bytes) -> None:
    for text in (body, b"[" + body + b"]"):
        with suppress(RefusalError):
            assert all(split(text, JSON, 100))


def test_a_bucket_fills_with_time_and_holds_no_more_than_its_burst() -> None:
    bucket = Bucket(rate=10, burst=100, at=0)
    assert bucket.take(100, 0) == 0
    assert bucket.take(1, 0) == pytest.approx(0.1)
    assert bucket.take(50, 1) == pytest.approx(4)
    assert bucket.take(50, 5) == 0
    assert bucket.take(100, 1_000) == 0
    assert bucket.remaining() == 0
    assert bucket.refill_seconds() == pytest.approx(10)


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 150)), max_size=40))
def test_no_more_passes_than_the_rate_and_one_burst(requests: list[tuple[float, int]]) -> None:
    bucket, now, passed = Bucket(rate=10, burst=100, at=0), 0.0, 0
    for pause, events in requests:
        now += pause
        wait = bucket.take(events, now)
        if not wait:
            passed += min(events, 100)
        else:
            assert 0 < wait <= 10
        assert passed <= 100 + 10 * now + 1e-6


def test_each_key_has_a_bucket_of_its_own() -> None:
    buckets = Buckets(rate=1, burst=10, clock=lambda: 0.0)
    assert buckets.take("a", 10) == 0
    assert buckets.take("a", 1) > 0
    assert buckets.take("b", 10) == 0


def test_a_burst_below_a_request_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="BACKBEAT_COLLECTOR_BURST"):
        CollectorSettings(_env_file=None, collector_burst=10, collector_request_events=11)  # type: ignore[call-arg]


def test_the_circuit_opens_when_kafka_is_away_and_closes_when_it_answers() -> None:
    circuit, opened = Circuit(), list[str]()
    circuit.on_open(lambda: opened.append(circuit.problem))
    assert not circuit.admits()
    circuit.reachable()
    assert circuit.admits()
    circuit.unreachable("all brokers down")
    circuit.unreachable("still")
    assert opened == ["all brokers down"]
    assert not circuit.admits()
    circuit.reachable()
    assert circuit.closed


def test_after_a_time_out_one_request_at_a_time_is_tried() -> None:
    circuit = Circuit("")
    circuit.unanswered("timed out")
    assert not circuit.promising
    circuit.unreachable("down as well")
    circuit.reachable()
    assert [circuit.promising, circuit.admits(), circuit.promising, circuit.admits()] == [
        True,
        True,
        False,
        False,
    ]
    circuit.withdrawn()
    assert circuit.admits()
    circuit.unanswered("again")
    assert not circuit.admits()
    circuit.reachable()
    assert circuit.admits()
    circuit.acknowledged()
    assert circuit.closed
