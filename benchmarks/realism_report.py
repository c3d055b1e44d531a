"""The realism table of benchmarks/README.md."""

from __future__ import annotations

from typing import Any


def section(result: dict[str, Any]) -> list[str]:
    """Markdown lines: every row, and in words how many meet the target."""
    rows = result["rows"]
    lines = [
        f"{result['rows_within']} of {len(rows)} rows within {result['target']:.0%}.",
        "",
        "| figure | real | simulated | distance | real data | why, where it is more |",
        "|---|---|---|---|---|---|",
    ]
    return [*lines, *(_line(row) for row in rows)]


def _line(row: dict[str, Any]) -> str:
    values = f"{row['real']:,g} | {row['simulated']:,g} | {row['distance']:.1%}"
    return f"| {row['figure']} | {values} | {row['source']} | {row['reason']} |"
