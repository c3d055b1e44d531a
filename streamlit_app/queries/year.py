"""One listener's year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from streamlit_app.periods import Period
from streamlit_app.queries import habits, users
from streamlit_app.snapshot import Snapshot

_TOP = 5


@dataclass(frozen=True)
class Year:
    """What a year in review tells. `hours` is None where no play says how long it was.

    `artists` and `tracks` are the five most played: name (title and artist) and plays. `months` are the plays
    of the twelve; `hour` (UTC) and `weekday` (1 = Monday) are those with most plays.
    """

    year: int
    plays: int
    hours: float | None
    tracks_heard: int
    artists_heard: int
    new_artists: int
    artists: tuple[tuple[str, int], ...]
    tracks: tuple[tuple[str, str, int], ...]
    months: tuple[int, ...]
    streak: int
    busiest: date
    busiest_plays: int
    hour: int
    weekday: int


def years(snapshot: Snapshot, user_id: str) -> list[int]:
    """The years in which the listener played something, newest first."""
    found = snapshot.frame(
        """select distinct year(played_date) as year from gold.fct_plays
           where user_id = $user_id order by year desc""",
        user_id=user_id,
    )
    return [int(year) for year in found["year"]]


def review(snapshot: Snapshot, user_id: str, year: int) -> Year:
    """The listener's `year`, one of `years`."""
    period = Period(date(year, 1, 1), date(year, 12, 31))
    totals: Any = users.totals(snapshot, user_id, period)
    peaks: Any = _peaks(snapshot, user_id, period)
    artists = users.top_artists(snapshot, user_id, period, _TOP).head(_TOP)
    tracks = users.top_tracks(snapshot, user_id, period, many=_TOP)
    found: Any = habits.discoveries(snapshot, user_id, period)
    return Year(
        year=year,
        plays=totals["plays"],
        hours=None if totals["ms_played"] is None else totals["ms_played"] / 3_600_000,
        tracks_heard=totals["tracks"],
        artists_heard=totals["artists"],
        new_artists=found["new_artists"],
        artists=tuple(artists.select("artist_name", "plays").iter_rows()),
        tracks=tuple(tracks.select("track_title", "artist_name", "plays").iter_rows()),
        months=_months(snapshot, user_id, period),
        streak=int(habits.streaks(snapshot, user_id, period)["days"][0]),
        **peaks,
    )


def _peaks(snapshot: Snapshot, user_id: str, period: Period) -> Any:
    return snapshot.row(
        """with played as (
               select played_date, hour(started_at) as hour, isodow(started_at) as weekday from gold.fct_plays
               where user_id = $user_id and played_date between $first and $last
           ), days as (
               select played_date, count(*) as plays from played group by played_date
           )
           select arg_max(played_date, (plays, played_date)) as busiest, max(plays) as busiest_plays,
               (select hour from played group by hour order by count(*) desc, hour limit 1) as hour,
               (select weekday from played group by weekday order by count(*) desc, weekday limit 1)
                   as weekday
           from days""",
        user_id=user_id,
        first=period.first,
        last=period.last,
    )


def _months(snapshot: Snapshot, user_id: str, period: Period) -> tuple[int, ...]:
    found = snapshot.frame(
        """select month, count(event_id) as plays from range(1, 13) as months(month)
           left join gold.fct_plays on month(played_date) = month and user_id = $user_id
               and played_date between $first and $last
           group by month order by month""",
        user_id=user_id,
        first=period.first,
        last=period.last,
    )
    return tuple(int(plays) for plays in found["plays"])
