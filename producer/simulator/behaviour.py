"""What listeners do, as the configuration names it. Values and their sources: `defaults.yaml`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from producer.simulator.section import Mean, Probability, Range, Section, Shares, Spread

Day = Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=24, max_length=24)]
CONTEXTS = ("playlist", "album", "liked_songs", "radio", "search", "chart", "artist")


class PopulationChances(Section):
    """Who the listeners are."""

    events_per_user_day: Mean
    most_events_per_user_day: Mean
    activity_spread: Spread
    patience_spread: Spread
    there_from_the_start: Probability
    levels: Shares
    newcomers: Shares
    podcast_shape: tuple[Mean, Mean]

    @model_validator(mode="after")
    def _know_the_levels(self) -> Self:
        for name, weights in (("levels", self.levels), ("newcomers", self.newcomers)):
            if unknown := set(weights) - {"guest", "free", "paid"}:
                raise ValueError(f"{name}: {min(unknown)} is none of guest, free, paid")
        return self


class TasteChances(Section):
    """How tastes are spread, and how they decide."""

    genres_loved: Mean
    scatter: Spread
    artist_spread: Spread
    track_spread: Spread
    mood_leaning: Spread
    show_spread: Spread
    candidates: int = Field(ge=1, le=100)
    sharpness: Spread


class DeviceChances(Section):
    """What they listen on."""

    shares: Shares
    other_in_session: Probability
    replaced_per_year: Probability
    mobile: list[str]
    mobile_impatience: float


class AccountChances(Section):
    """How accounts come, change and go."""

    registers: Probability
    upgrades: Probability
    downgrades: Probability
    leaves: Probability
    lapses: Probability
    lapses_for_good: Probability
    silent_days: Mean
    upgrade_reasons: Shares
    downgrade_reasons: Shares
    logs_in: Probability
    fails_first: Probability
    logs_out: Probability


class ExperimentChances(Section):
    """An A/B test: its arms and what they do to the chance of an upgrade."""

    arms: Shares
    upgrade_lift: dict[str, Spread]

    @model_validator(mode="after")
    def _know_every_arm(self) -> Self:
        if unknown := set(self.arms) ^ set(self.upgrade_lift):
            raise ValueError(f"{min(unknown)} must stand under arms and under upgrade_lift")
        return self


class BotChances(Section):
    """Accounts that play one song all day."""

    share_of_events: Probability
    campaign: Probability
    plays_per_day: int = Field(ge=1, le=2_000)


class KindOfDay(Section):
    """Listeners who gather around an hour of their own day."""

    share: Spread
    peak: float = Field(ge=0, lt=24)


class RhythmChances(Section):
    """When people listen."""

    workday: Day
    weekend: Day
    weekdays: Annotated[list[Spread], Field(min_length=7, max_length=7)]
    kinds: dict[str, KindOfDay] = Field(min_length=1)
    gathering: Spread
    growth: Spread
    day_noise: Spread


class SessionChances(Section):
    """What a session is."""

    browse_share: Probability
    most_per_day: int = Field(ge=1)
    plays_median: Mean
    plays_spread: Spread
    listener_spread: Spread
    most_plays: int = Field(ge=1)
    break_minutes: Range


class ListeningChances(Section):
    """What is heard of a track, and what comes between two."""

    skipped_within_5s: Probability
    skipped_within_10s: Probability
    skipped_within_30s: Probability
    ended_early: Probability
    taste_weight: float
    familiar_weight: float
    mood_spread: Spread
    shortest_play_ms: int = Field(ge=1, lt=5_000)
    within_step: Mean
    pause: Probability
    gap_ms: Range
    first_gap_ms: Range
    long_gap_ms: Range
    pause_ms: Range
    lead_out_ms: Range
    cut_by_leaving: Probability
    forward: Probability
    contexts: Shares
    radio_scatter: Spread
    radio_focus: Spread

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        edges = (self.skipped_within_5s, self.skipped_within_10s, self.skipped_within_30s, self.ended_early)
        if list(edges) != sorted(edges):
            raise ValueError(
                "skipped_within_5s <= skipped_within_10s <= skipped_within_30s <= ended_early does not hold"
            )
        if unknown := set(self.contexts) ^ set(CONTEXTS):
            raise ValueError(f"contexts: {min(unknown)} does not fit: they are {', '.join(CONTEXTS)}")
        return self


class HabitChances(Section):
    """What listeners go back to."""

    favourites: int = Field(ge=1, le=1_000)
    memory: int = Field(ge=1, le=10_000)
    repeats: dict[str, Probability]
    from_favourites: Probability

    @model_validator(mode="after")
    def _know_every_context(self) -> Self:
        if unknown := set(self.repeats) ^ set(CONTEXTS):
            raise ValueError(f"repeats: {min(unknown)} does not fit: they are {', '.join(CONTEXTS)}")
        return self
