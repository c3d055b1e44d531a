"""What the sections of the configuration are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat
from pydantic.functional_validators import AfterValidator

Probability = Annotated[float, Field(ge=0, le=1)]
Spread = Annotated[float, Field(ge=0)]
Weights = dict[str, Annotated[float, Field(ge=0)]]


def _some_weight(weights: Weights) -> Weights:
    if sum(weights.values()) <= 0:
        raise ValueError("at least one weight must be above 0")
    return weights


def _ascending(pair: tuple[int, int]) -> tuple[int, int]:
    if pair[0] >= pair[1]:
        raise ValueError(f"{pair[0]} must be below {pair[1]}")
    return pair


Shares = Annotated[Weights, AfterValidator(_some_weight)]
Range = Annotated[tuple[Annotated[int, Field(ge=0)], int], AfterValidator(_ascending)]
Mean = PositiveFloat


class Section(BaseModel):
    """A part of the configuration: nothing in it changes, and nothing is in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def require_curve(shares: list[float], values: list[float]) -> None:
    """Raise ValueError unless `values` over `shares`, from 0 to 1, never fall."""
    if len(shares) != len(values) or shares[0] != 0 or shares[-1] != 1:
        raise ValueError("a curve needs as many values as shares, and shares from 0 to 1")
    if sorted(shares) != shares or sorted(values) != values:
        raise ValueError("a curve's shares and values must not fall")
