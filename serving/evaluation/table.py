"""The result as a person reads it: a table, and each model's interval as a bar."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

# Measure → its heading; what lists suit truly is known of simulated listeners only.
_COLUMNS = {name: name for name in ("ndcg@10", "recall@20", "map@20")}
_COLUMNS |= {"coverage@20": "coverage", "novelty": "novelty", "gini": "gini"}
_COLUMNS |= {"true_ndcg@10": "true@10", "true_affinity@10": "affinity"}
_PICTURED = "ndcg@10"
_UNJUDGED = {"novelty", "gini"}  # more of it is neither better nor worse
_WIDTH = 28


def rendered(result: dict[str, Any]) -> Group:
    """`result` as `Contest.result` gives it, the best of the first measure on top."""
    models = result["models"]
    names = sorted(models, key=lambda name: -models[name][_PICTURED])
    told = Text(_told(result["protocol"]), style="dim")
    return Group(_measures(models, names), "", _picture(models, names, result["ours_minus"]), told)


def _measures(models: dict[str, Any], names: list[str]) -> Table:
    columns = [name for name in _COLUMNS if name in models[names[0]]]
    headings = [_COLUMNS[name] for name in columns]
    table = Table("model", *headings, box=None, header_style="bold", pad_edge=False, collapse_padding=True)
    best = {
        column: max(models[name][column] for name in names) for column in columns if column not in _UNJUDGED
    }
    for name in names:
        figures = [
            Text(f"{models[name][column]:.3f}", "bold" if models[name][column] == best.get(column) else "")
            for column in columns
        ]
        table.add_row(Text(name, "bold green" if name == "ours" else ""), *figures)
    return table


def _picture(models: dict[str, Any], names: list[str], minus: dict[str, Any]) -> Table:
    """From 0 to the highest end: a line is the interval that holds 95 %, its mark the mean."""
    widest = max(models[name][f"{_PICTURED}_high"] for name in names) or 1
    headings = ["model", f"{_PICTURED}, 0 to {widest:.3f}", "95 %", *(["ours less it"] if minus else [])]
    table = Table(*headings, box=None, header_style="bold", pad_edge=False, collapse_padding=True)
    for name in names:
        low, middle, high = _ends(models[name])
        cells = [bar(low, middle, high, widest), f"{low:.3f} … {high:.3f}"]
        if name in minus:
            low, middle, high = _ends(minus[name])
            cells.append(f"{middle:+.3f}, {low:+.3f} … {high:+.3f}")
        table.add_row(Text(name, "bold green" if name == "ours" else ""), *cells)
    return table


def _ends(figures: dict[str, float]) -> tuple[float, float, float]:
    return figures[f"{_PICTURED}_low"], figures[_PICTURED], figures[f"{_PICTURED}_high"]


def bar(low: float, middle: float, high: float, widest: float, width: int = _WIDTH) -> str:
    """`width` characters from 0 to `widest`: `─` from low to high, `●` at the middle."""
    at = [round(value / widest * (width - 1)) for value in (low, middle, high)]
    line = ["─" if at[0] <= place <= at[2] else " " for place in range(width)]
    line[at[1]] = "●"
    return "".join(line)


def _told(protocol: dict[str, Any]) -> str:
    if protocol["split"] == "time":
        how = f"held out: what was streamed first from {protocol['cut'][:10]} on"
    else:
        how = f"held out: {protocol['share']:.0%} of each user's items"
    return (
        f"\n{how}. {protocol['judged_users']:,} of {protocol['users']:,} users judged, "
        f"{protocol['items']:,} items, {protocol['interactions']:,} pairs seen, "
        f"{protocol['held_out']:,} to be found; all items ranked."
    )
