"""Meta Ads: the insights of each ad by day, through the Marketing API.

Pages follow one another by a cursor. A limit that is reached is told with status 400 and a code, how near it
is in headers of Meta's own; a token that has run out is code 190.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from contracts.errors import BackbeatError
from producer.pulls.answer import Answer, Verdict, by_status
from producer.pulls.document import Row, Stream, daily
from producer.pulls.rest import Api, distinct
from producer.pulls.settings import PullSettings, listed

KIND = "meta_ads_api"
_NAMED = "account_currency campaign_id campaign_name ad_id ad_name"
_COUNTED = "impressions reach clicks inline_link_clicks spend"
_PAGE = 500
_LONGEST_DAYS = 30
# https://developers.facebook.com/docs/graph-api/overview/rate-limiting, …/guides/error-handling
_LIMITS = {4, 17, 32, 341, 613, *range(80_000, 80_015)}
_PASSING = {1, 2}
_TOKEN = {102, 190}
# …/marketing-api/insights/error-codes: "Try a smaller date range"; more data than one answer may hold.
_TOO_MUCH = {1_487_534, 1_504_018, 1_504_038}
_USAGE = ("X-Business-Use-Case-Usage", "X-Ad-Account-Usage", "X-App-Usage", "X-FB-Ads-Insights-Throttle")
_NEARLY = 95  # percent


def streams(settings: PullSettings, today: date, pause: Callable[[float], object]) -> list[Stream]:
    """One an ad account; its days are told until yesterday."""
    token = settings.secret("meta_ads_token")
    accounts = [f"act_{account.removeprefix('act_')}" for account in listed(settings.meta_ads_accounts)]
    if not accounts:
        raise BackbeatError("Meta Ads has a token but no account: see BACKBEAT_META_ADS_ACCOUNTS")
    api = Api(
        "Meta Ads",
        settings,
        url=settings.meta_ads_url,
        url_setting="BACKBEAT_META_ADS_URL",
        key_setting="BACKBEAT_META_ADS_TOKEN",
        auth=BearerTokenAuth(token=token),
        judge=judge,
        rest=lambda answer: rest_of(answer.headers, settings.pull_pause_s),
        pause=pause,
    )
    return [_stream(api, account, today) for account in accounts]


def judge(answer: Answer) -> Verdict | None:
    """What Meta's error codes mean; else what the status does."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(error, dict) and error.get("error_subcode") in _TOO_MUCH:
        return Verdict("too_much")
    if code in _LIMITS:
        return Verdict("busy", _regained_s(answer.headers) or None)
    if code in _PASSING:
        return Verdict("busy")
    return Verdict("expired") if code in _TOKEN else by_status(answer)


def rest_of(headers: Mapping[str, str], pause_s: float) -> float:
    """Seconds to rest after an answer: until calls are allowed again, or `pause_s` where a limit is near."""
    usage = [value for told in _told(headers) for value in told.items()]
    near = any(
        isinstance(value, int | float) and value >= _NEARLY
        for name, value in usage
        if name in ("call_count", "total_cputime", "total_time") or name.endswith("_util_pct")
    )
    return max(_regained_s(headers), pause_s) if near else 0


def _regained_s(headers: Mapping[str, str]) -> float:
    minutes = (told.get("estimated_time_to_regain_access") for told in _told(headers))
    return max((60.0 * told for told in minutes if isinstance(told, int | float)), default=0.0)


def _told(headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """The objects in the usage headers: at the top, or in the lists of each business."""
    found: list[dict[str, Any]] = []
    for name in _USAGE:
        try:
            usage = json.loads(headers.get(name, "{}"))
        except ValueError:
            continue
        if isinstance(usage, dict):
            lists = [told for told in usage.values() if isinstance(told, list)]
            found += [usage, *(told for inner in lists for told in inner if isinstance(told, dict))]
    return found


def _stream(api: Api, account: str, today: date) -> Stream:
    def rows(since: date, until: date) -> list[Row]:
        asked = {
            "level": "ad",
            "time_increment": "1",
            "time_range": json.dumps({"since": since.isoformat(), "until": until.isoformat()}),
            "fields": ",".join(f"{_NAMED} {_COUNTED}".split()),
            "limit": str(_PAGE),
        }
        # Meta gives a cursor with the last page, too: the page behind it is empty.
        paginator = JSONResponseCursorPaginator("paging.cursors.after", "after", stop_after_empty_page=True)
        return distinct(api.name, api.pages(f"{quote(account)}/insights", asked, "data", paginator), _key)

    steps = daily(KIND, account, rows, lambda row: str(row.get("date_start", "")), _LONGEST_DAYS)
    return Stream("meta_ads", account, steps, today - timedelta(days=1))


def _key(row: Row) -> tuple[str, ...]:
    return str(row.get("date_start", "")), str(row.get("campaign_id", "")), str(row.get("ad_id", ""))
