"""The tables of recommendations in benchmarks/README.md, and their rows in README.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

OURS, GOAL = "ours", "ndcg@10"
_MEASURES = {
    "ndcg@10": "NDCG@10",
    "recall@20": "recall@20",
    "map@20": "MAP@20",
    "coverage@20": "coverage@20",
    "novelty": "novelty, bits",
    "gini": "Gini",
    "true_ndcg@10": "NDCG@10 of true taste",
}
_DATA = {
    "counts": "HetRec 2011, Last.fm 2K",
    "log": "Simulated listening",
}


def rows(result: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    """What, the figure, and beside it the best other model of the run; none where nothing is measured."""
    if result is None:
        return []
    found = []
    for key, words in _DATA.items():
        models = result[key]["models"]
        best = max((name for name in models if name != OURS), key=lambda name: models[name][GOAL])
        what = f"recommendations, NDCG@10, {words}"
        found.append((what, _with_ends(models[OURS], GOAL), f"{best} {_with_ends(models[best], GOAL)}"))
    return found


def refresh_rows(result: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    """How long everybody's recommendations take, and beside it those of an hour's listeners."""
    if result is None:
        return []
    whole, hour = result["whole"], result["hour"]
    size = f"{result['users']:,} users, {result['interactions']:,} interactions"
    figure = f"{whole['seconds']} s, {whole['peak_gib']} GiB"
    return [
        (f"recommendations of {size}", figure, f"of an hour's {hour['listeners']:,}: {hour['seconds']} s")
    ]


def section(result: dict[str, Any]) -> list[str]:
    """Markdown lines: for each data set what was held out, every model, and what each was given."""
    lines = [f"CPU seconds of both: {result['cpu_seconds']}.", ""]
    for key, words in _DATA.items():
        lines += [f"**{words}.** {_protocol(result[key]['protocol'])}", "", *_table(result[key]), ""]
        lines += [f"Settings: {'; '.join(_settings(result[key]['settings']))}.", ""]
    return lines[:-1]


def _table(result: dict[str, Any]) -> Iterator[str]:
    models = result["models"]
    measures = [name for name in _MEASURES if name in models[OURS]]
    headings = [
        *(_MEASURES[name] for name in measures),
        "ours less it, NDCG@10",
        "ours less it, recall@20",
        "s",
    ]
    yield f"| model | {' | '.join(headings)} |"
    yield "|---" * (len(headings) + 1) + "|"
    for name in sorted(models, key=lambda name: -models[name][GOAL]):
        less = result["ours_minus"].get(name)
        cells = [_with_ends(models[name], measure) for measure in measures]
        cells += [_with_ends(less, measure) if less else "" for measure in ("ndcg@10", "recall@20")]
        yield f"| {name} | {' | '.join(cells)} | {models[name]['seconds']:.0f} |"


def _with_ends(figures: dict[str, float], measure: str) -> str:
    middle = f"{figures[measure]:.3f}"
    ends = [figures.get(f"{measure}{end}") for end in ("_low", "_high")]
    return middle if None in ends else f"{middle} ({' to '.join(f'{end:.3f}' for end in ends)})"


def _protocol(protocol: dict[str, Any]) -> str:
    if protocol["split"] == "time":
        how = f"Held out: tracks first streamed from {protocol['cut'][:10]} on, of {protocol['days']} days"
    else:
        how = f"Held out: {protocol['share']:.0%} of each user's artists, at random"
    return (
        f"{how}: {protocol['held_out']:,} of {protocol['judged_users']:,} users. Seen: "
        f"{protocol['interactions']:,} pairs of {protocol['users']:,} users and {protocol['items']:,} items."
    )


def _settings(settings: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name, chosen in settings.items():
        told = (f"{key.replace('_', ' ')} {value}" for key, value in chosen.items())
        yield f"{name}: {', '.join(told)}"
