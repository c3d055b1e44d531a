"""What a simulation is asked for: its size, its window of time and its probabilities.

All values come from `defaults.yaml` beside this file, which names the source of each; a person's own file
overrules parts of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import Any, Self

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
from producer.simulator import behaviour, engagement, supply
from producer.simulator.layers import overruled, read_values
from producer.simulator.supply import CountryCode, DefectRates, PlaceChances
from producer.simulator.written import Written

__all__ = ["DefectRates", "SimulationConfig", "load_config"]

DEFAULTS = Path(__file__).with_name("defaults.yaml")

# A start and an end; bots do nothing else.
_EVENTS_PER_BOT_PLAY = 2

# Not the value: `_take_the_rest_from_the_file` has put it there before a field is looked at.
_IN_FILE: Any = None


class SimulationConfig(BaseModel):
    """One simulation: the same values always give the same bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(_IN_FILE, ge=0)
    events: int = Field(_IN_FILE, ge=1, description="At least this many events, all topics together.")
    days: int = Field(_IN_FILE, ge=1, le=3_660)
    end: AwareDatetime = Field(description="A midnight (UTC); the first moment that is not simulated.")
    users: int | None = Field(_IN_FILE, ge=1, description="None: as many as suit the events and days.")
    tracks: int = Field(_IN_FILE, ge=20)
    artists: int = Field(_IN_FILE, ge=1)
    catalogue: Written = Field(
        _IN_FILE, description="File of `backbeat catalogue write`; None: default words."
    )
    podcasts: int = Field(_IN_FILE, ge=1)
    episodes_per_podcast: int = Field(_IN_FILE, ge=2)
    population: behaviour.PopulationChances = _IN_FILE
    taste: behaviour.TasteChances = _IN_FILE
    devices: behaviour.DeviceChances = _IN_FILE
    accounts: behaviour.AccountChances = _IN_FILE
    experiment: behaviour.ExperimentChances = _IN_FILE
    bots: behaviour.BotChances = _IN_FILE
    rhythm: behaviour.RhythmChances = _IN_FILE
    sessions: behaviour.SessionChances = _IN_FILE
    listening: behaviour.ListeningChances = _IN_FILE
    habits: behaviour.HabitChances = _IN_FILE
    likes: engagement.LikeChances = _IN_FILE
    pages: engagement.PageChances = _IN_FILE
    podcast: engagement.PodcastChances = _IN_FILE
    popularity: supply.PopularityChances = _IN_FILE
    releases: supply.ReleaseChances = _IN_FILE
    lengths: supply.LengthChances = _IN_FILE
    shows: supply.ShowChances = _IN_FILE
    defects: DefectRates = _IN_FILE
    delays: supply.DelayChances = _IN_FILE
    places: dict[CountryCode, PlaceChances] = Field(_IN_FILE, min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _take_the_rest_from_the_file(cls, values: object) -> object:
        return overruled(_defaults(), values) if isinstance(values, Mapping) else values

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
        if self.artists > self.tracks:
            raise ValueError(f"artists ({self.artists}) must not be more than tracks ({self.tracks})")
        if self.events > self.population.most_events_per_user_day * self.days * self.listeners:
            raise ValueError(f"users ({self.users}) are too few for {self.events} events in {self.days} days")
        return self

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def listeners(self) -> int:
        """How many users there are, given or derived."""
        each = self.days * self.population.events_per_user_day
        return self.users or max(25, ceil(self.events / each))

    @property
    def campaign_days(self) -> int:
        """For how many days each bot is at work."""
        return max(1, round(self.bots.campaign * self.days))

    @property
    def bot_accounts(self) -> int:
        """How many bots it takes for their share of the events; the listeners with the highest numbers."""
        each = _EVENTS_PER_BOT_PLAY * self.bots.plays_per_day * self.campaign_days
        return min(round(self.bots.share_of_events * self.events / each), self.listeners - 1)

    @property
    def start(self) -> datetime:
        """The first simulated moment (UTC midnight)."""
        return self.end - timedelta(days=self.days)

    @property
    def digest(self) -> int:
        """128 bits that differ when anything in the configuration differs."""
        return int.from_bytes(sha256(self.model_dump_json().encode()).digest()[:16], "big")


@cache
def _defaults() -> dict[str, Any]:
    return read_values(DEFAULTS)


def load_config(
    path: Path | None = None, *, default_end: datetime | None = None, **given: Any
) -> SimulationConfig:
    """The defaults, overruled by the YAML file at `path` (if any) and by those of `given` that are not None.

    `default_end` is the end where neither says one. Raises BackbeatError that names the file and the key.
    """
    values = {} if path is None else read_values(path)
    values |= {key: value for key, value in given.items() if value is not None}
    if default_end is not None:
        values.setdefault("end", default_end)
    try:
        return SimulationConfig(**values)
    except ValidationError as error:
        where = "simulation settings" if path is None else str(path)
        raise BackbeatError(f"{where}: {_first_problem(error)}") from None


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message
