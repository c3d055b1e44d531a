"""What liking one recording says for another: against the plain formulas, and of little or nothing."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.python_model import load

MODEL = load("conformed/silver_learned_influences.py")
TRACKS = [f"t{number}" for number in range(12)]


def liking() -> np.ndarray:
    """Sixty users of two kinds: the first six tracks are for the one, the others for the other."""
    rng = np.random.default_rng(3)
    likes = rng.random((60, 12)) < np.where((np.arange(60)[:, None] % 2) == (np.arange(12) // 6), 0.7, 0.1)
    return np.where(likes, rng.integers(500, 1500, (60, 12)), 0)


def tastes(affinity: np.ndarray) -> pa.Table:
    user, track = np.nonzero(affinity)
    return pa.table(
        {
            "user_id": pa.array([f"u{number:02d}" for number in user], pa.string()),
            "track_key": pa.array([TRACKS[number] for number in track], pa.string()),
            "affinity": affinity[user, track],
        }
    )


def all_neighbours() -> pa.Table:
    pairs = [(one, other) for one in TRACKS for other in TRACKS if one != other]
    return pa.table(
        {
            "track_key": [one for one, _ in pairs],
            "similar_track_key": [other for _, other in pairs],
            "rank": [place % 11 + 1 for place in range(len(pairs))],
        }
    )


def matrix(found: pd.DataFrame) -> np.ndarray:
    """(influencing, influenced)."""
    whole = found.pivot_table(index="influencing_track_key", columns="track_key", values="influence")
    return whole.reindex(index=TRACKS, columns=TRACKS).fillna(0).to_numpy()


def test_with_all_as_neighbours_it_is_ease() -> None:
    affinity = liking()
    found = MODEL.learn(
        tastes(affinity), all_neighbours(), ridge=5, co_listening=0, factors=0, factor_share=0, kept=5
    )
    liked = affinity / 1000
    inverse = np.linalg.inv(liked.T @ liked + 5 * np.eye(12))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(matrix(found), expected, atol=1e-5)


def test_factors_speak_for_tracks_of_the_same_kind() -> None:
    nobody = all_neighbours().slice(0, 0)
    found = MODEL.learn(tastes(liking()), nobody, ridge=5, co_listening=0, factors=2, factor_share=1, kept=3)
    told = matrix(found)
    assert np.diag(told).tolist() == [0] * 12
    assert (told > 0).sum(axis=1).tolist() == [3] * 12
    assert told[:6, 6:].sum() + told[6:, :6].sum() == 0


def test_the_order_of_rows_is_of_no_matter() -> None:
    settings = {"ridge": 5, "co_listening": 0.3, "factors": 4, "factor_share": 1.5, "kept": 4}
    rows, neighbours = tastes(liking()), all_neighbours()
    whole = MODEL.learn(rows, neighbours, **settings)
    rng = np.random.default_rng(1)
    mixed = (table.take(rng.permutation(table.num_rows)) for table in (rows, neighbours))
    shuffled = MODEL.learn(*mixed, **settings)
    pd.testing.assert_frame_equal(whole, shuffled)


@pytest.mark.parametrize("users", [0, 1])
def test_of_nobody_and_of_one_user_little_or_nothing_is_learned(users: int) -> None:
    rows = tastes(liking()[:users] if users else np.zeros((1, 12), int))
    found = MODEL.learn(
        rows, all_neighbours().slice(0, 0), ridge=5, co_listening=0.3, factors=40, factor_share=1.5, kept=5
    )
    assert list(found) == ["influence_key", "influencing_track_key", "track_key", "influence"]
    assert len(found) == 0 or users == 1
    types = duckdb.sql("select * from found").types
    assert types == ["VARCHAR", "VARCHAR", "VARCHAR", "DOUBLE"], "whatever reads it names texts"
