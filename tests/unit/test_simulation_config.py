"""Configuration: what fits is taken, what does not is told by its key."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.errors import BackbeatError
from producer.simulator.config import DEFAULTS, SimulationConfig, load_config

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
        ("tracks: 50", "artists (1600) must not be more than tracks (50)"),
        ("listening:\n  skipped_within_30s: 0.2", "listening: skipped_within_5s <= skipped_within_10s <= "),
        ("listening:\n  patience: 1", "listening.patience: Extra inputs are not permitted"),
        ("listening:\n  contexts: {vinyl: 1}", "listening: contexts: vinyl does not fit"),
        ("habits:\n  repeats: {vinyl: 1}", "habits: repeats: vinyl does not fit"),
        ("listening:\n  gap_ms: [9, 9]", "listening.gap_ms: 9 must be below 9"),
        ("devices:\n  shares: 3", "devices.shares: Input should be a valid dictionary"),
        ("population:\n  levels: {gold: 1}", "population: levels: gold is none of guest, free, paid"),
        ("population:\n  levels: {guest: 0, free: 0, paid: 0}", "population.levels: at least one weight"),
        ("experiment:\n  arms: {third: 1}", "experiment: third must stand under arms and under upgrade_lift"),
        ("pages:\n  next: {trial: {home: {home: 1}}}", "pages: next: trial does not fit"),
        ("pages:\n  next: {free: {help: {attic: 1}}}", "pages: next.free.help: attic has no row of its own"),
        ("podcast:\n  curve_heard: [0, 1]", "podcast: a curve needs as many values as shares"),
        ("lengths:\n  seconds: [9, 8]", "lengths.seconds.0: Input should be greater than 30"),
        ("places:\n  US: {zones: {Mars/Olympus: 1}}", "places.US: Mars/Olympus is no time zone"),
        ("places:\n  Atlantis: {share: 1, region: sea, zones: {UTC: 1}}", "places.Atlantis.[key]: "),
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
    assert 1_500 <= SimulationConfig(end=END).listeners <= 4_000


def test_a_file_overrules_table_within_table(tmp_path: Path) -> None:
    path = tmp_path / "simulation.yaml"
    path.write_text("pages:\n  next:\n    free:\n      home: {advert: 90}\nplaces:\n  US: {share: 1}\n")
    config, usual = load_config(path, default_end=END), SimulationConfig(end=END)
    home, usual_home = config.pages.next["free"]["home"], usual.pages.next["free"]["home"]
    assert home == usual_home | {"advert": 90.0}
    assert config.pages.next["paid"] == usual.pages.next["paid"]
    assert config.places["US"].share == 1
    assert config.places["US"].zones == usual.places["US"].zones
    assert config.digest != usual.digest


def test_every_value_names_its_source() -> None:
    lines = DEFAULTS.read_text("utf-8").splitlines()
    values = [line for line in lines if re.search(r"^ *\"?[\w-]+\"?: *[^ #&]", line)]
    assert len(values) > 150
    source = re.compile(r"# (published|measured|fitted|assumed|chosen)\b")
    assert [line for line in values if not source.search(line)] == []


def test_code_holds_no_probability() -> None:
    found = []
    for path in sorted(DEFAULTS.parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            bare = isinstance(node, ast.Constant) and isinstance(node.value, float)
            if bare and 1e-6 < node.value < 1:  # type: ignore[attr-defined]
                found.append(f"{path.name}:{node.lineno}")  # type: ignore[attr-defined]
    assert found == []
