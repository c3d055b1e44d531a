"""Platforms' APIs of our own: documented shapes of what a test puts in, and faults as they are told to show.

None of the real ones was ever asked.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from base64 import b64encode
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from producer.pulls.settings import PullSettings
from tests.local_http import Answer, Asked, served

Row = dict[str, Any]
Query = dict[str, str]

# Faults that are no answer of their own.
RESET = Answer(0)
HALVED = Answer(-1)
REPEATED = Answer(-2)
HELD = Answer(-3)
META_EXPIRED = (
    '{"error":{"message":"Error validating access token: Session has expired","type":"OAuthException",'
    '"code":190,"error_subcode":463,"fbtrace_id":"A"}}'
)
META_LIMIT = (
    '{"error":{"message":"(#80000) There have been too many calls from this ad-account.",'
    '"type":"OAuthException","code":80000,"error_subcode":2446079,"fbtrace_id":"B"}}'
)
META_TOO_MUCH = (
    '{"error":{"message":"Please reduce the amount of data you are asking for, then retry your request",'
    '"code":1,"error_subcode":1487534,"fbtrace_id":"C"}}'
)
GOOGLE_EXPIRED = '{"error":{"code":401,"message":"Invalid Credentials","status":"UNAUTHENTICATED"}}'
MAILCHIMP_REFUSED = '{"title":"API Key Invalid","status":401,"detail":"Your API key may be invalid"}'
METRICS = ["views", "estimatedMinutesWatched", "likes", "comments", "shares"]
METRICS += ["subscribersGained", "subscribersLost"]


def ad_day(day: str, ad: str, spend: str, **changes: Any) -> Row:
    """A row of Meta's insights: numbers are texts, what is nought is left out."""
    named = {"campaign_id": "7", "campaign_name": "Launch", "ad_id": ad, "ad_name": f"Clip {ad}"}
    counted = {"impressions": "300", "reach": "280", "clicks": "11", "inline_link_clicks": "9"}
    dated = {"account_currency": "EUR", "date_start": day, "date_stop": day}
    return {**named, **counted, **dated, "spend": spend, **changes}


def tiktok_day(day: str, ad: str, spend: str, **changes: Any) -> Row:
    """A row of TikTok's integrated report."""
    named = {"campaign_id": "5", "campaign_name": "Dance", "ad_name": f"Clip {ad}", "currency": "EUR"}
    counted = {"impressions": "900", "reach": "700", "clicks": "12", "conversion": "3", "likes": "4"}
    metrics = {**named, **counted, "comments": "1", "shares": "0", "spend": spend, **changes}
    return {"dimensions": {"ad_id": ad, "stat_time_day": f"{day} 00:00:00"}, "metrics": metrics}


class ApiServer:
    """All of them at one address; `faults[path]` are shown first, one a request, None being no fault."""

    def __init__(self) -> None:
        self.url = ""
        self.page = 2
        self.insights: dict[str, list[Row]] = defaultdict(list)
        self.tiktok: list[Row] = []
        self.youtube: dict[str, list[float]] = {}
        self.campaigns: dict[str, Row] = {}
        self.reports: dict[str, list[Row]] = defaultdict(list)
        self.followers: dict[str, int | None] = {}
        self.faults: defaultdict[str, deque[Answer | None]] = defaultdict(deque)
        self.spoil: Callable[[Any], Any] = lambda body: body
        self.requests: list[tuple[str, Query]] = []
        self.headers: dict[str, str] = {}
        self.held, self.released = threading.Event(), threading.Event()
        self._before: dict[str, Row] = {}

    def fill(self) -> None:
        """Some days and campaigns of March 2026 on every platform."""
        for day in (17, 18, 19):
            self.insights["act_1"] += [ad_day(f"2026-03-{day}", ad, f"{day}.25") for ad in ("61", "62")]
            self.tiktok.append(tiktok_day(f"2026-03-{day}", "17", f"{day}.5"))
        self.youtube = {f"2026-03-{day}": [10, 18.5, 1, 2, 3, 4, 5] for day in (15, 16, 17)}
        self.followers = {"a1": 1200}
        titled = {
            "type": "regular",
            "status": "sent",
            "settings": {"subject_line": "Out now", "title": "News"},
        }
        for name, at in (("p1", "2026-03-10T09:00:00+00:00"), ("p2", "2026-03-18T09:00:00+00:00")):
            self.campaigns[name] = {"id": name, "send_time": at, "emails_sent": 3, **titled}
            self.reports["sent-to"] += [
                {"campaign_id": name, "email_id": f"m{n}", "email_address": "x@y.z", "status": "sent"}
                for n in range(3)
            ]
        opened = {"action": "open", "timestamp": "2026-03-18T10:00:00+00:00", "ip": "203.0.113.9"}
        bounced = {**opened, "action": "bounce", "type": "hard"}
        self.reports["email-activity"] = [
            {"campaign_id": "p2", "email_id": "m1", "email_address": "x@y.z", "activity": [opened, opened]},
            {"campaign_id": "p2", "email_id": "m2", "activity": [bounced]},
        ]
        left = {"campaign_id": "p2", "email_id": "m0", "timestamp": "2026-03-19T10:00:00+00:00"}
        self.reports["unsubscribed"] = [{**left, "reason": "None given"}]

    def asked(self, path: str) -> list[Query]:
        """The queries (or forms) of the requests to `path`."""
        return [query for asked, query in self.requests if asked == path]

    def answer(self, path: str, query: Query, authorization: str) -> Answer:
        """What is answered; `authorization` is the one header that carries a key."""
        self.requests.append((path, query))
        fault = self.faults[path].popleft() if self.faults[path] else None
        if fault is REPEATED:
            return Answer(200, json.dumps(self._before[path]))
        if fault is not None:
            return fault
        found = self._body(path, query, authorization)
        if isinstance(found, Answer):
            return found
        self._before[path] = found
        return Answer(200, json.dumps(self.spoil(found)), **self.headers)

    def _body(self, path: str, query: Query, key: str) -> Row | Answer:
        first, *rest = path.strip("/").split("/")
        if first.startswith("act_"):
            return self._insights(first, query) if key == "Bearer meta" else Answer(400, META_EXPIRED)
        if path == "/report/integrated/get/":
            return self._tiktok(query, key)
        if path in ("/token", "/api/token"):
            return self._token(query, key)
        if path == "/reports" or first == "v1":
            return self._by_hour(rest, query) if key == "Bearer hour" else Answer(401, GOOGLE_EXPIRED)
        known = key == f"Basic {b64encode(b'backbeat:mail-us6').decode()}"
        return self._mailchimp(first, rest, query) if known else Answer(401, MAILCHIMP_REFUSED)

    def _by_hour(self, rest: list[str], query: Query) -> Row:
        """Google's and Spotify's, whose tokens last an hour."""
        if not rest:
            return self._youtube(query)
        told = {"id": rest[-1], "name": f"Artist {rest[-1]}", "popularity": 31, "type": "artist"}
        return {**told, "followers": {"href": None, "total": self.followers[rest[-1]]}}

    def _insights(self, account: str, query: Query) -> Row:
        asked = json.loads(query["time_range"])
        rows = [
            row for row in self.insights[account] if asked["since"] <= row["date_start"] <= asked["until"]
        ]
        begin = int(query.get("after", "0"))
        page = rows[begin : begin + self.page]
        if not page:
            return {"data": []}
        paging: Row = {"cursors": {"before": str(begin), "after": str(begin + len(page))}}
        if begin + len(page) < len(rows):
            paging["next"] = f"{self.url}/{account}/insights?access_token=secret&after={begin + len(page)}"
        return {"data": page, "paging": paging}

    def _tiktok(self, query: Query, key: str) -> Row:
        if key != "tok":
            return {"code": 40105, "message": "Access token is incorrect or has been revoked.", "data": {}}
        rows = [
            row
            for row in self.tiktok
            if query["start_date"] <= row["dimensions"]["stat_time_day"][:10] <= query["end_date"]
        ]
        number = int(query["page"])
        info = {"page": number, "page_size": self.page, "total_number": len(rows)}
        info["total_page"] = -(-len(rows) // self.page)
        data = {"list": rows[(number - 1) * self.page : number * self.page], "page_info": info}
        return {"code": 0, "message": "OK", "request_id": "r", "data": data}

    def _token(self, form: Query, authorization: str) -> Row | Answer:
        of_spotify = f"Basic {b64encode(b'app:spot').decode()}"
        if form.get("refresh_token") == "consent" or authorization == of_spotify:
            return {"access_token": "hour", "expires_in": 3600, "token_type": "Bearer"}
        return Answer(
            400, '{"error":"invalid_grant","error_description":"Token has been expired or revoked."}'
        )

    def _youtube(self, query: Query) -> Row:
        rows = [
            [day, *values]
            for day, values in sorted(self.youtube.items())
            if query["startDate"] <= day <= query["endDate"]
        ]
        begin, count = int(query["startIndex"]) - 1, int(query["maxResults"])
        names = ["day", *METRICS]
        columns = [{"name": name, "columnType": "METRIC", "dataType": "INTEGER"} for name in names]
        page = rows[begin : begin + count]
        return {"kind": "youtubeAnalytics#resultTable", "columnHeaders": columns} | (
            {"rows": page} if page else {}
        )

    def _mailchimp(self, first: str, rest: list[str], query: Query) -> Row:
        if first == "campaigns":
            since = query["since_send_time"]
            name, rows = "campaigns", [row for row in self.campaigns.values() if row["send_time"] >= since]
        else:
            campaign, report = rest
            name = {"sent-to": "sent_to", "email-activity": "emails", "unsubscribed": "unsubscribes"}[report]
            rows = [row for row in self.reports[report] if row["campaign_id"] == campaign]
        begin = int(query["offset"])
        return {name: rows[begin : begin + int(query["count"])], "total_items": len(rows)}


def _handler(server: ApiServer) -> type[Asked]:
    class Handler(Asked):
        def asked(self, path: str, query: Query) -> None:
            key = self.headers.get("Authorization") or self.headers.get("Access-Token", "")
            answer = server.answer(path, query, key)
            if answer is HELD:
                server.held.set()
                server.released.wait(30)
            elif answer is RESET:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.wfile, self.rfile = BytesIO(), BytesIO()
            else:
                half = Answer(200, '{"data": [{"date_start": "20', **answer.headers)
                self.tell(half if answer is HALVED else answer)

    return Handler


@contextmanager
def api_server() -> Iterator[ApiServer]:
    """A server on a free port, until the block is left."""
    state = ApiServer()
    with served(_handler(state)) as state.url:
        try:
            yield state
        finally:
            state.released.set()


def settings_for(server: ApiServer, folder: Path, **changes: Any) -> PullSettings:
    """All platforms at `server`, keys and all; no wait is long."""
    addresses = "meta_ads_url youtube_url youtube_token_url mailchimp_url tiktok_url spotify_api_url"
    named: dict[str, Any] = dict.fromkeys([*addresses.split(), "spotify_accounts_url"], server.url)
    keys = {
        "meta_ads_token": "meta",
        "meta_ads_accounts": "act_1",
        "youtube_refresh_token": "consent",
        "youtube_client_id": "client",
        "mailchimp_key": "mail-us6",
        "tiktok_token": "tok",
        "tiktok_advertisers": "690",
        "spotify_client_id": "app",
        "spotify_client_secret": "spot",
        "spotify_artists": "a1",
    }
    quick = {"pull_backoff_s": 0.001, "pull_attempts": 4, "pull_timeout_s": 5, "lake": str(folder)}
    return PullSettings(_env_file=None, **{**named, **keys, **quick, **changes})
