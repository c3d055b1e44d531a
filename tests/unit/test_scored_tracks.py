"""A user's first recordings, from what speaks for them: against the plain sum, and of little or nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.python_model import load

MODEL = load("conformed/silver_scored_tracks.py")
USERS, SOURCES, TRACKS = 700, 30, 90


def some(rng: np.random.Generator, rows: int, columns: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Some of all pairs, in no order."""
    row, column = np.nonzero(rng.random((rows, columns)) < share)
    shuffled = rng.permutation(len(row))
    return row[shuffled], column[shuffled]


def tables(rng: np.random.Generator) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Sources of users, what they say for recordings of six an artist, and what nobody is to be told of."""
    user, source = some(rng, USERS, SOURCES, 0.3)
    told, track = some(rng, SOURCES, TRACKS, 0.4)
    refused, unwanted = some(rng, USERS + 5, TRACKS + 5, 0.1)
    sources = {
        "user_id": [f"u{n:04}" for n in user],
        "source_key": [f"s{n:02}" for n in source],
        "weight": rng.integers(1, 6, len(user)),
    }
    tracks = {
        "source_key": [f"s{n:02}" for n in told],
        "track_key": [f"t{n:02}" for n in track],
        "artist_key": [f"a{n % 15:02}" for n in track],
        "strength": rng.integers(-2, 6, len(told)),
        "is_new": track > TRACKS * 0.8,
    }
    refusals = {
        "user_id": [f"u{n:04}" for n in refused],
        "track_key": [f"t{n:02}" for n in unwanted],
    }
    return pa.table(sources), pa.table(tracks), pa.table(refusals)


def plainly(
    sources: pa.Table, told: pa.Table, unwanted: pa.Table, per_user: int, per_artist: int
) -> pd.DataFrame:
    """The same by joins and sorts."""
    parts = sources.to_pandas().merge(told.to_pandas(), on="source_key")
    parts["points"] = parts["weight"] * parts["strength"]
    keys = ["user_id", "track_key"]
    parts = parts.sort_values([*keys, "points", "source_key"], ascending=[True, True, False, True])
    whole = parts.groupby(keys, as_index=False).agg(
        artist_key=("artist_key", "first"),
        source_key=("source_key", "first"),
        points=("points", "sum"),
        is_new=("is_new", "max"),
    )
    whole = whole.merge(unwanted.to_pandas(), on=keys, how="left", indicator=True)
    whole = whole[(whole["points"] > 0) & (whole["_merge"] == "left_only")]
    whole = whole.sort_values(["user_id", "points", "track_key"], ascending=[True, False, True])
    whole = whole[whole.groupby(["user_id", "artist_key"]).cumcount() < per_artist]
    whole["candidate_rank"] = whole.groupby("user_id").cumcount() + 1
    late = whole["is_new"] & (whole["candidate_rank"] <= 10 * per_user)
    return whole[(whole["candidate_rank"] <= per_user) | late]


@pytest.mark.parametrize(("per_user", "per_artist"), [(1, 1), (2, 2), (8, 2), (200, 1_000)])
def test_it_is_the_plain_sum_ranked(per_user: int, per_artist: int) -> None:
    given = tables(np.random.default_rng(5))
    found = MODEL.score(*given, per_user=per_user, per_artist=per_artist)
    expected = plainly(*given, per_user, per_artist)
    columns = ["user_id", "track_key", "source_key", "points", "candidate_rank"]
    assert len(expected) > USERS * 0.9
    assert found[columns].to_numpy().tolist() == expected[columns].to_numpy().tolist()
    assert (found["scored_key"] == found["user_id"] + "|" + found["track_key"]).all()


@pytest.mark.parametrize("empty", [0, 1, 2])
def test_of_nothing_comes_nothing(empty: int) -> None:
    given = list(tables(np.random.default_rng(5)))
    given[empty] = given[empty].slice(0, 0)
    found = MODEL.score(*given, per_user=3, per_artist=2)
    assert (len(found) > 0) == (empty == 2)
    kinds = {name: kind.kind for name, kind in found.dtypes.items()}
    assert (kinds["points"], kinds["candidate_rank"], str(found["user_id"].dtype)) == ("i", "i", "string")
