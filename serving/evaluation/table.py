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
_WIDTH = 48


def rendered(result: dict[str, Any]) -> Group:
    """`result` as `Contest.result` gives it, the best of the first measure on top."""
    models = result["models"]
    names = sorted(models, key=lambda name: -models[name][_PICTURED])
    return Group(
        _measures(models, names), _picture(models, names), Text(_told(result["protocol"]), style="dim")
    )


def _measures(models: dict[str, Any], names: list[str]) -> Table:
    columns = [name for name in _COLUMNS if name in models[names[0]]]
    headings = [_COLUMNS[name] for name in columns]
    table = Table("model", *headings, box=None, header_style="bold", pad_edge=False, collapse_padding=True)
    best = {column: max(models[name][column] for name in names) for column in columns}
    for name in names:
        figures = [
            Text(f"{models[name][column]:.3f}", "bold" if models[name][column] == best[column] else "")
            for column in columns
        ]
        table.add_row(Text(name, "bold green" if name == "ours" else ""), *figures)
    return table


def _picture(models: dict[str, Any], names: list[str]) -> Table:
    """From 0 to the highest end: a line is the interval that holds 95 %, its mark the mean."""
    widest = max(models[name][f"{_PICTURED}_high"] for name in names) or 1
    table = Table(
        "", f"{_PICTURED}, 0 to {widest:.3f}", "95 %", box=None, header_style="bold", pad_edge=False
    )
    for name in names:
        low, middle, high = (models[name][f"{_PICTURED}{end}"] for end in ("_low", "", "_high"))
        table.add_row(name, bar(low, middle, high, widest), f"{low:.3f} … {high:.3f}")
    return table


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
