"""An evaluation's measures held against their definitions, its splits, and the models it compares."""

from __future__ import annotations

from io import StringIO
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from benchmarks import recommendation_report
from contracts.errors import BackbeatError
from serving.evaluation.arrays import Counts, Ints, counts_of, weighed
from serving.evaluation.bootstrap import interval, means
from serving.evaluation.ease import Ease, by_items, by_users
from serving.evaluation.factors import LeastSquares, PersonalisedRanking
from serving.evaluation.holdout import hold_out, parted
from serving.evaluation.interactions import Interactions, read_folder
from serving.evaluation.measures import CUTS, MEASURES, gini, of_lists, per_user
from serving.evaluation.neighbours import Neighbours
from serving.evaluation.popularity import Popularity
from serving.evaluation.ranker import Learner, Setting
from serving.evaluation.ranking import NOTHING, allowed, top
from serving.evaluation.split import Split
from serving.evaluation.table import bar, rendered
from serving.evaluation.taste import TrueTaste
from serving.evaluation.tuned import Tuned

ITEMS = 30


def matrix(rows: list[set[int]], width: int = ITEMS) -> Counts:
    """(rows, width) with a 1 for each item of a row."""
    users = np.array([row for row, items in enumerate(rows) for _ in items], np.int64)
    items = np.array([item for row in rows for item in sorted(row)], np.int64)
    return counts_of(users, items, np.ones(len(items)), (len(rows), width))


lists = st.lists(st.integers(NOTHING, ITEMS - 1), min_size=20, max_size=20).map(
    lambda items: [item if item not in items[:place] else NOTHING for place, item in enumerate(items)]
)
wanted = st.sets(st.integers(0, ITEMS - 1), min_size=1)


def by_definition(ranked: list[int], truth: set[int], k: int) -> tuple[float, float, float]:
    """NDCG, recall and average precision, place by place."""
    gained = precise = found = 0.0
    for place, item in enumerate(ranked[:k], 1):
        if item in truth:
            found += 1
            gained += 1 / log2(place + 1)
            precise += found / place
    best = min(k, len(truth))
    return (
        gained / sum(1 / log2(place + 1) for place in range(1, best + 1)),
        found / len(truth),
        precise / best,
    )


@settings(max_examples=40)
@given(st.lists(st.tuples(lists, wanted), min_size=1, max_size=5))
def test_measures_are_what_they_are_defined_as(cases: list[tuple[list[int], set[int]]]) -> None:
    ranked = np.array([items for items, _ in cases], np.int64)
    found = per_user(ranked, matrix([truth for _, truth in cases]))
    for row, (items, truth) in zip(found, cases, strict=True):
        expected = [value for k in CUTS for value in by_definition(items, truth, k)]
        assert row == pytest.approx(expected)
    assert MEASURES == ("ndcg@10", "recall@10", "map@10", "ndcg@20", "recall@20", "map@20")


@settings(max_examples=40)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=20))
def test_gini_is_half_the_mean_difference_over_the_mean(amounts: list[int]) -> None:
    values = np.array(amounts, np.float64)
    apart = np.abs(values[:, None] - values).mean()
    assert gini(values) == pytest.approx(apart / 2 / values.mean() if values.any() else 0.0)


def test_lists_are_measured_over_the_whole_catalogue() -> None:
    ranked = np.array([[0, 1], [0, NOTHING]], np.int64)
    found = of_lists(ranked, np.array([4.0, 1, 0, 0]), 4)
    assert found["coverage@20"] == 0.5
    assert found["novelty"] == pytest.approx((0 + 2 + 0) / 3)
    assert found["gini"] == pytest.approx(gini(np.array([2.0, 1, 0, 0])))


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.lists(st.integers(-2, 2), min_size=6, max_size=6), st.sets(st.integers(0, 5)))),
    st.integers(1, 9),
)
def test_the_first_are_those_of_a_sort_by_score_then_listeners_without_the_seen(
    cases: list[tuple[list[int], set[int]]], k: int
) -> None:
    if not cases:
        return
    scores = np.array([row for row, _ in cases], np.float32)
    split = split_of(matrix([seen for _, seen in cases], 6))
    ranked = top(lambda users: scores[users], split, np.arange(len(cases), dtype=np.int64), k)
    for row, (values, seen) in zip(ranked, cases, strict=True):
        order = sorted(set(range(6)) - seen, key=lambda item: (-values[item], -split.listeners[item], item))
        assert row.tolist() == (order + [NOTHING] * k)[:k]


def split_of(seen: Counts, truth: Counts | None = None, validation: Split | None = None) -> Split:
    users, items = seen.shape
    names = [[f"{kind}{place}" for place in range(n)] for kind, n in (("u", users), ("i", items))]
    found = matrix([set() for _ in range(users)], items) if truth is None else truth
    return Split(*names, seen, found, {}, {}, validation)


def test_what_was_seen_or_comes_twice_is_not_counted() -> None:
    ranked = np.array([[3, 1, 3, 2, NOTHING], [NOTHING, 0, 1, 0, 4]], np.int64)
    found = allowed(ranked, matrix([{1}, {4}], 5))
    assert found.tolist() == [[3, 2, NOTHING, NOTHING, NOTHING], [0, 1, NOTHING, NOTHING, NOTHING]]


def listening(users: int = 40, items: int = 60, seed: int = 1) -> Counts:
    """Two groups of users that listen to two halves of the items, the first of each half most."""
    rng = np.random.default_rng(seed)
    half = items // 2
    rows = [
        set((user % 2 * half + rng.geometric(0.12, 12).clip(1, half) - 1).tolist()) for user in range(users)
    ]
    found = matrix(rows, items)
    found.data = rng.geometric(0.02, found.nnz).astype(np.float64)
    return found


@settings(max_examples=40)
@given(st.integers(0, 100), st.floats(0.05, 0.5))
def test_a_share_of_each_users_items_is_held_out(seed: int, share: float) -> None:
    counts = listening()
    seen, truth = parted(counts, share, seed)
    assert (seen + truth != counts).nnz == 0
    assert seen.multiply(truth).nnz == 0
    sizes, held = np.diff(counts.indptr), np.diff(truth.indptr)
    assert held.tolist() == [max(1, round(share * n)) if n > 1 else 0 for n in sizes.tolist()]
    again, _ = parted(counts, share, seed)
    assert (again != seen).nnz == 0


def test_settings_are_chosen_without_a_look_at_what_is_held_out() -> None:
    counts = listening()
    users, items = counts.shape
    named = Interactions([str(n) for n in range(users)], [str(n) for n in range(items)], counts)
    split = hold_out(named, 7)
    inner = split.validation
    assert inner is not None
    assert (inner.seen + inner.truth != split.seen).nnz == 0
    assert inner.truth.multiply(split.truth).nnz == 0

    told: list[str] = []
    tuned = Tuned(Ease(told.append), told.append)
    ranked = tuned.fit_rank(split, split.judged, 10)
    assert tuned.chosen["tried"] == len(Ease.grid)
    assert told[0] == f"setting 1 of {len(Ease.grid)}"
    assert ranked.shape == (len(split.judged), 10)


@pytest.mark.parametrize("counts", ["raw", "log", "binary"])
def test_ease_is_the_same_from_either_inverse_and_from_its_definition(counts: str) -> None:
    seen, strength = weighed(listening(), counts), 3.0
    dense = seen.toarray()
    inverse = np.linalg.inv(dense.T @ dense + strength * np.eye(dense.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    everybody = np.arange(len(dense), dtype=np.int64)
    unseen = dense == 0
    for scorer in (by_items(seen, strength), by_users(seen, strength)):
        assert scorer(everybody)[unseen] == pytest.approx((dense @ weights)[unseen], rel=1e-4, abs=1e-5)


def test_ease_says_so_when_it_leaves_items_out() -> None:
    seen, told = listening(), list[str]()
    split = split_of(seen)
    ranked = top(Ease(told.append, limit=20).learn(split, Ease.grid[0]), split, split_users(split), 5)
    assert told == ["EASE: 60 items do not fit into memory: the 20 most heard do"]
    heard = set(np.argsort(-split.listeners, kind="stable")[:20].tolist())
    assert set(ranked.ravel().tolist()) <= heard


def split_users(split: Split) -> Ints:
    return np.arange(len(split.users), dtype=np.int64)


@pytest.mark.parametrize(
    ("learner", "setting"),
    [
        (Neighbours(), Neighbours.grid[-1]),
        (LeastSquares(7), {"counts": "binary", "factors": 4, "confidence": 5.0}),
        (PersonalisedRanking(7), {"factors": 8, "iterations": 300}),
        (Ease(lambda _: None), {"counts": "binary", "regularisation": 10.0}),
    ],
    ids=["bm25", "als", "bpr", "ease"],
)
def test_a_model_finds_what_the_users_group_hears_and_gives_the_new_what_is_popular(
    learner: Learner, setting: Setting
) -> None:
    counts = listening()
    new = counts_of(*counts.nonzero(), counts.data, (counts.shape[0] + 1, counts.shape[1]))
    seen, truth = parted(new, 0.2, 7)
    split = split_of(seen, truth)
    everybody = split_users(split)
    ranked = top(learner.learn(split, setting), split, everybody, 10)
    popular = top(Popularity().learn(split, {"counted": "listeners"}), split, everybody, 10)
    judged = split.judged

    def recall(found: Ints) -> float:
        return float(per_user(found[judged], truth[judged])[:, MEASURES.index("recall@10")].mean())

    assert recall(ranked) > recall(popular)
    assert ranked[-1].tolist() == popular[-1].tolist()


def test_popularity_counts_as_it_is_told() -> None:
    seen = counts_of(np.array([0, 1, 2, 2]), np.array([0, 0, 1, 2]), np.array([1.0, 1, 9, 5]), (4, 3))
    split = split_of(seen)
    split.popularity["plays"] = np.array([2.0, 9, 5])
    nobody = np.array([3], np.int64)
    orders = [
        top(Popularity().learn(split, {"counted": way}), split, nobody, 3) for way in ("listeners", "plays")
    ]
    assert [order.tolist() for order in orders] == [[[0, 1, 2]], [[1, 2, 0]]]


def test_an_interval_holds_the_mean_and_a_paired_one_is_narrower() -> None:
    rng = np.random.default_rng(3)
    one = rng.random((400, 1))
    other = one - 0.01 + 0.01 * rng.random((400, 1))
    drawn, beside = means(one, 7), means(other, 7)
    low, high = interval(drawn)
    assert low < one.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * one.std() / 20, rel=0.1)
    narrow = interval(drawn - beside)
    assert 0 < narrow[0] < (one - other).mean() < narrow[1] < 0.01


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "cannot read .*user_artists.dat .--data.: No such file"),
        ("", "no line says who listened"),
        ("user\tartist\tweight\r\n", "line 1: expected the columns userID, artistID, weight"),
        ("userID\tartistID\tweight\r\n1\t2\r\n", "line 2: expected user, artist and weight"),
        ("userID\tartistID\tweight\r\n1\t2\t3\r\n1\t3\tmany\r\n", "line 3: the weight 'many'"),
        ("userID\tartistID\tweight\r\n1\t2\t3\r\n1\t3\t4\r\n", "one user alone, 1"),
    ],
)
def test_a_folder_that_cannot_be_read_is_named_with_its_line(
    text: str | None, told: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "user_artists.dat").write_text(text, newline="")
    with pytest.raises(BackbeatError, match=told):
        read_folder(tmp_path)


def test_a_folder_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "user_artists.dat").write_text(
        "userID\tartistID\tweight\r\n2\t51\t13883\r\n2\t52\t1\r\n3\t51\t7\r\n", newline=""
    )
    found = read_folder(tmp_path)
    assert (found.users, found.items) == (["2", "3"], ["51", "52"])
    assert found.counts.toarray().tolist() == [[13883, 1], [7, 0]]


def test_a_bar_shows_the_interval_and_its_middle() -> None:
    assert bar(0.25, 0.5, 1.0, 1.0, 9) == "  ──●────"


def test_true_taste_is_measured_against_the_best_list_of_what_was_not_heard() -> None:
    rng = np.random.default_rng(2)
    tastes, vectors = rng.normal(size=(3, 2)), rng.normal(size=(15, 2))
    heard: list[set[int]] = [{0, 1, 2}, set(), {5}]
    ranked = np.array([rng.permutation(15)[:12], [4, 3] + [NOTHING] * 10, range(12)], np.int64)
    told = TrueTaste(tastes, vectors, np.array([True, True, False]))
    found = told(np.arange(3, dtype=np.int64), ranked, matrix(heard, 15))

    def gained(affinities: list[float]) -> float:
        return sum(max(affinity, 0) / log2(place + 1) for place, affinity in enumerate(affinities, 1))

    ndcg, mean = [], []
    for user in (0, 1):
        suits = (vectors @ tastes[user]).tolist()
        shown = [suits[item] if item != NOTHING else 0 for item in ranked[user, :10].tolist()]
        best = sorted((suits[item] for item in range(15) if item not in heard[user]), reverse=True)[:10]
        ndcg.append(gained(shown) / gained(best))
        mean.append(np.mean(shown))
    assert found["true_ndcg@10"] == pytest.approx(np.mean(ndcg))
    assert found["true_affinity@10"] == pytest.approx(np.mean(mean))


def three_models() -> dict[str, Any]:
    """A result without a protocol: ours between EASE and ALS."""
    names = ("ndcg@10", "recall@20", "map@20")
    ends = {
        f"{name}{end}": value for name in names for end, value in (("", 0.2), ("_low", 0.1), ("_high", 0.3))
    }
    models = {
        name: {**ends, "ndcg@10": goal, "coverage@20": 0.5, "novelty": 3.0, "gini": 0.9, "seconds": 2.4}
        for name, goal in (("ours", 0.2), ("als", 0.15), ("ease", 0.25))
    }
    settings = {"ours": {"dbt": "recommendations"}, "als": {"factors": 32, "tried": 12}}
    return {"models": models, "ours_minus": dict.fromkeys(("als", "ease"), ends), "settings": settings}


COMMON = {"held_out": 10, "judged_users": 5, "interactions": 1_000, "users": 6, "items": 7}


def test_the_table_has_the_best_first_with_its_interval_and_how_far_ours_is_ahead() -> None:
    written = StringIO()
    console = Console(width=80, file=written)
    console.print(rendered({**three_models(), "protocol": {"split": "hold-out", "share": 0.1, **COMMON}}))
    lines = written.getvalue().splitlines()
    pictured = [line.split() for line in lines if "●" in line]
    assert [line[0] for line in pictured] == ["ease", "ours", "als"]
    assert [line[-4:] for line in pictured][2] == ["+0.200,", "+0.100", "…", "+0.300"]
    assert "held out: 10% of each user's items. 5 of 6 users judged" in " ".join(" ".join(lines).split())


def test_the_benchmark_shows_every_model_and_the_best_beside_ours() -> None:
    counts, common = three_models(), COMMON
    result = {
        "cpu_seconds": 9,
        "counts": {**counts, "protocol": {"split": "hold-out", "share": 0.1, **common}},
        "log": {**counts, "protocol": {"split": "time", "cut": "2026-01-01T00:00:00", "days": 60, **common}},
    }
    lines = recommendation_report.section(result)
    assert [line.split(" | ")[0] for line in lines if line.startswith("| ")][:4] == [
        "| model",
        "| ease",
        "| ours",
        "| als",
    ]
    assert "Settings: ours: dbt recommendations; als: factors 32, tried 12." in lines
    assert "| ours | 0.200 (0.100 to 0.300) |" in "\n".join(lines)
    told = recommendation_report.rows(result)
    assert [(figure, beside) for _, figure, beside in told] == [
        ("0.200 (0.100 to 0.300)", "ease 0.250 (0.100 to 0.300)")
    ] * 2
    assert recommendation_report.rows(None) == []
