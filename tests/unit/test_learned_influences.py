"""What liking one recording says for another: against the plain formulas, and of little or nothing."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

MODEL = Path(__file__).parents[2] / "models/silver/conformed/silver_learned_influences.py"
TRACKS = [f"t{number}" for number in range(12)]


@pytest.fixture(scope="module")
def learned() -> ModuleType:
    spec = spec_from_file_location("silver_learned_influences", MODEL)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def liking() -> np.ndarray:
    """Sixty users of two kinds: the first six tracks are for the one, the others for the other."""
    rng = np.random.default_rng(3)
    likes = rng.random((60, 12)) < np.where((np.arange(60)[:, None] % 2) == (np.arange(12) // 6), 0.7, 0.1)
    return np.where(likes, rng.integers(500, 1500, (60, 12)), 0)


def tastes(affinity: np.ndarray) -> pd.DataFrame:
    user, track = np.nonzero(affinity)
    names = [f"u{number:02d}" for number in user], [TRACKS[number] for number in track]
    return pd.DataFrame({"user_id": names[0], "track_key": names[1], "affinity": affinity[user, track]})


def all_neighbours() -> pd.DataFrame:
    pairs = [(one, other) for one in TRACKS for other in TRACKS if one != other]
    return pd.DataFrame(pairs, columns=["track_key", "similar_track_key"]).assign(
        rank=[place % 11 + 1 for place in range(len(pairs))]
    )


def matrix(found: pd.DataFrame) -> np.ndarray:
    """(influencing, influenced)."""
    whole = found.pivot_table(index="influencing_track_key", columns="track_key", values="influence")
    return whole.reindex(index=TRACKS, columns=TRACKS).fillna(0).to_numpy()


def test_with_all_as_neighbours_it_is_ease(learned: ModuleType) -> None:
    affinity = liking()
    found = learned.learn(
        tastes(affinity), all_neighbours(), ridge=5, co_listening=0, factors=0, factor_share=0, kept=5
    )
    liked = affinity / 1000
    inverse = np.linalg.inv(liked.T @ liked + 5 * np.eye(12))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(matrix(found), expected, atol=1e-5)


def test_factors_speak_for_tracks_of_the_same_kind(learned: ModuleType) -> None:
    nobody = all_neighbours().head(0)
    found = learned.learn(
        tastes(liking()), nobody, ridge=5, co_listening=0, factors=2, factor_share=1, kept=3
    )
    told = matrix(found)
    assert np.diag(told).tolist() == [0] * 12
    assert (told > 0).sum(axis=1).tolist() == [3] * 12
    assert told[:6, 6:].sum() + told[6:, :6].sum() == 0


def test_the_order_of_rows_is_of_no_matter(learned: ModuleType) -> None:
    settings = {"ridge": 5, "co_listening": 0.3, "factors": 4, "factor_share": 1.5, "kept": 4}
    rows, neighbours = tastes(liking()), all_neighbours()
    whole = learned.learn(rows, neighbours, **settings)
    shuffled = learned.learn(
        rows.sample(frac=1, random_state=1), neighbours.sample(frac=1, random_state=2), **settings
    )
    pd.testing.assert_frame_equal(whole, shuffled)


@pytest.mark.parametrize("users", [0, 1])
def test_of_nobody_and_of_one_user_little_or_nothing_is_learned(learned: ModuleType, users: int) -> None:
    rows = tastes(liking()[:users] if users else np.zeros((1, 12), int))
    found = learned.learn(
        rows, all_neighbours().head(0), ridge=5, co_listening=0.3, factors=40, factor_share=1.5, kept=5
    )
    assert list(found) == ["influence_key", "influencing_track_key", "track_key", "influence"]
    assert len(found) == 0 or users == 1
