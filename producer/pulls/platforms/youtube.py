"""YouTube: a channel by day, through the YouTube Analytics API.

An answer is a table: names of columns, and rows of values. Pages begin at a row's number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import OffsetPaginator

from producer.pulls.answer import Answer, Verdict, by_status
from producer.pulls.document import Row, Step, Stream, daily
from producer.pulls.login import access_token
from producer.pulls.login import judge as judge_login
from producer.pulls.rest import Api, distinct, documented
from producer.pulls.settings import PullSettings

KIND = "youtube_api"
_METRICS = "views,estimatedMinutesWatched,likes,comments,shares,subscribersGained,subscribersLost"
_PAGE = 200
_LONGEST_DAYS = 180
_KEYS = "BACKBEAT_YOUTUBE_REFRESH_TOKEN"
_LIMITS = {"quotaExceeded", "rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded"}


def streams(settings: PullSettings, today: date, pause: Callable[[float], object]) -> list[Stream]:
    """The channel's; its days are told until yesterday, the last of them some days later."""
    consent = settings.secret("youtube_refresh_token")
    form = {
        "grant_type": "refresh_token",
        "refresh_token": consent,
        "client_id": settings.youtube_client_id,
        "client_secret": settings.secret("youtube_client_secret"),
    }
    channel = settings.youtube_channel

    def steps(since: date, until: date) -> Iterator[Step]:
        google = _api(settings, "Google", settings.youtube_token_url, "_TOKEN", None, pause)
        auth = BearerTokenAuth(token=access_token(google, "token", form))
        api = _api(settings, "YouTube Analytics", settings.youtube_url, "", auth, pause)
        rows = _rows(api, channel)
        yield from daily(KIND, channel, rows, lambda row: str(row.get("day", "")), _LONGEST_DAYS)(
            since, until
        )

    return [Stream("youtube", channel, steps, today - timedelta(days=1))]


def judge(answer: Answer) -> Verdict | None:
    """A limit is told as 403 with a reason: that is not the key's fault."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    told = error.get("errors") if isinstance(error, dict) else None
    reasons = (
        {one.get("reason") for one in told if isinstance(one, dict)} if isinstance(told, list) else set()
    )
    return Verdict("busy") if reasons & _LIMITS else by_status(answer)


def _api(  # noqa: PLR0913, PLR0917 -- Google's two services differ in all of these
    settings: PullSettings, title: str, url: str, which: str, auth: Any, pause: Callable[[float], object]
) -> Api:
    return Api(
        title,
        settings,
        url=url,
        url_setting=f"BACKBEAT_YOUTUBE{which}_URL",
        key_setting=_KEYS,
        auth=auth,
        judge=judge_login if which else judge,
        pause=pause,
    )


def _rows(api: Api, channel: str) -> Callable[[date, date], list[Row]]:
    def rows(since: date, until: date) -> list[Row]:
        asked = {
            "ids": f"channel=={channel}",
            "startDate": since.isoformat(),
            "endDate": until.isoformat(),
            "dimensions": "day",
            "metrics": _METRICS,
            "sort": "day",
        }
        paginator = OffsetPaginator(
            _PAGE, offset=1, offset_param="startIndex", limit_param="maxResults", total_path=None
        )
        pages = api.pages("reports", asked, "rows", paginator)
        named = ((_named(page, body, channel), body) for page, body in pages)
        return distinct(api.name, named, lambda row: (str(row["day"]),))

    return rows


def _named(page: list[Any], body: Any, channel: str) -> list[Row]:
    """The rows under the names of the table's columns."""
    with documented("YouTube Analytics"):
        names = [str(column["name"]) for column in body["columnHeaders"]] if page else []
        return [{"channel": channel, **dict(zip(names, values, strict=True))} for values in page]
