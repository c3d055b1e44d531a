"""What the live path's benchmark makes of what readers got."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from benchmarks.live import _of_all, _of_probes
from benchmarks.live_load import COUNTRY, Events
from benchmarks.live_readers import Reader
from serving.live.happening import FOLLOWED, happening


def frame(text: bytes) -> bytes:
    """A text frame as a server sends it."""
    head = bytes([0x81, len(text)]) if len(text) < 126 else b"\x81\x7e" + len(text).to_bytes(2, "big")
    return head + text


@pytest.mark.parametrize("cut", [1, 7, 200, 10_000])
def test_frames_are_found_however_the_bytes_come(cut: int) -> None:
    texts = [b'{"totals":{"started":%d,"plays":2,"skips":3}}' % n + b" " * (n * 100) for n in range(4)]
    stream = b"HTTP/1.1 101 Switching\r\n\r\n" + b"".join(map(frame, texts)) + frame(b'{"type":"heartbeat"}')

    async def read() -> Reader:
        reader = Reader("host", "/ws/live")
        for first in range(0, len(stream), cut):
            reader.data_received(stream[first : first + cut])
        return reader

    reader = asyncio.run(read())
    assert [count for count, _ in reader.totals] == [5, 6, 7, 8]
    assert (reader.frames, reader.bytes, reader.ready.done()) == (5, len(stream), True)


def test_an_event_is_on_the_screen_with_the_first_frame_that_counts_it() -> None:
    sent = [[0, 100.0], [10, 101.0], [30, 102.0]]
    readers = [[[7, 99.0], [20, 101.5], [37, 103.0]], [[37, 102.5]]]
    assert _of_all(sent, readers, counted=7).tolist() == [1.5, 2.0, 2.5, 1.5]
    with pytest.raises(RuntimeError, match="37 of 38"):
        _of_all(sent, readers, counted=8)
    assert np.allclose(
        _of_probes([[5, 100.0], [6, 101.0]], [[[4, 1.0], [5, 100.5], [6, 101.25]]]), [0.5, 0.25]
    )


def test_its_events_are_the_contracts() -> None:
    events = Events()
    told = [events.next("2026-11-21T12:00:00.000Z") for _ in range(30)]
    assert {topic for topic, _, _ in told} == set(FOLLOWED)
    heard = [happening(topic, value) for topic, value, _ in told]
    assert {each.user_id.encode() for each in heard} == {key for _, _, key in told}
    assert COUNTRY not in {each.country for each in heard}
