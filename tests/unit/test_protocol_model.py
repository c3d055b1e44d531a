"""The protocol, exhaustively: it keeps every promise in every state, and each planted flaw breaks one.

The promises, checked after every step of every writer, of the network and of the log:

- once: no row is in two objects;
- decided: no object holds what no fence decided (rows of a zombie);
- tiles: each fence begins where the one before it ends;
- whole: only the last fence may lack its object;
- not lost: what a fence decided is there, or somebody still brings it;
- committed: Kafka was never told more than the lake holds;
- kept: a reader never loses a row it saw;
- unchanged: no object changes under a reader.
"""

from __future__ import annotations

import pytest

from tests.protocol_model import Protocol
from tests.protocol_search import explore


@pytest.mark.parametrize(
    ("writers", "faults", "restarts", "drops", "states"),
    [(2, 1, 1, 1, 61_461), (2, 2, 0, 1, 30_658), (2, 1, 2, 0, 137_455), (3, 1, 0, 0, 119_255)],
)
def test_no_interleaving_breaks_a_promise(
    writers: int, faults: int, restarts: int, drops: int, states: int
) -> None:
    protocol = Protocol(2)
    verdict = explore(protocol, protocol.begin(writers, faults=faults, restarts=restarts, drops=drops))
    assert verdict.broken is None, "\n".join(verdict.trace)
    assert verdict.states == states  # every one of them: a machine that moves less proves less


@pytest.mark.parametrize(
    ("flaw", "promise", "steps"),
    [
        ("fence overwrites", "once", 8),
        ("fence overwrites", "decided", 7),
        ("data overwrites", "unchanged", 7),
        ("named by first", "once", 9),
        ("parallel", "not lost", 6),
        ("never finishes", "not lost", 8),
        ("conflict advances", "tiles", 5),
        ("loser advances", "tiles", 8),
        ("rewrites", "once", 7),
        ("fences deleted", "once", 9),
        ("finisher's hour", "once", 7),
        ("commits first", "committed", 3),
        ("never expires", "once", 8),
        ("signs late", "once", 10),
        ("ages the last", "once", 8),
    ],
)
def test_each_planted_flaw_breaks_its_promise(flaw: str, promise: str, steps: int) -> None:
    protocol = Protocol(2, flaw)
    verdict = explore(protocol, protocol.begin(2, faults=1, restarts=1, drops=1), {promise})
    print(f"{flaw} breaks `{promise}` ({verdict.states} states):", *verdict.trace, sep="\n  ")  # noqa: T201
    assert verdict.broken == promise
    assert len(verdict.trace) == steps
