"""Compaction and archiving, exhaustively: no order of events shows a reader a row twice, or hides one.

The promises, checked whenever the reader has read what its list named:

- there: every object on the list is still there, as it was decided;
- once: no row is in two of them;
- whole: every row that had landed when it began its list is in one.
"""

from __future__ import annotations

import pytest

from tests.upkeep_model import Upkeep, explore


@pytest.mark.parametrize(
    ("objects", "compactors", "trouble", "states"),
    [
        (2, 2, (0, 0, 0), 35_931),
        (1, 2, (1, 1, 0), 51_726),
        (2, 1, (1, 0, 1), 4_247),
        (3, 1, (0, 0, 1), 7_662),
    ],
)
def test_no_interleaving_breaks_a_promise(
    objects: int, compactors: int, trouble: tuple[int, int, int], states: int
) -> None:
    upkeep, (restarts, faults, restores) = Upkeep(objects), trouble
    found = explore(upkeep, upkeep.begin(compactors, restarts=restarts, faults=faults, restores=restores))
    assert found[1] == "", "\n".join(found[2])
    assert found[0] == states  # every one of them: a machine that moves less proves less


@pytest.mark.parametrize(
    ("flaw", "promise", "steps"),
    [
        ("globs compacted", "once", 7),
        ("cleans free slots", "there", 9),
        ("archives at once", "there", 9),
        ("archives what is not compacted", "whole", 5),
        ("manifests overwrite", "there", 13),
        ("plans blindly", "once", 12),
        ("shares keys", "there", 12),
        ("manifest first", "there", 7),
    ],
)
def test_each_planted_flaw_breaks_a_promise(flaw: str, promise: str, steps: int) -> None:
    upkeep = Upkeep(2, flaw)
    states, broken, trace = explore(upkeep, upkeep.begin(2, restarts=0, faults=0, restores=0))
    print(f"{flaw} breaks `{broken}` ({states} states):", *trace, sep="\n  ")  # noqa: T201
    assert (broken, len(trace)) == (promise, steps)
