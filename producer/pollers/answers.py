"""What Spotify answers, as far as we read it.

What an app in development mode no longer gets is optional."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

Name = Annotated[str, StringConstraints(min_length=1)]
# Silver refuses what is longer than a week.
Milliseconds = Annotated[int, Field(ge=0, le=604_800_000)]


class Named(BaseModel):
    """An artist, album or show."""

    name: Name
    uri: str | None = None


class Track(BaseModel):
    """A track; a file of the listener's own has a `uri` of names (`spotify:local:…`) and no id."""

    uri: Name
    name: Name
    artists: list[Named] = Field(min_length=1)
    album: Named | None = None
    duration_ms: Milliseconds
    external_ids: dict[str, Any] = {}

    @property
    def isrc(self) -> str | None:
        """The recording's code, where Spotify tells it."""
        code = self.external_ids.get("isrc")
        return code if isinstance(code, str) and code else None


class Episode(BaseModel):
    """An episode of a podcast."""

    uri: Name
    name: Name
    show: Named | None = None
    duration_ms: Milliseconds


class Context(BaseModel):
    """Where a track is played from: album, artist, playlist, collection …"""

    type: str


class Played(BaseModel):
    """One line of the recently played."""

    track: Track
    played_at: str
    context: Context | None = None


class Page(BaseModel):
    """The recently played; each item is judged on its own (`Played`)."""

    items: list[Any]


class Playing(BaseModel):
    """What is playing; `item` is a `Track` or an `Episode`, or nothing we know."""

    is_playing: bool
    progress_ms: Milliseconds | None = None
    currently_playing_type: Literal["track", "episode", "ad", "unknown"] | str = "unknown"
    item: dict[str, Any] | None = None
