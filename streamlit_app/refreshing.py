"""A refresh that goes on in a thread of its own, whoever looks or leaves: how far it is, and how it ended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread

from contracts.errors import BackbeatError
from streamlit_app import child

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_STEP = re.compile(r"(\d+) of (\d+) (START|OK|PASS|WARN|FAIL|ERROR|SKIP|NO-OP|CREATED)\b(.*)")
_BUILT = re.compile(r"Finished running ")
# Of the bar: dbt reads the project before its first model, and publishing comes after its last.
_READ, _ALL_BUILT = 0.08, 0.92


@dataclass(frozen=True)
class State:
    """How far a refresh is (`share`, 0–1) and in words; or why it `failed`, or what `snapshot` stands."""

    running: bool = False
    share: float = 0.0
    words: str = ""
    failed: str = ""
    snapshot: str = ""


class Refreshing:
    """One refresh at a time. `turn` is held while it runs; `state` is replaced, never changed."""

    def __init__(self, turn: Lock) -> None:
        self._turn = turn
        self.state = State()

    def start(self, folder: Path) -> bool:
        """Begin `backbeat refresh`, run from `folder`; False where `turn` is somebody else's."""
        if not self._turn.acquire(blocking=False):
            return False
        self.state = State(running=True, words="Looking for what is new")
        Thread(target=self._run, args=(folder,), name="refresh", daemon=True).start()
        return True

    def _run(self, folder: Path) -> None:
        try:
            answer = child.run("refresh", "--json", folder=folder, hear=self._hear)
            self.state = State(share=1.0, words="Published", snapshot=str(answer["snapshot"]))
        except (BackbeatError, OSError, ValueError) as error:
            self.state = State(words=self.state.words, failed=str(error))
        finally:
            self._turn.release()

    def _hear(self, line: str) -> None:
        self.state = heard(line, self.state)


def heard(line: str, before: State) -> State:
    """How far it is after `line`, which the command or its dbt has said."""
    line = _COLOURS.sub("", line)
    if line.startswith("building: "):
        return State(
            running=True, share=0.02, words=f"Reading the models ({line.removeprefix('building: ')})"
        )
    if _BUILT.search(line):
        return State(running=True, share=_ALL_BUILT, words="Publishing")
    step = _STEP.search(line)
    if step is None:
        return before
    number, all_of_them = int(step[1]), int(step[2])
    share = _READ + (_ALL_BUILT - _READ) * (number - 1) / all_of_them
    if share < before.share:  # four at a time begin and end in any order: the bar never goes back
        return before
    words = f"Building: {number} of {all_of_them}, {_named(step[4])}"
    return State(running=True, share=share, words=words)


def _named(rest: str) -> str:
    """` sql table model gold.fct_plays ... [RUN]` → `model gold.fct_plays`."""
    parts = rest.split(" ..", 1)[0].split()
    kind = next((word for word in ("model", "test", "seed", "snapshot", "unit_test") if word in parts), "")
    return " ".join(filter(None, [kind.replace("_", " "), parts[-1] if parts else ""]))
