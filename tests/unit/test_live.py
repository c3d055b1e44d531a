"""A simulation by the clock: events when they are due, at the rate asked for, and each of them once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from contracts.errors import BackbeatError
from producer.simulator.command import simulate_command
from producer.simulator.ledger import Ledger
from producer.simulator.live import TICK_MS, Live, Position, live_window, position_at
from producer.simulator.live_command import LiveOptions
from producer.simulator.rhythm import DAY_MS, HOUR_MS
from producer.simulator.simulate import simulate
from producer.simulator.timetable import Timetable

START = datetime(2026, 11, 2, tzinfo=UTC)
MIDNIGHT = int(START.timestamp() * 1000)
RATE = 0.1


class Kept:
    """A destination that keeps what it is given, with the moment it was."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.values: list[bytes] = []
        self.moments: list[int] = []

    def publish_many(self, topic: str, keys: Sequence[bytes], values: Sequence[bytes]) -> None:
        self.values += values
        self.moments += [self.clock.now] * len(values)

    def flush(self) -> None:
        pass


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def options(path: Path, **given: object) -> LiveOptions:
    return LiveOptions(RATE, path, None, {"seed": 7, "days": 2, **given})


def run(path: Path, since: int, until: int, step: int = HOUR_MS // 2) -> Kept:
    """What a run sends from one moment to the other."""
    clock = Clock(since)
    kept, position = Kept(clock), position_at(path, options(path).configured, since)
    with Timetable(options(path).configured(START), position.reached_ms) as timetable:
        live = Live(timetable, position, kept, Ledger(), clock)
        for now in range(since, until + 1, step):
            clock.now = now
            live.tick()
    return kept


@pytest.fixture(scope="module")
def three_days(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return run(tmp_path_factory.mktemp("live") / "live.json", MIDNIGHT, MIDNIGHT + 3 * DAY_MS)


def test_the_mean_is_the_rate_and_the_day_has_its_rhythm(three_days: Kept) -> None:
    assert len(three_days.values) / (3 * DAY_MS / 1000) == pytest.approx(RATE, rel=0.2)
    hours = np.bincount((np.array(three_days.moments) - MIDNIGHT) % DAY_MS // HOUR_MS)
    assert hours.max() > 1.3 * hours.mean()


def test_events_are_those_of_the_simulation_in_the_order_they_are_due(three_days: Kept) -> None:
    config = options(Path()).configured(START)
    expected = {value for batch in simulate(config) for value in batch.values}
    early = [
        value
        for value, moment in zip(three_days.values, three_days.moments, strict=True)
        if moment < MIDNIGHT + 2 * DAY_MS
    ]
    assert len(early) > 1_000
    assert expected >= set(early)
    late = set(three_days.values) - expected  # of the window after
    assert len(late) > 1_000


def test_a_run_goes_on_where_the_one_before_was_stopped(three_days: Kept, tmp_path: Path) -> None:
    path, middle = tmp_path / "live.json", MIDNIGHT + DAY_MS + 7 * HOUR_MS
    first = run(path, MIDNIGHT, middle)
    second = run(path, middle + 5 * HOUR_MS, MIDNIGHT + 3 * DAY_MS)
    assert sorted(first.values + second.values) == sorted(three_days.values)


def test_a_run_begins_now_and_not_with_the_day(three_days: Kept, tmp_path: Path) -> None:
    noon = MIDNIGHT + 12 * HOUR_MS
    kept = run(tmp_path / "live.json", noon, noon + 2 * HOUR_MS)
    moments = np.array(three_days.moments)
    assert len(kept.values) == np.sum((moments > noon) & (moments <= noon + 2 * HOUR_MS))


def test_a_clock_set_back_sends_nothing_twice(tmp_path: Path) -> None:
    clock = Clock(MIDNIGHT + HOUR_MS)
    kept, position = Kept(clock), Position(tmp_path / "p", "", "2026-11-02", MIDNIGHT)
    with Timetable(options(tmp_path).configured(START), MIDNIGHT) as timetable:
        live = Live(timetable, position, kept, Ledger(), clock)
        assert live.tick() > 0
        clock.now -= HOUR_MS // 2
        assert live.tick() == 0
        assert clock.now < timetable.next_ms()


class Third:
    """Time to stop after the third tick."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.clock.now += int(seconds * 1_000)
        return len(self.waits) == 3


def test_it_wakes_up_for_the_next_event_and_stops_when_asked_to(tmp_path: Path) -> None:
    clock, told = Clock(MIDNIGHT + HOUR_MS), list[int]()
    position, stop, ledger = Position(tmp_path / "p", "", "2026-11-02", MIDNIGHT), Third(clock), Ledger()
    with Timetable(options(tmp_path).configured(START), MIDNIGHT) as timetable:
        Live(timetable, position, Kept(clock), ledger, clock).run(stop, told.append)
    assert len(told) == len(stop.waits) == 3
    assert told[1] > 0
    assert min(stop.waits) >= TICK_MS / 1_000
    assert sum(told) == sum(topic["produced"] for topic in ledger.totals().values())


def test_a_position_belongs_to_one_simulation(tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    position_at(path, options(path).configured, MIDNIGHT).move(MIDNIGHT + 5)
    assert position_at(path, options(path).configured, MIDNIGHT + DAY_MS).reached_ms == MIDNIGHT + 5
    with pytest.raises(BackbeatError, match="another simulation stands"):
        position_at(path, options(path, seed=8).configured, MIDNIGHT)
    path.write_text("{}")
    with pytest.raises(BackbeatError, match="is not where a live simulation stands"):
        position_at(path, options(path).configured, MIDNIGHT)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--rate", "0"), "--rate 0: must lie between"),
        (("--rate", "5000"), "--rate 5000: must lie between"),
        (("--rate", "5", "--events", "10"), "--events: does not go with --rate"),
        (("--rate", "5", "--to", "bulk"), "--rate 5: not with --to bulk"),
    ],
)
def test_an_option_that_does_not_fit_is_named(arguments: Sequence[str], message: str, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command("simulate")(simulate_command)
    error = CliRunner().invoke(app, [*arguments, "--position", str(tmp_path / "p")]).exception
    assert isinstance(error, BackbeatError)
    assert str(error).startswith(message)


def test_a_window_has_the_rate_it_is_asked_for() -> None:
    window = live_window(2.0, START, 30)
    assert window["events"] == 2 * 86_400 * 30
    assert window["end"] == datetime(2026, 12, 2, tzinfo=UTC)
