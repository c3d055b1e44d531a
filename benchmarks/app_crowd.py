"""Twenty viewers at once: one browser among callers, then as many browsers on this very machine."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from playwright.async_api import Browser

from benchmarks.app_caller import Caller
from benchmarks.app_viewer import HOME, LEFT_OUT, Viewer
from benchmarks.streamlit_server import Served

VIEWERS, WANDERINGS, PAUSE_S = 20, 2, 15.0  # viewers, the switches of each, and seconds between them
ROUNDS_AMONG, PAUSE_AMONG_S = 5, 1.5  # of the one among callers, which is measured


async def among_callers(browser: Browser, server: Served) -> tuple[list[float], int]:
    """One browser while others use the app from computers of their own: its switches, the server's memory."""
    viewer = await Viewer.arrive(browser, server.url)
    await viewer.load("", HOME)
    titles = await viewer.pages()
    async with AsyncExitStack() as others:
        callers = [
            await others.enter_async_context(Caller.arrive(server.url, LEFT_OUT)) for _ in range(VIEWERS - 1)
        ]
        wandering = [asyncio.create_task(caller.wander(PAUSE_S, seed)) for seed, caller in enumerate(callers)]
        times = await viewer.wander(titles, ROUNDS_AMONG * len(titles), PAUSE_AMONG_S, VIEWERS)
        held = server.rss_mib()
        for each in wandering:
            if each.done():
                each.result()
            each.cancel()
        await asyncio.wait(wandering)
    await viewer.leave()
    return times, held


async def together(browser: Browser, server: Served) -> list[float]:
    """As many browsers on the two cores that serve them, each with pauses: how long each switch took."""
    viewers = [await Viewer.arrive(browser, server.url) for _ in range(VIEWERS)]
    for viewer in viewers:  # one after the other: twenty empty caches at once are no everyday thing
        await viewer.load("", HOME)
    titles = await viewers[0].pages()
    wandering = [viewer.wander(titles, WANDERINGS, PAUSE_S, seed) for seed, viewer in enumerate(viewers)]
    times = [time for found in await asyncio.gather(*wandering) for time in found]
    for viewer in viewers:
        await viewer.leave()
    return times
