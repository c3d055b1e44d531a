"""When people listen: by hour of their own day, by weekday, and over the whole window."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

from producer.simulator.arrays import Floats, Ints
from producer.simulator.config import SimulationConfig
from producer.simulator.places import offsets
from producer.simulator.randomness import lasting_stream

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def daily_shares(config: SimulationConfig) -> Floats:
    """(days,) share of all events on each day; adds up to 1. Grows slowly, follows the week."""
    rng, chances = lasting_stream(config, "days"), config.rhythm
    weekdays = (config.start.weekday() + np.arange(config.days)) % 7
    trend = 1 + chances.growth * np.arange(config.days) / config.days
    shares = np.array(chances.weekdays)[weekdays] * trend * rng.lognormal(0, chances.day_noise, config.days)
    return np.asarray(shares / shares.sum())


def hourly_shares(config: SimulationConfig, day: date) -> Floats:
    """(zones * kinds, 24) cumulative shares of one UTC day's hours, for each kind of listener."""
    chances = config.rhythm
    local = np.arange(24)[None, :] + offsets(config, day)[:, None]
    weekend = ((day.weekday() + np.floor(local).astype(int) // 24) % 7 >= 5).astype(int)
    hourly = np.array([chances.workday, chances.weekend])[weekend, np.floor(local).astype(int) % 24]
    peaks = np.array([kind.peak for kind in chances.kinds.values()])
    circle = np.cos((local[:, None, :] - peaks[None, :, None]) * np.pi / 12)
    weights = (hourly[:, None, :] * np.exp(chances.gathering * circle)).reshape(-1, 24)
    totals = np.cumsum(weights, axis=1)
    return np.asarray(totals / totals[:, -1:])


def moments(rng: np.random.Generator, config: SimulationConfig, day: datetime, group: Ints) -> Ints:
    """(n,) times within the UTC day beginning at `day` (epoch ms), one for each listener's `group`."""
    shares = hourly_shares(config, day.date())
    flat = (shares + np.arange(len(shares))[:, None]).ravel()
    hour = np.searchsorted(flat, group + rng.random(len(group)), side="right") - 24 * group
    within = (np.minimum(hour, 23) + rng.random(len(group))) * HOUR_MS
    return np.asarray(epoch_ms(day) + within.astype(np.int64))


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970 (UTC) of an aware moment."""
    return round(moment.timestamp() * 1000)


def day_start(config: SimulationConfig, day: int) -> datetime:
    """The UTC midnight that begins simulated day `day` (0 is the first)."""
    return config.start + timedelta(days=day)
