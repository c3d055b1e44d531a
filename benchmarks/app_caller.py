"""A viewer with a computer of their own: speaks Streamlit's protocol as a browser does, and draws nothing.

Twenty browsers on the machine that serves them measure how fast two cores draw twenty pages. What the server
does for twenty people is measured by these, beside one real browser.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

_PATIENCE_S = 120.0
_MOST = 2**27  # bytes of one message


class Caller:
    """One open page: its runs are asked for, its answers read, its timed parts asked for again and again."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._pages: dict[str, tuple[str, str]] = {}
        self._has_run = asyncio.Event()
        self._timers: dict[str, asyncio.Task[None]] = {}

    @classmethod
    @asynccontextmanager
    async def arrive(cls, url: str, without: set[str]) -> AsyncIterator[Caller]:
        """On the first page of the app at `url`; pages named in `without` are never gone to."""
        stream = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
        async with connect(stream, subprotocols=["streamlit"], max_size=_MOST) as socket:  # type: ignore[list-item]
            caller = cls(socket)
            reading = asyncio.create_task(caller._read(without))
            try:
                await caller.open("")
                yield caller
            finally:
                reading.cancel()
                caller._still()

    async def open(self, title: str) -> None:
        """Go to a page, "" for the first one, and wait until the server has told all of it."""
        key, path = self._pages.get(title, ("", ""))
        self._still()
        self._has_run.clear()
        message = BackMsg()
        message.rerun_script.page_script_hash = key
        message.rerun_script.page_name = path
        message.rerun_script.context_info.timezone = "UTC"
        message.rerun_script.context_info.locale = "en-US"
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(_PATIENCE_S):
            await self._has_run.wait()

    async def wander(self, pause_s: float, seed: int) -> None:
        """From page to page until cancelled, thinking for `pause_s` on average."""
        dice = random.Random(seed)  # noqa: S311 - which page comes next
        while True:
            await asyncio.sleep(dice.uniform(0, 2 * pause_s))
            await self.open(dice.choice(sorted(self._pages)))

    async def _read(self, without: set[str]) -> None:
        async for told in self._socket:
            message = ForwardMsg.FromString(told if isinstance(told, bytes) else told.encode())
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self._pages = {
                    page.page_name: (page.page_script_hash, page.url_pathname)
                    for page in message.navigation.app_pages
                    if page.page_name not in without
                }
            elif kind == "auto_rerun" and message.auto_rerun.fragment_id not in self._timers:
                part = message.auto_rerun.fragment_id
                self._timers[part] = asyncio.create_task(self._again(message.auto_rerun.interval, part))
            elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self._has_run.set()

    async def _again(self, interval_s: float, fragment: str) -> None:
        """Ask for one part of the page whenever its time has come, as the browser does."""
        while True:
            await asyncio.sleep(interval_s)
            message = BackMsg()
            message.rerun_script.fragment_id = fragment
            message.rerun_script.is_auto_rerun = True
            await self._socket.send(message.SerializeToString())

    def _still(self) -> None:
        """Another page tells its timed parts anew."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
