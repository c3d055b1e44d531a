"""The arithmetic of the key figures."""

from __future__ import annotations

import pytest

from streamlit_app.kpis import Kpi, card, change, change_text, columns, mood, row, sparkline


def test_an_amount_changes_in_percent() -> None:
    kpi = Kpi("Plays", 1100, "1,100", prior=1000)
    assert change(kpi) == pytest.approx(0.1)
    assert change_text(kpi) == "▲ 10.0%"
    assert mood(kpi) == "good"


def test_a_rate_changes_in_points_and_may_be_better_when_lower() -> None:
    kpi = Kpi("Skip rate", 0.124, "12.4%", prior=0.119, is_rate=True, rising_is_good=False)
    assert change_text(kpi) == "▲ 0.5 pp"
    assert mood(kpi) == "bad"


@pytest.mark.parametrize("prior", [None, 0])
def test_nothing_to_compare_with_is_no_change(prior: float | None) -> None:
    kpi = Kpi("Plays", 5, "5", prior=prior, note="no earlier data")
    assert change(kpi) is None
    assert change_text(kpi) == ""
    assert "no earlier data" in card(kpi, "vs prior 7 days")
    assert "vs prior" not in card(kpi, "vs prior 7 days")


def test_a_change_that_rounds_to_nothing_is_even() -> None:
    kpi = Kpi("Plays", 10_001, "10.0K", prior=10_000)
    assert change_text(kpi) == "= 0.0%"
    assert mood(kpi) == "even"


def test_a_card_escapes_what_it_shows() -> None:
    assert "<script>" not in card(Kpi("<script>", 1, "<script>"), "<script>")


def test_a_meaning_unfolds_and_is_text() -> None:
    shown = card(Kpi("Plays", 5, "5", meaning="a < b"), "")
    assert '<summary aria-label="What is counted as Plays">' in shown
    assert "<p>a &lt; b</p>" in shown
    assert "<details" not in card(Kpi("Plays", 5, "5"), "")


def test_sparklines_of_one_value_and_of_equal_values() -> None:
    assert sparkline([3]) == ""
    assert sparkline([3, 3, 3]).startswith("<img")


@pytest.mark.parametrize("count", range(1, 16))
def test_no_card_is_alone_in_its_row(count: int) -> None:
    assert columns(count, 1) == count
    for rows in (2, 3):
        wide = columns(count, rows)
        assert wide <= count
        assert count == 1 or (wide > 1 and count % wide != 1)
    html = row([Kpi("a", 1, "1")] * count)
    assert html.count('class="bb-kpi"') == count
    assert f"--one:{count};" in html
