"""Releases: one record, from its first day to the statement's line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import polars as pl
import streamlit as st

from streamlit_app import components, filters, launch, links, numbers, viewer
from streamlit_app.kpis import Kpi
from streamlit_app.queries import beginnings, releases, royalties
from streamlit_app.queries.royalties import Share
from streamlit_app.snapshot import Snapshot

ALL = "all"
FIRST = "In its first days as reports tell them; beside it the mean of the artist's other releases."
MANY_LINES = 100
Row = Mapping[str, Any]


def of_release(snapshot: Snapshot, release: str) -> Share | None:
    """All that is earned of the release; None without any statement."""
    span = royalties.span(snapshot, "earned")
    if span["first_month"] is None:
        return None
    return Share(cast(date, span["first_month"]), cast(date, span["last_month"]), release=release)


def beginning(name: str, column: str, told: pl.DataFrame) -> Kpi:
    """The first week or month, against the mean of the others."""
    own = told.filter("is_this")[column].drop_nulls().to_list()
    others = told.filter(~pl.col("is_this"))[column].drop_nulls()
    shown = numbers.compact(own[0]) if own else "–"
    mean = others.mean()
    prior = float(cast(float, mean)) if own and mean is not None else None
    note = "" if own else "not told whole"
    return Kpi(name, own[0] if own else None, shown, prior, note=note, meaning=FIRST)


def key_figures(release: Row, told: pl.DataFrame, earned: Row, currency: str) -> list[Kpi]:
    """What it earned, where the viewer may know; what was streamed, and how it began."""
    streams, stores, tracks = release["streams"], release["stores"], release["tracks"]
    figures = [
        Kpi("Streams", streams, numbers.compact(streams), note=f"of {tracks} tracks on {stores} platforms",
            meaning="As reports tell them: of each recording's day on a platform the fullest one."),
        beginning("First week", "first_week", told),
        beginning("First 28 days", "first_month", told),
    ]  # fmt: skip
    if not earned:
        return figures
    net, units = earned["net"], earned["units"]
    per_mille = 1000 * float(net) / units if units else None
    return [
        Kpi("Net", float(net), numbers.money(net, currency), note=f"{earned['lines']:,} statement lines",
            meaning="What statements paid for it, less refunds."),
        Kpi("Units paid", units, numbers.compact(units), note="streams and sales"),
        Kpi("Per 1000 units", per_mille, "–" if per_mille is None else numbers.money(per_mille, currency),
            note="net"),
        *figures,
    ]  # fmt: skip


def with_earnings(streamed: pl.DataFrame, earned: pl.DataFrame | None, key: str) -> pl.DataFrame:
    """What was streamed beside what was earned: whoever has either is there. Money is last."""
    if earned is None:
        return streamed
    both = streamed.rename({key: "key"}).join(earned, on="key", how="full", coalesce=True, suffix="_earned")
    title = "name" if "name" in streamed.columns else "track_title"
    named = "name_earned" if title == "name" else "name"
    return (
        both.with_columns(pl.coalesce(title, named).alias(title))
        .drop(named)
        .rename({"key": key})
        .sort("net", "streams", title, descending=[True, True, False], nulls_last=True)
    )


def shares(snapshot: Snapshot, release: str, share: Share | None, currency: str) -> None:
    """By platform, by country, by track: streams, and earnings where there are any to see."""

    def earned(of: str) -> pl.DataFrame | None:
        return None if share is None else royalties.earners(snapshot, share, of)

    columns: dict[str, Any] = {"streams": st.column_config.NumberColumn("Streams", format="localized")}
    if share is not None:
        columns["net"] = st.column_config.NumberColumn(f"Net ({currency})", format="%.2f")
    stores, countries, tracks = st.columns([1, 1, 1.25])
    with stores:
        named = {"name": st.column_config.TextColumn("Platform", width=130), **columns}
        data = with_earnings(releases.by_store(snapshot, release), earned("store"), "key")
        components.table("release_stores", "By platform", data, named, rows=8)
    with countries:
        named = {"name": st.column_config.TextColumn("Country", width=130), **columns}
        data = with_earnings(releases.by_country(snapshot, release), earned("country"), "key")
        components.table("release_countries", "By country", data, named, rows=8)
    with tracks:
        named = {"track_title": st.column_config.TextColumn("Track", width=170), **columns}
        if share is not None:
            named["units"] = st.column_config.NumberColumn("Units paid", format="localized")
        data = with_earnings(releases.tracks(snapshot, release), earned("track"), "recording_id")
        components.table("release_tracks", "Tracks", data, named, rows=8)


def around(snapshot: Snapshot, release_day: date | None, currency: str, *, with_money: bool) -> None:
    """Ads and e-mails from two weeks before the first day to four weeks after it."""
    if release_day is None:
        return
    found = beginnings.mailed(snapshot, release_day)
    columns: dict[str, Any] = {
        "campaign": st.column_config.TextColumn("Campaign", width=220),
        "kind": st.column_config.TextColumn("Kind", width=70),
        "first_date": st.column_config.DatetimeColumn("From", format="D MMM YYYY"),
        "last_date": st.column_config.DatetimeColumn("To", format="D MMM YYYY"),
        "reached": st.column_config.NumberColumn("Shown or sent", format="localized"),
        "clicks": st.column_config.NumberColumn("Clicks", format="localized"),
    }
    if with_money:
        ads = beginnings.advertised(snapshot, release_day)
        found = pl.concat([ads, found], how="vertical_relaxed").sort("first_date", "campaign")
        columns |= {
            "new_listeners": st.column_config.NumberColumn("New listeners", format="localized"),
            "spend": st.column_config.NumberColumn(f"Spent ({currency})", format="%.2f"),
        }
    components.table("release_campaigns", "Campaigns about its first day", found, columns, rows=6)


def lines(snapshot: Snapshot, share: Share, currency: str) -> None:
    """The greatest statement lines, each with its file, number and hash; Royalties has the rest."""
    data = royalties.lines(snapshot, share, MANY_LINES).with_columns(pl.col("month").dt.strftime("%b %Y"))
    components.table(
        "release_lines",
        "Statement lines",
        data,
        {
            "month": st.column_config.TextColumn("Month"),
            "store_name": st.column_config.TextColumn("Platform"),
            "country_name": st.column_config.TextColumn("Country"),
            "track_title": st.column_config.TextColumn("Track", width=170),
            "quantity": st.column_config.NumberColumn("Units", format="localized"),
            "net_converted": st.column_config.NumberColumn(f"Net ({currency})", format="localized"),
            "net_amount": st.column_config.NumberColumn("As told", format="localized"),
            "currency": st.column_config.TextColumn("In"),
            "is_paid_twice": st.column_config.CheckboxColumn("Twice"),
            "is_wrong_split": st.column_config.CheckboxColumn("Split"),
            "file_name": st.column_config.TextColumn("File", width=200),
            "line_number": st.column_config.NumberColumn("Line", format="localized"),
        },
        rows=8,
    )
    links.link(
        "royalties", "All its lines, by platform and country", {"release": share.release, "months": ALL}
    )


snapshot = components.require_snapshot()
with_money = viewer.sees_money()
head, tools = st.columns([2.2, 1.3], vertical_alignment="bottom")
with head:
    components.heading(snapshot, "Releases", "What one release earned and how it was heard")
with tools:
    release = filters.selection("release", "Release", dict(releases.choices(snapshot).iter_rows()))
if release is None:
    components.no_reports("No report names a release yet: bring statements, or a platform's own figures.")
    st.stop()
about = releases.about(snapshot, release)
share = of_release(snapshot, release) if with_money else None
currency = str(royalties.span(snapshot, "earned")["currency"] or "USD") if with_money else ""
earned = royalties.totals(snapshot, share) if share else {}
if not earned.get("lines"):
    share, earned = None, {}
told = beginnings.beginnings(snapshot, release)
launch.caption(about)
components.kpi_row(key_figures(about, told, earned, currency), "vs other releases")
launch.over_time(snapshot, release, share, currency)
shares(snapshot, release, share, currency)
around(snapshot, cast("date | None", about["release_day"]), currency, with_money=with_money)
if share:
    lines(snapshot, share, currency)
