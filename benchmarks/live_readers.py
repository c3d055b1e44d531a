"""`python -m benchmarks.live_readers HOST PORT READERS PROBING SECONDS`: readers, as light as can be.

The last PROBING of them read the probes' country. Prints one JSON object: `connected`, `cpu_seconds`,
`lost`, `bytes`, `frames`, `totals` (for each other reader [events counted, epoch seconds] of each frame that
says so) and `probes` (for each of the last [probe, epoch seconds] when it came first).
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time

import uvloop

from benchmarks.live_load import COUNTRY

_TOTALS = re.compile(rb'"totals":\{"started":(\d+),"plays":(\d+),"skips":(\d+)\}')
_PROBES = re.compile(rb'"play_id":"probe-(\d+)"')
_HEAD = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_AT_ONCE = 50
_TEXT, _PING = 0x81, 0x89
_LONG_TEXT = bytes([_TEXT, 126])


class Reader(asyncio.Protocol):
    """One connection; frames are cut out and searched, not parsed."""

    def __init__(self, host: str, path: str) -> None:
        self._probes = COUNTRY in path
        self._head = _HEAD.format(path=path, host=host)
        self._buffer = bytearray()
        self._is_open = False
        self.ready = asyncio.get_running_loop().create_future()
        self.lost = False
        self.bytes = self.frames = 0
        self.totals: list[tuple[int, float]] = []
        self.probes: dict[int, float] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask to become a WebSocket."""
        self._transport = transport
        transport.write(self._head.encode())  # type: ignore[attr-defined]

    def connection_lost(self, _: Exception | None) -> None:
        """Dropped, or the run is over."""
        self.lost = True
        if not self.ready.done():
            self.ready.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Cut frames out."""
        now = time.time()
        self.bytes += len(data)
        if self._is_open and not self._buffer and _is_one_text(data):
            self._text(data, now)
            return
        self._buffer += data
        if not self._is_open:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            del self._buffer[: end + 4]
            self._is_open = True
        while (frame := self._frame()) is not None:
            kind, payload = frame
            if kind == _PING:
                self._transport.write(bytes([0x8A, 0x80 | len(payload), 0, 0, 0, 0]) + payload)  # type: ignore[attr-defined]
            elif kind == _TEXT:
                self._text(payload, now)

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 4:
            return None
        length, start = buffer[1] & 127, 2
        if length >= 126:
            start = 4 if length == 126 else 10
            length = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + length:
            return None
        kind, payload = buffer[0], bytes(buffer[start : start + length])
        del buffer[: start + length]
        return kind, payload

    def _text(self, payload: bytes, now: float) -> None:
        self.frames += 1
        if not self.ready.done():
            self.ready.set_result(None)
        if self._probes:
            for probe in _PROBES.findall(payload):
                self.probes.setdefault(int(probe), now)
        elif found := _TOTALS.search(payload):
            self.totals.append((sum(map(int, found.groups())), now))


def _is_one_text(data: bytes) -> bool:
    """Whether `data` is a text frame of 126 to 65,535 bytes and nothing else: most are."""
    return data[:2] == _LONG_TEXT and len(data) == 4 + int.from_bytes(data[2:4], "big")


async def main(host: str, port: int, readers: int, probing: int, seconds: float) -> dict[str, object]:
    """Connect, tell that all are there, read; what came when."""
    loop, made = asyncio.get_running_loop(), list[Reader]()
    for first in range(0, readers, _AT_ONCE):
        for number in range(first, min(first + _AT_ONCE, readers)):
            path = "/ws/live" if number < readers - probing else f"/ws/live?country={COUNTRY}"
            reader = Reader(f"{host}:{port}", path)
            made.append(reader)
            await loop.create_connection(lambda reader=reader: reader, host, port)  # type: ignore[misc]
        await asyncio.gather(*(reader.ready for reader in made[first:]))
    print("connected", file=sys.stderr, flush=True)
    await asyncio.sleep(seconds)
    return {
        "connected": readers,
        "cpu_seconds": time.process_time(),
        "lost": sum(reader.lost for reader in made),
        "bytes": sum(reader.bytes for reader in made),
        "frames": sum(reader.frames for reader in made),
        "totals": [reader.totals for reader in made[: readers - probing]],
        "probes": [sorted(reader.probes.items()) for reader in made[readers - probing :]],
    }


if __name__ == "__main__":
    at, port_at, many, probes, during = sys.argv[1:]
    json.dump(uvloop.run(main(at, int(port_at), int(many), int(probes), float(during))), sys.stdout)
