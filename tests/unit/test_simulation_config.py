"""Configuration: what fits is taken, what does not is told by its key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.errors import BackbeatError
from producer.simulator.config import SimulationConfig, load_config

END = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_file_gives_values_and_options_overrule_it(tmp_path: Path) -> None:
    path = tmp_path / "simulation.yaml"
    path.write_text("events: 5000\nend: 2026-10-01\nseed: 3\ndefects:\n  late: 0.01\n")
    config = load_config(path, default_end=END, seed=4, days=None)
    assert (config.events, config.seed, config.days) == (5_000, 4, 90)
    assert config.end == datetime(2026, 10, 1, tzinfo=UTC)
    assert config.defects.late == 0.01
    assert config.defects.duplicate == SimulationConfig(end=END).defects.duplicate


def test_the_default_end_is_the_callers() -> None:
    assert load_config(default_end=END).end == END


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("events: many", "events: Input should be a valid integer"),
        ("evens: 3", "evens: Extra inputs are not permitted"),
        ("days: 0", "days: "),
        ("defects:\n  late: 2", "defects.late: "),
        ("defects:\n  late: 0.6", "defects: the rates add up to"),
        ("end: 2026-10-01T12:00:00Z", "end: 2026-10-01T12:00:00+00:00 is not a midnight (UTC)"),
        ("users: 2", "users (2) are too few for 1000000 events in 90 days"),
        ("tracks: 50", "artists (600) must not be more than tracks (50)"),
        ("skipped_within_30s: 0.2", "skipped_within_5s <= skipped_within_30s"),
        ("- events", "must hold `name: value` lines"),
        ("events: [", "cannot be read as YAML"),
    ],
)
def test_an_error_names_the_file_and_the_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "simulation.yaml"
    path.write_text(text)
    with pytest.raises(BackbeatError) as caught:
        load_config(path, default_end=END)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackbeatError, match=r"nowhere\.yaml: cannot be read"):
        load_config(tmp_path / "nowhere.yaml")


def test_a_million_events_in_a_quarter_are_some_thousands_of_people() -> None:
    assert 2_500 <= SimulationConfig(end=END).listeners <= 4_000
