"""Recommendations: what to play next, why, at which hour, what a skip changes, and how good it all is."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import streamlit as st

from streamlit_app import browser, charts, components, filters, skipping
from streamlit_app.queries import evaluation, recommendations, tracks
from streamlit_app.snapshot import Snapshot


def for_listener(snapshot: Snapshot, user_id: str) -> None:
    """A listener's picks with their reasons, and what becomes of them when one is skipped."""
    picks = recommendations.picks(snapshot, user_id)
    if picks.is_empty():
        components.empty(
            f"Nothing to recommend to {user_id} yet: too little has been played.", name="no_picks"
        )
        return
    components.picks("picks", f"{picks.height} picks for {user_id}", picks)
    with st.expander("What changes if they skip one?"):
        after_skip(picks)


def after_skip(picks: pl.DataFrame) -> None:
    """The picks as they would be without the chosen one."""
    keys = picks["track_key"].to_list()
    names = {
        row["track_key"]: f"{row['rank']}. {row['track_title']} · {row['artist_name']}"
        for row in picks.iter_rows(named=True)
    }
    chosen = st.selectbox("Skipped", keys, format_func=lambda key: names.get(key, key), key="skipped_pick")
    st.caption(skipping.RULE)
    after = skipping.told(skipping.skipped(picks, chosen))
    components.picks("after_skip", f"Without {names[chosen].split('. ', 1)[1]}", after)


def at_this_hour(snapshot: Snapshot, user_id: str) -> None:
    """A playlist for a block of hours; the one that is now, if there is one."""
    st.header("Play next, at this hour", anchor=False)
    hours = recommendations.hours(snapshot, user_id)
    if not hours:
        components.empty(f"{user_id} has not streamed at any hour yet.", name="no_hours")
        return
    now = datetime.now(UTC).replace(minute=0)
    begun = max((hour for hour in hours if hour <= now.hour), default=hours[-1])
    zone = browser.zone_name(now)
    clock = {str(hour): f"{browser.local(now.replace(hour=hour)):%H:%M}" for hour in hours}
    shown = filters.choice("hour", f"Hours from ({zone})", clock, str(begun))
    playlist = recommendations.playlist(snapshot, user_id, int(shown))
    components.table(
        "playlist",
        f"From {clock[shown]} {zone}",
        playlist,
        {
            "rank": st.column_config.NumberColumn("#", width=40),
            "track_title": st.column_config.TextColumn("Track"),
            "artist_name": st.column_config.TextColumn("Artist"),
            "is_pick": st.column_config.CheckboxColumn("New"),
            "reason": st.column_config.TextColumn("Why", width=300),
        },
    )


def podcasts(snapshot: Snapshot, user_id: str) -> None:
    """Episodes to hear next."""
    st.header("Podcasts", anchor=False)
    episodes = recommendations.episodes(snapshot, user_id)
    if episodes.is_empty():
        components.empty("No podcast was finished near this listener yet.", name="no_episodes")
        return
    components.table(
        "podcasts",
        "Episodes to hear next",
        episodes,
        {
            "rank": st.column_config.NumberColumn("#", width=40),
            "episode_title": st.column_config.TextColumn("Episode"),
            "podcast_title": st.column_config.TextColumn("Podcast"),
            "reason": st.column_config.TextColumn("Why", width=300),
        },
    )


def more_like_this(snapshot: Snapshot) -> None:
    """The tracks that the same people play."""
    st.header("More like this", anchor=False)
    track_key = filters.track(snapshot)
    if track_key is None:
        components.empty("No two tracks share enough listeners yet to call them alike.", name="no_similar")
        return
    components.table(
        "similar",
        "Played by the same people",
        tracks.similar(snapshot, track_key),
        {
            "rank": st.column_config.NumberColumn("#", width=40),
            "track_title": st.column_config.TextColumn("Track"),
            "artist_name": st.column_config.TextColumn("Artist"),
            "similarity": st.column_config.ProgressColumn(
                "Similarity", format="percent", min_value=0, max_value=1
            ),
            "listeners_together": st.column_config.NumberColumn("Shared listeners", format="localized"),
        },
    )


def how_good(snapshot: Snapshot) -> None:
    """Our recommendations beside the field's usual models."""
    st.header("How good they are", anchor=False)
    found = evaluation.result(snapshot)
    if found is None:
        components.empty(
            "Nothing has been measured on this warehouse yet. Measure, then publish:",
            commands="backbeat evaluate\nbackbeat publish",
            name="no_evaluation",
        )
        return
    measured = evaluation.measured(found)
    note = "Dot: the mean over listeners; line: its 95 % interval. Diamond: this project."
    for place, name in zip(st.columns(2), evaluation.MEASURES.values(), strict=True):
        with place, components.panel(f"measured_{name[:4].lower()}", name, note) as panel:
            rows = measured.filter(pl.col("measure") == name)
            alt = f"{name} of each model, with its interval"
            components.chart(panel, rows, charts.intervals(230, name), alt)
    number = {
        key: st.column_config.NumberColumn(words, format="%.3f")
        for key, words in {"value": "Mean", "low": "At least", "high": "At most"}.items()
    }
    words = {"model": st.column_config.TextColumn("Model"), "measure": st.column_config.TextColumn("Measure")}
    components.table("evaluation", "All models", measured, {**words, **number}, rows=12)


snapshot = components.require_snapshot()
components.page_header(snapshot, "Recommendations", "From what people with similar taste play")
if user_id := filters.listener(snapshot):
    for_listener(snapshot, user_id)
    at_this_hour(snapshot, user_id)
    podcasts(snapshot, user_id)
else:
    components.empty("No listener in this snapshot.", name="nobody")
more_like_this(snapshot)
how_good(snapshot)
