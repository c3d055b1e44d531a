"""Mailchimp: campaigns, who received them, what they did and who left, through the Marketing API.

Pages begin at an offset and tell how many rows there are. A campaign's opens and clicks come for weeks, so
all of a campaign is pulled again while it is young. Addresses and IP addresses are asked to be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from dlt.sources.helpers.rest_client.auth import HttpBasicAuth
from dlt.sources.helpers.rest_client.paginators import OffsetPaginator

from contracts.errors import BackbeatError
from producer.pulls.document import Document, Row, Step, Stream
from producer.pulls.rest import Api, distinct, documented
from producer.pulls.settings import PullSettings

CAMPAIGNS = "mailchimp_api_campaigns"
RECIPIENTS = "mailchimp_api_recipients"
ACTIVITY = "mailchimp_api_activity"
UNSUBSCRIBES = "mailchimp_api_unsubscribes"
_PAGE = 1000


def streams(settings: PullSettings, today: date, pause: Callable[[float], object]) -> list[Stream]:
    """The account's, a step a campaign in the order they were sent."""
    key = settings.secret("mailchimp_key")
    centre = key.rpartition("-")[2]
    url = settings.mailchimp_url or f"https://{centre}.api.mailchimp.com/3.0"
    if not settings.mailchimp_url and not centre.isalnum():
        raise BackbeatError("BACKBEAT_MAILCHIMP_KEY does not end with a data centre, as …-us6")
    api = Api(
        "Mailchimp",
        settings,
        url=url,
        url_setting="BACKBEAT_MAILCHIMP_URL",
        key_setting="BACKBEAT_MAILCHIMP_KEY",
        auth=HttpBasicAuth(username="backbeat", password=key),
        pause=pause,
    )
    return [Stream("mailchimp", "account", lambda since, until: _steps(api, since, until), today)]


def _steps(api: Api, since: date, until: date) -> Iterator[Step]:
    sent = {"status": "sent", "since_send_time": f"{since.isoformat()}T00:00:00+00:00"}
    campaigns = _listed(api, "campaigns", "campaigns", "id", sent)
    for campaign in sorted(campaigns, key=lambda row: (str(row.get("send_time")), str(row.get("id")))):
        with documented(api.name):
            documents = _documents(api, campaign)
        yield Step(documents, min(_day(campaign, since), until))
    yield Step((), until)


def _documents(api: Api, campaign: Row) -> tuple[Document, ...]:
    ident = str(campaign["id"])
    kept = {name: campaign.get(name) for name in ("id", "type", "status", "send_time", "emails_sent")}
    told = campaign.get("settings") or {}
    kept["settings"] = {name: told.get(name) for name in ("subject_line", "title")}
    # A member's key is the hash that Mailchimp makes of the address.
    member = "email_id"
    received = _listed(api, f"reports/{ident}/sent-to", "sent_to", member)
    did = _listed(api, f"reports/{ident}/email-activity", "emails", member)
    left = _listed(api, f"reports/{ident}/unsubscribed", "unsubscribes", member)
    rows = {
        CAMPAIGNS: [kept],
        RECIPIENTS: [_kept(ident, row, "status") for row in received],
        ACTIVITY: [
            {**_kept(ident, row), **{name: act.get(name) for name in ("action", "timestamp", "type", "url")}}
            for row in did
            for act in row.get("activity") or ()
        ],
        UNSUBSCRIBES: [_kept(ident, row, "timestamp", "reason") for row in left],
    }
    return tuple(Document(kind, "account", ident, tuple(found)) for kind, found in rows.items())


def _listed(api: Api, path: str, name: str, key: str, params: dict[str, Any] | None = None) -> list[Row]:
    """All rows of a list, each once."""
    hidden = {
        "exclude_fields": f"{name}.email_address,{name}.merge_fields,{name}.activity.ip,{name}._links,_links"
    }
    paginator = OffsetPaginator(_PAGE, limit_param="count", offset_param="offset", total_path="total_items")
    pages = api.pages(path, {**hidden, **(params or {})}, name, paginator)
    return distinct(api.name, pages, lambda row: (str(row[key]),), lambda body: body["total_items"])


def _kept(campaign: str, row: Row, *names: str) -> Row:
    return {
        "campaign_id": campaign,
        "email_id": row.get("email_id"),
        **{name: row.get(name) for name in names},
    }


def _day(campaign: Row, earliest: date) -> date:
    """The day it was sent, as far as its time can be read."""
    try:
        return date.fromisoformat(str(campaign.get("send_time"))[:10])
    except ValueError:
        return earliest
