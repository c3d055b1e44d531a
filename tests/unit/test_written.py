"""A written catalogue: what a file must hold, and what a simulation makes of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contracts.errors import BackbeatError
from producer.simulator.catalogue import build_catalogue
from producer.simulator.config import SimulationConfig, load_config
from producer.simulator.written import WrittenCatalogue, read_written
from tests.model_server import artist

END = datetime(2026, 11, 1, tzinfo=UTC)
SIZE: dict[str, Any] = {"artists": 40, "tracks": 200, "events": 2_000, "days": 3}


def kept(path: Path, *artists: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"version": 1, "model": "stub", "artists": artists}))
    return path


def simulated(path: Path | None, **changes: Any) -> SimulationConfig:
    return load_config(None, default_end=END, catalogue=path, **SIZE | changes)


def test_a_simulation_takes_its_names_from_the_file_and_fills_up(tmp_path: Path) -> None:
    path = kept(tmp_path / "a.json", *(artist(f"Written {number}", 3) for number in range(10)))
    tags = build_catalogue(simulated(path)).tags
    default = build_catalogue(simulated(None)).tags
    found = tags.unique("artist_id", maintain_order=True)["artist_name"].to_list()
    assert found[:10] == [f"Written {number}" for number in range(10)]
    assert found[10:] == default.unique("artist_id", maintain_order=True)["artist_name"].to_list()[10:]
    for number in range(10):
        titles = tags.filter(tags["artist_id"] == f"art-{number:05d}")["track_title"].to_list()
        assert titles[:3] == [f"Written {number} {place}" for place in range(min(3, len(titles)))]
    assert tags["track_title"].n_unique() == len(tags)
    assert tags["isrc"].to_list() == default["isrc"].to_list()


def test_no_default_name_repeats_a_written_one(tmp_path: Path) -> None:
    last = build_catalogue(simulated(None)).tags["artist_name"][-1]
    path = kept(tmp_path / "a.json", artist(last.upper()))
    found = build_catalogue(simulated(path)).tags["artist_name"].unique().to_list()
    assert {last.upper(), f"{last} II"} <= set(found)
    assert last not in found


def test_artists_of_a_genre_gather_and_a_mood_leans_them(tmp_path: Path) -> None:
    labels = [("jazz", "calm")] * 10 + [("jazz", "dark")] * 10 + [("metal", "dark")] * 10
    written = [artist(f"A{number}", 1, genre, mood) for number, (genre, mood) in enumerate(labels)]
    catalogue = build_catalogue(simulated(kept(tmp_path / "a.json", *written)))
    who = catalogue.tags["artist_id"].str.slice(4).cast(int).to_numpy()
    middle = [catalogue.vectors[(who >= low) & (who < low + 10)].mean(0) for low in (0, 10, 20)]
    calm, dark, metal = (vector / np.linalg.norm(vector) for vector in middle)
    assert calm @ dark > 0.8
    assert calm @ metal < dark @ calm - 0.2
    assert calm @ dark < 0.999


def test_the_same_file_gives_the_same_simulation_wherever_it_lies(tmp_path: Path) -> None:
    first = simulated(kept(tmp_path / "a.json", artist("Lantern")))
    assert first == simulated(kept(tmp_path / "b.json", artist("Lantern")))
    assert first.digest == simulated(tmp_path / "b.json").digest
    assert first.digest != simulated(kept(tmp_path / "c.json", artist("Harbour"))).digest
    assert first.digest != simulated(None).digest


def test_a_configuration_names_the_file_too(tmp_path: Path) -> None:
    path = kept(tmp_path / "a.json", artist("Lantern"))
    (tmp_path / "s.yaml").write_text(f"catalogue: {path}\nend: 2026-11-01\n")
    written = load_config(tmp_path / "s.yaml").catalogue
    assert isinstance(written, WrittenCatalogue)
    assert [known.name for known in written.artists] == ["Lantern"]


def test_names_are_tidied(tmp_path: Path) -> None:
    path = kept(tmp_path / "a.json", artist("  Cafe\u0301\n Lantern ", genre=" Hip  Hop"))
    (found,) = read_written(path).artists
    assert (found.name, found.genre) == ("Café Lantern", "hip hop")
    assert WrittenCatalogue.model_validate_json(read_written(path).as_json()) == read_written(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the whole of it: Invalid JSON"),
        ("[]", "the whole of it: Input should be an object"),
        ('{"artists": [], "version": 2}', "version: "),
        ('{"artists": [{"name": "A"}]}', r"artists\.0\.genre: Field required"),
        ('{"artists": [{"name": "", "genre": "a", "mood": "b", "tracks": ["c"]}]}', r"artists\.0\.name: "),
        ('{"artists": [{"name": "a\\u0000", "genre": "a", "mood": "b", "tracks": ["c"]}]}', "printable text"),
        ('{"artists": [{"name": "a", "genre": "a", "mood": "b", "tracks": []}]}', r"artists\.0\.tracks: "),
        ('{"more": 1}', "more: "),
        (
            json.dumps({"artists": [artist("Lantern"), artist("LANTERN")]}),
            "artists: Value error, 'lantern' stands there 2 times",
        ),
    ],
)
def test_a_file_that_is_no_catalogue_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BackbeatError, match=words) as told:
        simulated(tmp_path / "a.json")
    assert str(told.value).startswith(f"{tmp_path / 'a.json'}: not a catalogue: ")
    assert "\n" not in str(told.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackbeatError, match=r"nowhere\.json: cannot be read: No such file"):
        simulated(tmp_path / "nowhere.json")
