"""What there is to listen to, and where, as the configuration names it. Values: `defaults.yaml`."""

from __future__ import annotations

from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from producer.simulator.section import (
    Mean,
    Probability,
    Range,
    Section,
    Shares,
    Spread,
    require_curve,
)

CountryCode = Annotated[str, Field(pattern="^[A-Z]{2}$")]


class PopularityChances(Section):
    """What is popular, in all and in each country."""

    zipf: Mean
    shift: Spread
    bend_at: Mean
    bend: Spread
    local_spread: Spread
    international: Probability
    home_boost: Mean
    region_boost: Mean
    abroad: Mean
    home_tilt: Spread
    artist_spread: Spread
    fame: Mean
    fame_in_tracks: Spread


class ReleaseChances(Section):
    """How new tracks come, rise and fade."""

    new_tracks: Probability
    half_at_days: Mean
    rise_days: Mean
    fade_days: Mean
    peak: Spread
    floor: Mean


class LengthChances(Section):
    """How long tracks are: quantiles."""

    shares: list[Probability]
    seconds: list[Annotated[float, Field(gt=30)]]

    @model_validator(mode="after")
    def _is_a_curve(self) -> Self:
        require_curve(self.shares, self.seconds)
        return self


class ShowChances(Section):
    """Podcasts and their episodes."""

    fame: Mean
    minutes: Range
    length_spread: Spread
    quality_of_show: Spread
    quality_of_episode: Spread


class DefectRates(Section):
    """The share of events that carry each planted defect."""

    duplicate: Probability
    late: Probability
    out_of_order: Probability
    not_json: Probability
    missing_field: Probability
    invalid_field: Probability
    occurred_in_future: Probability
    negative_ms_played: Probability
    unknown_country: Probability

    @model_validator(mode="after")
    def _leave_most_events_sound(self) -> Self:
        total = sum(self.model_dump().values())
        if 2 * total > 1:
            raise ValueError(f"the rates add up to {total:g}; at most half of all events may be defective")
        return self


class DelayChances(Section):
    """How long events that do not come in time are away."""

    late_hours: Range
    duplicate_after_s: Mean
    overtaken_by: Range


class PlaceChances(Section):
    """A country: its share of the listeners, whom it shares hits with, what its clocks say."""

    share: Mean
    region: str
    zones: Shares

    @model_validator(mode="after")
    def _know_the_zones(self) -> Self:
        for name in self.zones:
            try:
                ZoneInfo(name)
            except (KeyError, ValueError, OSError) as error:
                raise ValueError(f"{name} is no time zone of the tz database") from error
        return self
