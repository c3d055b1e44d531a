"""The shapes of the read API's answers, for OpenAPI and for whoever reads it."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, Field

_OF_LISTENER = "Pseudonymous listener."


class Answer(BaseModel):
    """What every answer says."""

    snapshot: str = Field(description="The snapshot it was made from; pages of one list must agree in it.")


class Page(Answer):
    """A part of a list."""

    next: str | None = Field(description="Where the next part is; null: this was the last.")


class Entry(BaseModel):
    """A place in a chart."""

    rank: int
    track_key: str
    track_title: str
    artist_name: str
    plays: int = Field(description="Plays that count.")
    listeners: int
    previous_rank: int | None = Field(description="In the chart before; null: it was not there.")
    move: int | None = Field(description="Places gained since then.")
    peak_rank: int
    streak: int = Field(description="Charts in a row.")


class DailyEntry(Entry):
    """A place in a day's chart."""

    date: date


class HourlyEntry(Entry):
    """A place in an hour's chart."""

    hour: datetime


class DailyChart(Page):
    """A day's chart of a region, best first."""

    items: list[DailyEntry]


class HourlyChart(Page):
    """An hour's chart of a region, best first."""

    items: list[HourlyEntry]


class Region(BaseModel):
    """A region that has figures."""

    region: str = Field(description="ISO 3166-1 alpha-2, or GLOBAL.")
    country_name: str | None
    first_date: date
    last_date: date
    plays: int


class Regions(Page):
    """Regions, most plays first."""

    items: list[Region]


class Listening(BaseModel):
    """How much was played."""

    plays: int
    streams: int = Field(description="Plays that count: of 30 s, or scrobbled.")
    skips: int
    listeners: int
    ms_played: int | None


class Day(Listening):
    """A day."""

    date: date


class Hour(Listening):
    """An hour."""

    hour: datetime


class DailyTrend(Page):
    """Days of a region, latest first; days without plays are left out."""

    items: list[Day]


class HourlyTrend(Page):
    """Hours of a region, latest first; hours without plays are left out."""

    items: list[Hour]


class TopArtist(BaseModel):
    """An artist, and how much of it."""

    artist_name: str | None
    plays: int
    ms_played: int | None


class TopTrack(BaseModel):
    """A track, and how much of it."""

    track_key: str
    track_title: str | None
    artist_name: str | None
    plays: int
    ms_played: int | None


class UserStats(Answer):
    """One listener's numbers in a time."""

    user_id: str = Field(description=_OF_LISTENER)
    country: str | None
    level: str | None
    plays: int
    streams: int
    skips: int
    ms_played: int | None = Field(description="Null when no play says how long it was.")
    tracks: int
    artists: int
    first_played_at: datetime | None
    last_played_at: datetime | None
    top_artists: list[TopArtist] = Field(description="Ten, most played first.")
    top_tracks: list[TopTrack] = Field(description="Ten, most played first.")


class Recommended(BaseModel):
    """A track that somebody may like."""

    rank: int
    track_key: str
    track_title: str | None
    artist_name: str | None
    reason: str | None
    because_track_key: str | None
    because_track_title: str | None
    score: float | None


class Recommendations(Page):
    """What to play next, best first."""

    items: list[Recommended]


class Totals(BaseModel):
    """Sums over the days of a time."""

    plays: int
    streams: int
    skips: int
    ms_played: int
    sessions: int
    new_listeners: int = Field(description="Whose first play it was.")
    listener_days: int = Field(description="Listeners of each day, added up.")


class Kpis(Answer):
    """A time, and the time of the same length before it."""

    region: str
    first_date: date | None
    last_date: date | None
    days: int | None
    current: Totals | None = Field(description="Null: nothing was played.")
    previous: Totals | None


class Contents(Answer):
    """What the snapshot is."""

    published_at: datetime
    tables: dict[str, int] = Field(description="Table → rows.")
