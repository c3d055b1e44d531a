"""Key figures: value, what it means, change against the prior period, sparkline."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from streamlit_app import numbers
from streamlit_app.palette import ACCENT

WIDTH, HEIGHT, MARGIN = 120.0, 34.0, 2.0


@dataclass(frozen=True)
class Kpi:
    """One figure as it is shown.

    `value` is exact, `shown` is how it reads; `prior` is None when there is nothing to compare with.
    A rate's change is in percentage points. `rising_is_good` is None where neither direction is better.
    `meaning` says what is counted, and from what; it unfolds on the card. `aim` says the target in words, and
    `reached` is how much of it is there (1 is all).
    """

    name: str
    value: float | None
    shown: str
    prior: float | None = None
    is_rate: bool = False
    rising_is_good: bool | None = True
    trend: Sequence[float] = ()
    note: str = ""
    meaning: str = ""
    aim: str = ""
    reached: float | None = None


def change(kpi: Kpi) -> float | None:
    """The change: relative for amounts (0.1 = 10 % more), a difference for rates; None if unknown."""
    if kpi.value is None or kpi.prior is None:
        return None
    if kpi.is_rate:
        return kpi.value - kpi.prior
    return kpi.value / kpi.prior - 1 if kpi.prior else None


def change_text(kpi: Kpi) -> str:
    """`▲ 11.7%`, `▼ 0.4 pp`, `= 0.0%`; empty if unknown."""
    moved = change(kpi)
    if moved is None:
        return ""
    points = round(moved * 100, 1)
    arrow = "▲" if points > 0 else "▼" if points < 0 else "="
    return f"{arrow} {numbers.tenth(abs(points))}{' pp' if kpi.is_rate else '%'}"


def mood(kpi: Kpi) -> str:
    """`good`, `bad` or `even`: what the change means."""
    moved = change(kpi)
    if moved is None or kpi.rising_is_good is None or round(moved * 100, 1) == 0:
        return "even"
    return "good" if (moved > 0) == kpi.rising_is_good else "bad"


def sparkline(values: Sequence[float]) -> str:
    """The values as an image, oldest first; empty for fewer than two.

    An image, because Streamlit strips SVG elements from the HTML it is given.
    """
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    step, room = WIDTH / (len(values) - 1), HEIGHT - 2 * MARGIN
    heights = [(value - low) / (high - low) if high > low else 0.5 for value in values]
    points = " ".join(
        f"{place * step:.1f},{HEIGHT - MARGIN - h * room:.1f}" for place, h in enumerate(heights)
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}"'
        f' preserveAspectRatio="none"><polygon fill="{ACCENT}" fill-opacity="0.13"'
        f' points="0,{HEIGHT:.0f} {points} {WIDTH:.0f},{HEIGHT:.0f}"/>'
        f'<polyline points="{points}" fill="none" stroke="{ACCENT}" stroke-width="1.6"'
        ' stroke-linejoin="round" vector-effect="non-scaling-stroke"/></svg>'
    )
    return f'<img class="bb-spark" alt="" src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}">'


def row(kpis: Sequence[Kpi], against: str = "") -> str:
    """Key figures side by side as HTML, in as many columns as fit and leave none alone in a row."""
    one, two, three = (columns(len(kpis), rows) for rows in (1, 2, 3))
    cards = "".join(card(kpi, against) for kpi in kpis)
    return f'<div class="bb-kpis" style="--one:{one};--two:{two};--three:{three}">{cards}</div>'


def columns(count: int, rows: int) -> int:
    """How many columns have `count` cards in `rows` rows, or fewer where the last row would be one card."""
    return next(
        (wide for wide in range(max(2, -(-count // rows)), count + 1) if count % wide != 1), max(count, 1)
    )


def card(kpi: Kpi, against: str) -> str:
    """One figure as HTML; `against` says what the change is measured against."""
    moved = change_text(kpi)
    note = f"{moved} {against}" if moved else kpi.note
    exact = "" if kpi.value is None else f"{kpi.value:.6g}" if kpi.is_rate else f"{kpi.value:.0f}"
    line = (
        f'<span class="bb-change bb-{mood(kpi)}">{escape(moved)}</span> <span>{escape(against)}</span>'
        if moved
        else escape(kpi.note)
    )
    under = f'<div class="bb-kpi-note">{line}</div>' if line else ""
    name, shown = escape(kpi.name), escape(kpi.shown)
    return (
        f'<div class="bb-kpi" role="group" aria-label="{name}: {shown}. {escape(note)}">'
        f'<div class="bb-kpi-name">{name}</div>'
        f'<div class="bb-kpi-value" data-kpi="{name}" data-value="{exact}">{shown}</div>'
        f"{under}{_aim(kpi)}{_unfolding(kpi)}{sparkline(kpi.trend)}</div>"
    )


def _aim(kpi: Kpi) -> str:
    """The target in words, and a bar of how much of it is reached."""
    if kpi.reached is None:
        return ""
    width = 100 * min(max(kpi.reached, 0.0), 1.0)
    return f'<div class="bb-aim">{escape(kpi.aim)}<i><b style="width:{width:.1f}%"></b></i></div>'


def _unfolding(kpi: Kpi) -> str:
    """Opened by mouse, finger or keyboard, and read out: HTML's own, without a script."""
    if not kpi.meaning:
        return ""
    return (
        f'<details class="bb-meaning"><summary aria-label="What is counted as {escape(kpi.name)}">?</summary>'
        f"<p>{escape(kpi.meaning)}</p></details>"
    )
