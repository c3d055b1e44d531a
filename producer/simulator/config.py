"""What a simulation is asked for: its size, its window of time and its probabilities."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from contracts.errors import BackbeatError
from producer.simulator.written import Written

Probability = Annotated[float, Field(ge=0, le=1)]

# Events of an average listener on an average day; a listener with ten times as many cannot fit the
# sessions into the day.
EVENTS_PER_USER_DAY = 3.7
MOST_EVENTS_PER_USER_DAY = 40


class DefectRates(BaseModel):
    """The share of events that carry each planted defect."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    duplicate: Probability = 0.004
    late: Probability = 0.003
    out_of_order: Probability = 0.003
    not_json: Probability = 0.0005
    missing_field: Probability = 0.0005
    invalid_field: Probability = 0.0005
    occurred_in_future: Probability = 0.0003
    negative_ms_played: Probability = 0.0005
    unknown_country: Probability = 0.0004

    @model_validator(mode="after")
    def _leave_most_events_sound(self) -> Self:
        total = sum(self.model_dump().values())
        if total > 0.5:
            raise ValueError(f"the rates add up to {total:g}; at most half of all events may be defective")
        return self


class SimulationConfig(BaseModel):
    """One simulation: the same values always give the same bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(7, ge=0)
    events: int = Field(1_000_000, ge=1, description="At least this many events, all topics together.")
    days: int = Field(90, ge=1, le=3_660)
    end: AwareDatetime = Field(description="A midnight (UTC); the first moment that is not simulated.")
    users: int | None = Field(None, ge=1, description="None: as many as suit the events and days.")
    tracks: int = Field(4_000, ge=20)
    artists: int = Field(600, ge=1)
    catalogue: Written = Field(None, description="File of `backbeat catalogue write`; None: default words.")
    podcasts: int = Field(40, ge=1)
    episodes_per_podcast: int = Field(24, ge=2)
    skipped_within_5s: Probability = 0.24
    skipped_within_30s: Probability = 0.35
    ended_early: Probability = 0.49
    repeat_share: Probability = Field(0.3, description="Plays a listener takes from their own favourites.")
    defects: DefectRates = DefectRates()

    @field_validator("end", mode="before")
    @classmethod
    def _days_are_utc(cls, end: object) -> object:
        """A plain day, or a time without a zone, is meant in UTC."""
        if isinstance(end, date) and not isinstance(end, datetime):
            end = datetime(end.year, end.month, end.day)  # noqa: DTZ001 - the next line adds the zone
        return end.replace(tzinfo=UTC) if isinstance(end, datetime) and end.tzinfo is None else end

    @field_validator("end")
    @classmethod
    def _end_at_a_midnight(cls, end: datetime) -> datetime:
        end = end.astimezone(UTC)
        if end != end.replace(hour=0, minute=0, second=0, microsecond=0):
            raise ValueError(f"{end.isoformat()} is not a midnight (UTC)")
        return end

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if not self.skipped_within_5s <= self.skipped_within_30s <= self.ended_early:
            raise ValueError("skipped_within_5s <= skipped_within_30s <= ended_early does not hold")
        if self.artists > self.tracks:
            raise ValueError(f"artists ({self.artists}) must not be more than tracks ({self.tracks})")
        if self.events > MOST_EVENTS_PER_USER_DAY * self.days * self.listeners:
            raise ValueError(f"users ({self.users}) are too few for {self.events} events in {self.days} days")
        return self

    @property
    def listeners(self) -> int:
        """How many users there are, given or derived."""
        return self.users or max(25, ceil(self.events / (self.days * EVENTS_PER_USER_DAY)))

    @property
    def start(self) -> datetime:
        """The first simulated moment (UTC midnight)."""
        return self.end - timedelta(days=self.days)

    @property
    def digest(self) -> int:
        """128 bits that differ when anything in the configuration differs."""
        return int.from_bytes(sha256(self.model_dump_json().encode()).digest()[:16], "big")


def load_config(
    path: Path | None = None, *, default_end: datetime | None = None, **given: Any
) -> SimulationConfig:
    """The YAML file at `path` (if any), overruled by those of `given` that are not None.

    `default_end` is the end where neither says one. Raises BackbeatError that names the file and the key.
    """
    values = {} if path is None else _read(path)
    values |= {key: value for key, value in given.items() if value is not None}
    if default_end is not None:
        values.setdefault("end", default_end)
    try:
        return SimulationConfig(**values)
    except ValidationError as error:
        where = "simulation settings" if path is None else str(path)
        raise BackbeatError(f"{where}: {_first_problem(error)}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise BackbeatError(f"{path}: cannot be read as YAML: {reason}") from error
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise BackbeatError(f"{path}: must hold `name: value` lines")
    return values


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message
