"""The shapes of the live path's answers and frames, for OpenAPI and for whoever reads it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

_TIME = "ISO-8601, UTC, milliseconds."


class Played(BaseModel):
    """Somebody plays something now."""

    user_id: str = Field(description="Pseudonymous listener.")
    play_id: str = Field(description="The play; feeds name by it what has gone.")
    country: str | None = Field(description="ISO 3166-1 alpha-2; null when unknown.")
    device: str | None
    track_id: str
    track_title: str
    artist_name: str
    started_at: str = Field(description=_TIME)
    ends_at: str = Field(description=f"When the track's length is over. {_TIME}")


class Riser(BaseModel):
    """A track that rises."""

    rank: int
    track_id: str
    track_title: str
    artist_name: str
    listeners: int = Field(description="In the window; each counts once.")
    expected: float = Field(description="Listeners if its share were that of the windows before.")
    score: float = Field(description="(listeners + 10) / (expected + 10).")


class Totals(BaseModel):
    """Events taken since the process began to count, its rebuilt history included."""

    started: int
    plays: int
    skips: int


class Lag(BaseModel):
    """How far it is behind Kafka."""

    events: int = Field(description="Records not read yet.")
    seconds: float = Field(description="Age of the newest that was read, while there are newer ones.")


class Country(BaseModel):
    """A country's own numbers."""

    listening: int
    plays_per_minute: int


class Numbers(BaseModel):
    """What stands in every answer about now."""

    at: str = Field(description=_TIME)
    country: str | None = Field(description="Whose numbers these are; null: everywhere.")
    listening: int = Field(description="Listeners that play something now.")
    plays_per_minute: int = Field(description="Plays that ended in the last 60 seconds.")
    plays_by_minute: list[int] = Field(description="The last 60 whole minutes, oldest first.")
    totals: Totals = Field(description="Of all countries.")
    lag: Lag
    rebuilding: bool = Field(description="True while it reads again what was before its start.")
    countries: dict[str, Country] | None = Field(None, description="By country; where `country` is null.")


class Now(Numbers):
    """What is played now."""

    playing: list[Played] = Field(description="Told last, latest start first.")


class Rising(BaseModel):
    """What rises."""

    at: str = Field(description=_TIME)
    country: str | None
    minutes: int = Field(description="Length of the window.")
    windows_before: int = Field(
        description="How many windows of this length it is compared with; 0: none is known yet."
    )
    tracks: list[Riser]


class Ticket(BaseModel):
    """What a browser shows in place of a key."""

    ticket: str
    seconds: int = Field(description="For how long it is good.")


class Snapshot(Numbers):
    """The first frame of /ws/live."""

    type: Literal["snapshot"]
    seq: int = Field(description="The next frame has the next number, unless it is a heartbeat.")
    rising: dict[str, list[Riser]] = Field(description='By minutes: "5", "15", "60"; ten tracks each.')
    feed: list[Played] = Field(description="The 20 told last, latest start first.")


class Feed(BaseModel):
    """How the feed has changed."""

    added: list[Played]
    removed: list[str] = Field(description="Their play_id.")


class Delta(BaseModel):
    """What has changed since the frame before; what is not there has not. Numbers replace those before."""

    type: Literal["delta"]
    seq: int
    at: str
    listening: int | None = None
    plays_per_minute: int | None = None
    plays_by_minute: list[int] | None = None
    totals: Totals | None = None
    lag: Lag | None = None
    rebuilding: bool | None = None
    countries: dict[str, Country | None] | None = Field(None, description="Those changed; null: gone.")
    rising: dict[str, list[Riser]] | None = Field(None, description="Lists that changed, whole.")
    feed: Feed | None = Field(
        None, description="Take out what is removed, put in what is added, order by started_at, latest first."
    )


class Heartbeat(BaseModel):
    """Nothing has changed, and the service is there."""

    type: Literal["heartbeat"]
    seq: int = Field(description="That of the last delta.")
    at: str


FRAMES = (Snapshot, Delta, Heartbeat)
