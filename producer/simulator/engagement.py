"""What listeners do beside playing music, as the configuration names it. Values: `defaults.yaml`."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from producer.simulator.section import Mean, Probability, Range, Section, Shares, Spread, require_curve


class LikeChances(Section):
    """What is liked."""

    most_likely: Probability
    steepness: float
    midpoint: float
    withdrawn: Probability


class PageChances(Section):
    """Which pages follow which, by level."""

    per_play: Spread
    per_session: dict[str, Spread]
    opening_ms: int = Field(ge=0)
    browsing_ms: Mean
    statuses: dict[int, Spread]
    next: dict[str, dict[str, Shares]]

    @model_validator(mode="after")
    def _close_the_chain(self) -> Self:
        if unknown := set(self.next) ^ {"guest", "free", "paid"}:
            raise ValueError(f"next: {min(unknown)} does not fit: it needs guest, free and paid")
        for level, rows in self.next.items():
            if "home" not in rows:
                raise ValueError(f"next.{level}: every session opens on home, which has no row")
            for page, weights in rows.items():
                if leads_out := set(weights) - set(rows):
                    raise ValueError(f"next.{level}.{page}: {min(leads_out)} has no row of its own")
        return self


class PodcastChances(Section):
    """How episodes are heard."""

    curve_share: list[Probability]
    curve_heard: list[Probability]
    taste_weight: float
    patience_weight: float
    mood_spread: Spread
    interruptions_per_hour: Spread
    paused: Probability
    forward: Probability
    forward_ms: int = Field(ge=0)
    back_ms: int = Field(ge=0)
    pause_ms: Range
    lead_ms: int = Field(ge=0)

    @model_validator(mode="after")
    def _is_a_curve(self) -> Self:
        require_curve(self.curve_share, self.curve_heard)
        return self
