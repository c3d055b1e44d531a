"""What a list of picks becomes when one of them is skipped."""

from __future__ import annotations

import polars as pl
import pytest

from streamlit_app.skipping import LOWERED, skipped, told

_SCHEMA = ("rank", "track_key", "artist_name", "because_track_key", "because_track_title", "reason")


@pytest.fixture
def picks() -> pl.DataFrame:
    """Eight picks: the first and third of one artist, the first and second because of one track."""
    rows = [
        (1, "a", "Ann", "t", "Tune", "Because you listen to Tune"),
        (2, "b", "Bob", "t", "Tune", "Because you listen to Tune"),
        (3, "c", "Ann", "s", "Song", "Because you listen to Song"),
        *(
            (place, f"x{place}", f"Artist {place}", None, None, "Popular in Germany")
            for place in range(4, 10)
        ),
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def test_the_skipped_goes_its_artist_falls_its_track_is_no_reason(picks: pl.DataFrame) -> None:
    after = skipped(picks, "a")
    assert after["track_key"].to_list() == ["b", "x4", "x5", "x6", "x7", "x8", "c", "x9"]
    assert after["rank"].to_list() == list(range(1, 9))
    fallen = after.row(by_predicate=pl.col("track_key") == "c", named=True)
    assert fallen["before"] + LOWERED == fallen["rank"] + 1  # the one that went left its place
    assert after["reason"][0] == "No longer because of Tune"
    assert fallen["reason"] == "Because you listen to Song"


def test_a_popular_one_skipped_takes_no_reason_from_others(picks: pl.DataFrame) -> None:
    after = skipped(picks, "x4")
    assert after["reason"].to_list() == [*picks["reason"][:3], *picks["reason"][4:]]
    assert after["track_key"].to_list() == [key for key in picks["track_key"] if key != "x4"]


@pytest.mark.parametrize("track_key", ["none of them", "a"])
def test_it_holds_of_little(picks: pl.DataFrame, track_key: str) -> None:
    assert skipped(picks.clear(), track_key).is_empty()
    assert skipped(picks.head(1), track_key).height == (track_key != "a")


def test_nothing_changes_but_for_a_pick(picks: pl.DataFrame) -> None:
    assert skipped(picks, "none of them").drop("before").equals(picks)


def test_a_move_is_told_before_the_reason(picks: pl.DataFrame) -> None:
    reasons = told(skipped(picks, "a"))["reason"].to_list()
    assert reasons[0] == "No longer because of Tune"
    assert reasons[1] == "▲ 2 · Popular in Germany"
    assert reasons[6] == "▼ 4 · Because you listen to Song"
