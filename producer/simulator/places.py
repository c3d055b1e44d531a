"""The countries listeners live in: how many, which share hits, and what their clocks say on a day."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from producer.simulator.arrays import Floats, Ints
from producer.simulator.config import SimulationConfig


def codes(config: SimulationConfig) -> list[str]:
    """The countries; elsewhere they go by their position here."""
    return list(config.places)


def shares(config: SimulationConfig) -> Floats:
    """(countries,) shares of the listeners; they add up to 1."""
    found = np.array([place.share for place in config.places.values()])
    return np.asarray(found / found.sum())


def neighbours(config: SimulationConfig) -> Floats:
    """(countries, countries) 1 where two countries are of one region, else 0."""
    regions = np.array([place.region for place in config.places.values()])
    return np.asarray(regions[:, None] == regions[None, :], float)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def zones(config: SimulationConfig) -> list[str]:
    """The time zones, country by country."""
    return [zone for place in config.places.values() for zone in place.zones]


def settle_in_zones(rng: np.random.Generator, config: SimulationConfig, country: Ints) -> Ints:
    """(n,) positions in `zones`, for listeners who live in `country` (n,)."""
    weights = [np.array(list(place.zones.values())) for place in config.places.values()]
    edges = np.concatenate([number + np.cumsum(own) / own.sum() for number, own in enumerate(weights)])
    place = country + rng.random(len(country))
    return np.minimum(np.searchsorted(edges, place, side="right"), len(edges) - 1).astype(np.int64)


def offsets(config: SimulationConfig, day: date) -> Floats:
    """(zones,) hours ahead of UTC at its own noon of a day, summer time included."""
    noon = datetime.combine(day, time(12))  # in the zone: `utcoffset` takes it for that
    ahead = [_zone(name).utcoffset(noon) for name in zones(config)]
    return np.array([0.0 if offset is None else offset.total_seconds() / 3600 for offset in ahead])
