"""A funnel as HTML: a bar per step, how many take it, and of how many before (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from streamlit_app import numbers


def funnel(steps: Sequence[tuple[str, str, int]]) -> str:
    """`steps` are name, what the share is of, and number, the widest first; each a share of the one before.

    A list for who reads by ear: "Played: 152, 88.9% of those registered".
    """
    widest = max((count for _, _, count in steps), default=0)
    rows, before = [], 0
    for place, (name, of, count) in enumerate(steps):
        share = f"{numbers.percent(count / before)} {of}" if place and before else of if not place else "–"
        width = 100 * numbers.ratio(count, widest)
        rows.append(
            f'<div class="bb-step" role="listitem" data-step="{escape(name)}" data-value="{count}">'
            f'<div class="bb-step-name">{escape(name)}<span>{escape(share)}</span></div>'
            f'<div class="bb-step-count">{numbers.compact(count)}</div>'
            f'<div class="bb-step-bar"><i style="width:{width:.2f}%"></i></div></div>'
        )
        before = count
    return f'<div class="bb-funnel" role="list">{"".join(rows)}</div>'
