"""One viewer: a browser context of their own, in which pages are opened, switched and filtered."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page

HOME = "Overview"
LEFT_OUT = {"Now"}  # it never stands still, and nothing is live here
_WATCH = Path(__file__).with_name("app_watch.js")


class Viewer:
    """All times are milliseconds by the browser's own clock, until everything is drawn."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self._context, self._page, self._url = context, page, url

    @classmethod
    async def arrive(cls, browser: Browser, url: str) -> Viewer:
        """With an empty cache."""
        context = await browser.new_context(viewport={"width": 1600, "height": 1100})
        await context.add_init_script(path=_WATCH)
        return cls(context, await context.new_page(), url)

    async def leave(self) -> None:
        """Close the browser context."""
        await self._context.close()

    async def load(self, path: str, title: str) -> tuple[float, float]:
        """Open a page by its address: until the first paint, and until all is drawn."""
        await self._page.goto(f"{self._url}/{path}", wait_until="commit")
        drawn = float(await self._page.evaluate("title => bench.loaded(title)", title))
        return float(await self._page.evaluate("() => bench.painted()") or drawn), drawn

    async def pages(self) -> list[str]:
        """The titles in the navigation that can be waited for."""
        found: list[str] = await self._page.evaluate("() => bench.pages()")
        return [title for title in found if title not in LEFT_OUT]

    async def address(self) -> str:
        """The path of the page that is shown."""
        return str(await self._page.evaluate("() => location.pathname.slice(1)"))

    async def switch(self, title: str) -> float:
        """Click a page in the navigation."""
        return float(await self._page.evaluate("title => bench.switched(title)", title))

    async def offers(self, choice: str) -> bool:
        """Whether the page has a filter with that choice."""
        return bool(await self._page.evaluate("choice => bench.offers(choice)", choice))

    async def filter(self, choice: str) -> float:
        """Click a choice of a filter."""
        return float(await self._page.evaluate("choice => bench.filtered(choice)", choice))

    async def wander(self, titles: list[str], switches: int, pause_s: float, seed: int) -> list[float]:
        """Switch pages, thinking for `pause_s` on average in between; viewers are out of step."""
        dice = random.Random(seed)  # noqa: S311 - which page comes next
        times, shown = [], ""
        for _ in range(switches):
            await asyncio.sleep(dice.uniform(0, 2 * pause_s))
            shown = dice.choice([title for title in titles if title != shown])
            times.append(await self.switch(shown))
        return times
