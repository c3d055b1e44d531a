"""Now: what is played at this moment, where, and what rises, from the live service.

Counters, feed and risers follow its WebSocket in the browser (live_view); map and minutes are asked for.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import streamlit as st

from serving.live.document import Now, Rising
from streamlit_app import browser, charts, components, filters, kpis, live, live_view, numbers
from streamlit_app.head import head
from streamlit_app.kpis import Kpi
from streamlit_app.queries import regions
from streamlit_app.snapshot import current

ASKING, FOLLOWING = "2s", "10s"  # where the server alone is told, and where the browser follows by itself
WINDOWS = {"5": "5 min", "15": "15 min", "60": "60 min"}
MEANING = """
- **Listening now**: listeners whose track has begun and not ended yet, by its length.
- **Plays a minute**: plays that ended in the last 60 seconds; beside it, the mean of the last hour's minutes.
- **Behind Kafka**: the age of the newest event read, while there are newer ones.
- **Rising**: listeners in the window, against those expected if the track's share were that of the windows
  before. 2× is twice as many; ten are added to both, so that a handful is no news.

All of it is counted from Kafka within a second, before anything is checked: the other pages, built from the
warehouse, are exact.
"""


def known_countries() -> pl.DataFrame:
    """country, country_name, numeric_code of the newest snapshot; nothing as long as there is none."""
    snapshot = current()
    if snapshot is None:
        return pl.DataFrame(schema=dict.fromkeys(("country", "country_name", "numeric_code"), pl.String))
    return regions.countries(snapshot)


def key_figures(told: Now) -> list[Kpi]:
    """The four counters."""
    hour = sum(told.plays_by_minute)
    usual = hour / len(told.plays_by_minute) if hour else None
    lag = told.lag
    behind = f"{numbers.compact(lag.events)} events to read" if lag.events else "nothing waits"
    return [
        Kpi("Listening now", told.listening, numbers.compact(told.listening), note="with a track on"),
        Kpi("Plays a minute", told.plays_per_minute, numbers.compact(told.plays_per_minute), usual,
            rising_is_good=None, trend=told.plays_by_minute, note="ended in the last 60 seconds"),
        Kpi("Plays in the last hour", hour, numbers.compact(hour), note="60 whole minutes"),
        Kpi("Behind Kafka", lag.seconds, f"{numbers.tenth(lag.seconds)} s", note=behind),
    ]  # fmt: skip


def playing(told: Now, names: dict[str, str]) -> None:
    """The feed."""
    with components.panel("feed", "Playing now") as panel:
        components.csv_button(panel, pl.DataFrame([each.model_dump() for each in told.playing]))
        live_view.feed(told, names)


def where(world: Now, known: pl.DataFrame) -> None:
    """The map of the last minute."""
    rows = [{"country": code, **each.model_dump()} for code, each in (world.countries or {}).items()]
    shape = {"country": pl.String, "listening": pl.Int64, "plays_per_minute": pl.Int64}
    counted = pl.DataFrame(rows, schema=shape).join(known, on="country")
    titles = {"listening": "Listening now", "plays_per_minute": "Plays a minute"}
    with components.panel("now_map", "Where people listen") as panel:
        if counted.is_empty():
            st.markdown("Nobody listens in a known country.")
            return
        spec = charts.world_map(counted, titles, 300)
        components.chart(panel, None, spec, "World map of who listens now", rows=counted)


def last_hour(told: Now) -> None:
    """Plays of each of the last 60 whole minutes."""
    end = live.moment(told.at).replace(second=0, microsecond=0, tzinfo=None)
    count = len(told.plays_by_minute)
    begins = [end - timedelta(minutes=count - place) for place in range(count)]
    data = pl.DataFrame({"bucket": begins, "plays": told.plays_by_minute})
    shown = browser.clock(data, "bucket").with_columns(finish=pl.col("bucket").dt.offset_by("1m"))
    with components.panel("minutes", "Plays per minute") as panel:
        spec = charts.minutes("plays", "Plays", 168)
        components.chart(panel, shown, spec, "Plays in each of the last 60 minutes", rows=data)


def rising(found: dict[str, Rising], place: str) -> None:
    """The ten that rise most, in the window of choice (`?window=`)."""
    with components.panel("rising", f"Rising {place}", has_tools=True) as panel:
        with panel.tools:
            window = filters.choice("window", "Window", WINDOWS, "15")
        told = found[window]
        components.csv_button(panel, pl.DataFrame([each.model_dump() for each in told.tracks]))
        live_view.risers(
            told,
            f"No track has more listeners in {window} minutes than its share before lets expect."
            if told.windows_before
            else f"Nothing to compare with yet: it takes another {window} minutes before these.",
        )


def away(why: live.AwayError) -> None:
    """What stands there while the live service does not."""
    sentence = f"The live service does not answer at `{live.address()}`: {why}. To start it:"
    components.empty(sentence, commands="backbeat live", name="no_live")
    st.caption(
        "This page goes on by itself as soon as it answers. BACKBEAT_LIVE_URL says where it is asked, "
        "BACKBEAT_LIVE_KEY with which key."
    )


def beat(country: str | None, known: pl.DataFrame) -> None:
    """Everything that moves."""
    try:
        told = live.now(country)
        world = live.now() if country else told
        found = {minutes: live.rising(minutes, country) for minutes in WINDOWS}
    except live.AwayError as why:
        away(why)
        paced(ASKING)
        return
    names = dict(known.select("country", "country_name").iter_rows())
    socket, ticket = live.followed(country)
    reached = live_view.counters(kpis.row(key_figures(told), "vs the hour's mean"), told, socket, ticket)
    left, right = st.columns([1.1, 1])
    with left:
        playing(told, names)
    with right:
        where(world, known)
        last_hour(told)
    rising(found, f"in {names.get(country, country)}" if country else "everywhere")
    # While the last hours are read again, map and minutes grow as quickly as the rest.
    paced(FOLLOWING if socket and reached != "no" and not told.rebuilding else ASKING)


def paced(wanted: str) -> None:
    """Go on in this pace: a fragment's own is set by the page around it."""
    if st.session_state.get("now_pace", FOLLOWING) != wanted:
        st.session_state["now_pace"] = wanted
        st.rerun()


known = known_countries()
title, tools = head()
title.title("Now")
with tools:
    with st.container(width=200):
        country = filters.country(dict(known.select("country", "country_name").iter_rows()))
    with st.popover("What is counted", icon=":material/help:"):
        st.markdown(MEANING)
pace = st.session_state.get("now_pace", FOLLOWING)
st.fragment(beat, run_every=pace, key="now_beat")(country, known)
