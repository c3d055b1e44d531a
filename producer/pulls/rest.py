"""Asking a platform's API with dlt's REST client: page by page, again while it is busy, one line in the end.

    api = Api("Meta Ads", settings, url=…, url_setting="BACKBEAT_META_ADS_URL", key_setting=…, auth=…)
    for page in api.pages("act_1/insights", {"limit": 500}, "data", paginator): …

dlt retries (429, 5xx, no connection, no answer in time, half an answer) with backoff and `Retry-After`; which
answers mean that is said by the platform's judge. Raises `AwayError` where it stays busy, `BackbeatError`
that names the setting where it refuses. Keys never stand in an address: no log or error can quote one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

# Set before dlt reads it: nothing of ours tells anybody that it runs; what is odd is told by us; and keys are
# not looked for in Airflow, whose import makes a database in the user's home.
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
os.environ["PROVIDERS__ENABLE_AIRFLOW_SECRETS"] = "false"

from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests import Client, HTTPError, RequestException, Response
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator

from contracts.errors import BackbeatError
from producer.away import AwayError
from producer.pulls.answer import Answer, Judge, Verdict, by_status, told
from producer.pulls.document import TooMuchError
from producer.pulls.settings import PullSettings

_TOO_LONG = 20  # pages in a row that bring nothing new


class Api:
    """One API; `judge` knows what its answers mean beside their status, `rest` how long to rest after one."""

    def __init__(  # noqa: PLR0913 -- what an API is, and who asks
        self,
        title: str,
        settings: PullSettings,
        *,
        url: str,
        url_setting: str,
        key_setting: str,
        auth: Any,
        judge: Judge = by_status,
        rest: Callable[[Answer], float] = lambda _answer: 0,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self.name = f"{title} at {url} ({url_setting})"
        self._key_setting = key_setting
        self._judge, self._rest, self._pause = judge, rest, pause
        self._longest_s = settings.pull_longest_wait_s
        asking = Client(
            request_timeout=settings.pull_timeout_s,
            raise_for_status=False,
            request_max_attempts=settings.pull_attempts,
            request_backoff_factor=settings.pull_backoff_s,
            request_max_retry_delay=settings.pull_longest_wait_s,
            retry_condition=lambda _response, error: isinstance(error, HTTPError),
        )
        quiet = RuntimeConfiguration(dlthub_telemetry=False)
        self._client = RESTClient(url, auth=auth, session=asking.session, config=quiet)

    def pages(
        self, path: str, params: dict[str, Any], selector: str, paginator: Any
    ) -> Iterator[tuple[list[Any], Any]]:
        """The rows of each page that `selector` finds, and the page's whole body."""
        asked = self._client.paginate(
            path,
            params=dict(params),
            data_selector=selector,
            paginator=paginator,
            hooks={"response": [self._look]},
            allow_redirects=False,  # what is sent elsewhere would take the key along
        )
        for page in self._told(asked):
            yield list(page), page.response.json()
            if seconds := min(self._rest(_answer(page.response)), self._longest_s):
                self._pause(seconds)

    def one(self, path: str, params: dict[str, Any] | None = None) -> Any:
        """The body of an answer that has no pages."""
        return next(body for _, body in self.pages(path, params or {}, "$", SinglePagePaginator()))

    def post(self, path: str, form: dict[str, str]) -> Any:
        """The body of the answer to a form."""

        def asked() -> Iterator[Any]:
            hooks = {"response": [self._look]}
            yield self._client.post(path, data=form, hooks=hooks, allow_redirects=False)

        return next(answer.json() for answer in self._told(asked()))

    def _told(self, asked: Iterator[Any]) -> Iterator[Any]:
        """What is asked, with an error that a person can act on where it ends."""
        with documented(self.name):  # what a paginator looks for, too
            try:
                yield from asked
            except HTTPError as error:
                raise AwayError(f"{self.name} {error}") from error
            except RequestException as error:
                raise AwayError(f"{self.name} does not answer ({type(error).__name__})") from error

    def _look(self, response: Response, *_: object, **__: object) -> None:
        """dlt's hook on each answer: HTTPError where it is worth another try."""
        answer = _answer(response)
        verdict: Verdict | None = self._judge(answer)
        if verdict is None:
            return
        if verdict.kind == "expired":
            raise BackbeatError(
                f"{self.name} does not accept the key: {told(answer)}; see {self._key_setting}"
            )
        if verdict.kind != "busy":
            refusal = TooMuchError if verdict.kind == "too_much" else BackbeatError
            raise refusal(f"{self.name} refuses what is asked: {told(answer)}")
        said = (
            "gave half an answer"
            if answer.body is None and answer.status < 300
            else f"answered {told(answer)}"
        )
        wait_s = verdict.wait_s or 0
        wish = f" and asks to wait {wait_s:,.0f} s" if wait_s else ""
        if wait_s > self._longest_s:
            raise AwayError(f"{self.name} {said}{wish}; see BACKBEAT_PULL_LONGEST_WAIT_S", wait_s)
        if wait_s:  # wherever the platform said it: dlt looks here
            response.headers["Retry-After"] = str(ceil(wait_s))
        raise HTTPError(f"{said}{wish}", response=response)


def _answer(response: Response) -> Answer:
    try:
        body = response.json()
    except ValueError:
        body = None
    return Answer(response.status_code, body, response.headers)


@contextmanager
def documented(name: str) -> Iterator[None]:
    """What goes through an answer that should have a certain form; `AwayError` where it has not."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AwayError(f"{name} gave an answer that is not as documented") from error


def distinct(
    name: str,
    pages: Iterable[tuple[list[Any], Any]],
    key_of: Callable[[dict[str, Any]], tuple[str, ...]],
    total_of: Callable[[Any], object] = lambda _body: 0,
) -> list[dict[str, Any]]:
    """The rows of all pages, each once, the last telling of it, in the order of their keys. A page that
    comes twice adds nothing; an error where nothing new comes for ever, or where rows came twice and fewer
    than the platform says there are: then a page came in another's place."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    came, total, stale = 0, 0, 0
    for page, body in pages:
        before = len(rows)
        with documented(name):
            rows |= {key_of(row): row for row in page}
            total = max(total, int(str(total_of(body))))
        came += len(page)
        stale = stale + 1 if len(rows) == before else 0
        if stale == _TOO_LONG:
            raise AwayError(f"{name} gives the same page again and again")
    if len(rows) < min(came, total):
        raise AwayError(f"{name} listed {len(rows):,} of {total:,} rows: its pages moved; pull again")
    return [rows[key] for key in sorted(rows)]
