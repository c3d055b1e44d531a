"""How the app's waits are shown."""

from __future__ import annotations

from typing import Any

_KINDS = ("reload_ms", "switch_ms", "filter_ms")


def rows(result: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    """What the project's README shows."""
    if result is None:
        return []
    empty = f"an empty Streamlit app {result['streamlit_empty_ms_p95']} ms"
    switch = f"an empty Streamlit app {result['streamlit_empty_switch_ms_p95']} ms"
    of = f"on {result['plays']:,} plays"
    return [
        ("a page, drawn whole after a reload, p95", f"{result['first_page_ms_p95']} ms {of}", empty),
        ("another page by the menu, drawn whole, p95", f"{result['page_switch_ms_p95']} ms", switch),
    ]


def section(result: dict[str, Any]) -> list[str]:
    """Every figure, then each page's medians."""
    shown = {name: value for name, value in result.items() if not isinstance(value, dict)}
    table = ["| figure | value |", "|---|---|"]
    table += [f"| {name.replace('_', ' ')} | {value} |" for name, value in shown.items()]
    table += ["", "| median, ms | reload | switch | filter |", "|---|---|---|---|"]
    for title, found in result["median_by_page"].items():
        table.append(f"| {title} | {' | '.join(str(found.get(kind, '–')) for kind in _KINDS)} |")
    return table
