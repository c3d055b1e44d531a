"""One Pydantic class per event, one Kafka topic each: the only place a field is spelled.

The Arrow schema the sink writes, the JSON Schema for producers, dbt's sources and the data
dictionary are rendered from these classes (`backbeat contracts render`).

The contract fixes names, types and what is required. Whether a value makes sense (a negative
duration, a date in the future) is silver's business: such a row keeps its typed columns.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

SCHEMA_VERSION = 1

Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Milliseconds = Annotated[int, Field(ge=-(2**63), lt=2**63, strict=True)]


def _from_wire(value: object) -> object:
    """Epoch milliseconds become a UTC time; ISO-8601 text is left to Pydantic."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(f"{value} is not a time in epoch milliseconds") from error


Timestamp = Annotated[AwareDatetime, BeforeValidator(_from_wire, json_schema_input_type=datetime | int)]


class Event(BaseModel):
    """The envelope every event carries."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_id: Annotated[UUID, Field(description="Idempotency key (UUIDv7), made once by the producer.")]
    schema_version: Annotated[int, Field(strict=True, ge=1, lt=2**31, description="Version of the contract.")]
    user_id: Annotated[Identifier, Field(description="Pseudonymous listener; also the Kafka key.")]
    occurred_at: Annotated[Timestamp, Field(description="When it happened, by the client's clock (UTC).")]
    received_at: Annotated[
        Timestamp | None, Field(description="When the collector took it, by its own clock (UTC).")
    ] = None
    source: Annotated[Identifier, Field(description="Who made it: simulator, collector, import.spotify …")]
    country: Annotated[Country | None, Field(description="ISO 3166-1 alpha-2; null when unknown.")] = None
    device: Annotated[str | None, Field(description="Device or platform as reported.")] = None
    session_id: Annotated[str | None, Field(description="The client's own session, if it has one.")] = None


class Track(BaseModel):
    """The fields that name a track, shared by the events that carry one whole."""

    track_id: Annotated[Identifier, Field(description="The source's id of the track.")]
    track_title: Annotated[str, Field(min_length=1, description="Title as the source spells it.")]
    artist_name: Annotated[str, Field(min_length=1, description="Main artist as the source spells it.")]


class PlaybackStarted(Track, Event):
    """One row per start of a track."""

    play_id: Annotated[Identifier, Field(description="One play of one track by one user, in all its events.")]
    duration_ms: Annotated[Milliseconds | None, Field(description="Length of the track (ms).")] = None


class Play(Track, Event):
    """One row per play that has ended."""

    play_id: Annotated[Identifier, Field(description="One play of one track by one user, in all its events.")]
    artist_id: Annotated[str | None, Field(description="The source's id of the artist.")] = None
    album_title: Annotated[str | None, Field(description="Album as the source spells it.")] = None
    isrc: Annotated[str | None, Field(description="International Standard Recording Code.")] = None
    started_at: Annotated[
        Timestamp | None,
        Field(description="When playing began (UTC); occurred_at is when it ended."),
    ] = None
    ms_played: Annotated[
        Milliseconds | None,
        Field(description="Time listened (ms); null where the source only scrobbles."),
    ] = None
    duration_ms: Annotated[Milliseconds | None, Field(description="Length of the track (ms).")] = None
    skipped: Annotated[bool | None, Field(strict=True, description="Ended by the user before its end.")] = (
        None
    )
    reason_start: Annotated[str | None, Field(description="Why it began (clickrow, trackdone …).")] = None
    reason_end: Annotated[str | None, Field(description="Why it ended (trackdone, fwdbtn …).")] = None
    context: Annotated[str | None, Field(description="Where from: playlist, radio, search …")] = None


class Skip(Event):
    """One row per skip."""

    play_id: Annotated[Identifier, Field(description="One play of one track by one user, in all its events.")]
    track_id: Annotated[Identifier, Field(description="The source's id of the track.")]
    position_ms: Annotated[Milliseconds, Field(description="Where in the track (ms).")]
    duration_ms: Annotated[Milliseconds | None, Field(description="Length of the track (ms).")] = None


class Like(Event):
    """One row per like or its withdrawal."""

    track_id: Annotated[Identifier, Field(description="The source's id of the track.")]
    liked: Annotated[bool, Field(strict=True, description="True: liked; false: withdrawn.")]


class PageView(Event):
    """One row per page shown."""

    page: Annotated[Identifier, Field(description="Name of the page.")]
    referrer: Annotated[str | None, Field(description="Page before it.")] = None
    http_status: Annotated[
        int | None, Field(strict=True, ge=0, lt=1000, description="Status of the answer.")
    ] = None


class AuthEvent(Event):
    """One row per registration, log-in or log-out."""

    action: Annotated[Literal["register", "log_in", "log_out"], Field(description="What was asked.")]
    succeeded: Annotated[bool, Field(strict=True, description="Whether it worked.")]


class SubscriptionChange(Event):
    """One row per change of a subscription level."""

    from_level: Annotated[str | None, Field(description="Level before; null at the first.")] = None
    to_level: Annotated[str | None, Field(description="Level after; null when the account closed.")] = None
    reason: Annotated[str | None, Field(description="Why (trial, upgrade, payment_failed …).")] = None


class PodcastEvent(Event):
    """One row per step in listening to an episode."""

    episode_id: Annotated[Identifier, Field(description="The source's id of the episode.")]
    podcast_id: Annotated[str | None, Field(description="The source's id of the show.")] = None
    action: Annotated[Literal["play", "pause", "seek", "complete"], Field(description="The step.")]
    position_ms: Annotated[Milliseconds | None, Field(description="Where in the episode (ms).")] = None
    duration_ms: Annotated[Milliseconds | None, Field(description="Length of the episode (ms).")] = None


TOPICS: dict[str, type[Event]] = {
    "playback_started": PlaybackStarted,
    "plays": Play,
    "skips": Skip,
    "likes": Like,
    "page_views": PageView,
    "auth_events": AuthEvent,
    "subscription_changes": SubscriptionChange,
    "podcast_events": PodcastEvent,
}
