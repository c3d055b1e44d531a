"""TikTok: the performance of each ad by day, through the Business API's integrated report.

Pages are numbered. Every answer is HTTP's 200 with a code of TikTok's own; thirty days are asked for at most.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

from dlt.sources.helpers.rest_client.auth import APIKeyAuth
from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator

from contracts.errors import BackbeatError
from producer.pulls.answer import Answer, Verdict, by_status
from producer.pulls.document import Row, Stream, daily
from producer.pulls.rest import Api, distinct
from producer.pulls.settings import PullSettings, listed

KIND = "tiktok_ads_api"
_NAMED = "campaign_id campaign_name ad_name currency"
_COUNTED = "spend impressions reach clicks conversion likes comments shares"
_PAGE = 1000
_LONGEST_DAYS = 30
_TOO_OFTEN = 40_100
_TOKEN = {40_101, 40_102, 40_103, 40_104, 40_105}
_THEIR_FAULT = 50_000


def streams(settings: PullSettings, today: date, pause: Callable[[float], object]) -> list[Stream]:
    """One an advertiser; its days are told until yesterday."""
    token = settings.secret("tiktok_token")
    advertisers = listed(settings.tiktok_advertisers)
    if not advertisers:
        raise BackbeatError("TikTok has a token but no advertiser: see BACKBEAT_TIKTOK_ADVERTISERS")
    api = Api(
        "TikTok",
        settings,
        url=settings.tiktok_url,
        url_setting="BACKBEAT_TIKTOK_URL",
        key_setting="BACKBEAT_TIKTOK_TOKEN",
        auth=APIKeyAuth(name="Access-Token", api_key=token, location="header"),
        judge=judge,
        pause=pause,
    )
    return [_stream(api, advertiser, today) for advertiser in advertisers]


def judge(answer: Answer) -> Verdict | None:
    """What TikTok's codes mean; else what the status does."""
    code = answer.body.get("code") if isinstance(answer.body, dict) else None
    if not isinstance(code, int) or code == 0:
        return by_status(answer)
    if code in _TOKEN:
        return Verdict("expired")
    return Verdict("busy" if code == _TOO_OFTEN or code >= _THEIR_FAULT else "refused")


def _stream(api: Api, advertiser: str, today: date) -> Stream:
    def rows(since: date, until: date) -> list[Row]:
        asked = {
            "advertiser_id": advertiser,
            "report_type": "BASIC",
            "data_level": "AUCTION_AD",
            "dimensions": json.dumps(["ad_id", "stat_time_day"]),
            "metrics": json.dumps(f"{_NAMED} {_COUNTED}".split()),
            "start_date": since.isoformat(),
            "end_date": until.isoformat(),
            "page_size": str(_PAGE),
        }
        paginator = PageNumberPaginator(
            base_page=1, page_param="page", total_path="data.page_info.total_page"
        )
        pages = api.pages("report/integrated/get/", asked, "data.list", paginator)
        return distinct(api.name, pages, _key, lambda body: body["data"]["page_info"]["total_number"])

    return Stream(
        "tiktok", advertiser, daily(KIND, advertiser, rows, _day, _LONGEST_DAYS), today - timedelta(days=1)
    )


def _day(row: Row) -> str:
    return str(row["dimensions"]["stat_time_day"])[:10]


def _key(row: Row) -> tuple[str, ...]:
    return _day(row), str(row["dimensions"]["ad_id"])
