"""Search and closeups: every word is found, what begins with it first, and the figures are the facts'."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from streamlit_app.links import plain
from streamlit_app.queries import catalogue, reach
from streamlit_app.snapshot import Snapshot
from tests.snapshot_builder import build_snapshot


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return Snapshot(build_snapshot(tmp_path_factory.mktemp("catalogue")))


@pytest.mark.parametrize("asked", ["river", "RIVER", "river velvet", "slow ri", "foxes", "ver tides"])
def test_every_hit_has_every_word_and_every_track_that_has_is_a_hit(snapshot: Snapshot, asked: str) -> None:
    tracks = snapshot.frame(
        "select track_key, lower(track_title || ' ' || artist_name) as text from gold.dim_tracks"
    )
    having = {key for key, text in tracks.rows() if all(word in text for word in asked.lower().split())}
    assert set(catalogue.search(snapshot, "track", asked, many=500)["key"]) == having != set()


def test_what_begins_with_it_comes_before_what_has_it_and_then_what_is_played_more(
    snapshot: Snapshot,
) -> None:
    hits = catalogue.search(snapshot, "track", "fever")
    assert hits["title"][0].startswith("Fever")
    begin = hits.filter(pl.col("title").str.starts_with("Fever"))
    assert begin["plays"].is_sorted(descending=True)
    assert hits.head(begin.height).equals(begin)


@pytest.mark.parametrize(
    ("kind", "asked"), [("artist", "golden"), ("episode", "night desk"), ("user", "sim-00001")]
)
def test_each_kind_has_hits_with_their_plays(snapshot: Snapshot, kind: str, asked: str) -> None:
    hits = catalogue.search(snapshot, kind, asked)
    assert hits.height > 1
    assert hits["plays"].sum() > 0
    assert hits["key"].n_unique() == hits.height


@pytest.mark.parametrize("asked", ["'; drop table gold.fct_plays; --", "%", "_", "zzzz", "\\"])
def test_what_nobody_is_called_is_not_found(snapshot: Snapshot, asked: str) -> None:
    for kind in catalogue.KINDS:
        if (kind, asked) != ("user", "_"):
            assert catalogue.search(snapshot, kind, asked).is_empty()


def test_without_a_word_there_is_something_to_look_at(snapshot: Snapshot) -> None:
    assert catalogue.search(snapshot, "track", "  ").height == catalogue.MOST


def test_a_closeup_says_what_the_facts_say(snapshot: Snapshot) -> None:
    plays = snapshot.frame("select track_key, artist_key, user_id, is_skipped, ms_played from gold.fct_plays")
    for kind, look in (("track", catalogue.track), ("artist", catalogue.artist)):
        key = catalogue.search(snapshot, kind, "")["key"][0]
        told: Any = look(snapshot, key)
        own = plays.filter(pl.col(f"{kind}_key") == key)
        assert (told["plays"], told["listeners"]) == (own.height, own["user_id"].n_unique())
        assert told["ms_played"] == own["ms_played"].sum()
        assert catalogue.daily(snapshot, kind, key)["plays"].sum() == own.height
        assert reach.countries(snapshot, kind, key, many=100)["plays"].sum() == own.height
        assert look(snapshot, "nothing") == {}
    assert catalogue.daily(snapshot, "track", "nothing").is_empty()
    episode = catalogue.search(snapshot, "episode", "")["key"][0]
    told = catalogue.episode(snapshot, episode)
    assert told["plays"] == catalogue.daily(snapshot, "episode", episode)["plays"].sum()


def test_an_artists_tracks_add_up_to_the_artist(snapshot: Snapshot) -> None:
    key = catalogue.search(snapshot, "artist", "")["key"][0]
    told: Any = catalogue.artist(snapshot, key)
    tracks = catalogue.tracks_of(snapshot, key)
    assert (tracks.height, tracks["plays"].sum()) == (told["tracks"], told["plays"])


def test_a_title_is_shown_as_it_is() -> None:
    assert plain("*NSYNC [live] $5 `x` a_b") == r"\*NSYNC \[live\] \$5 \`x\` a\_b"
