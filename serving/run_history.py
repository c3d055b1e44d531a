"""What became of the last builds: dbt's own results, kept beside the warehouse, one JSON object a line.

A build that fails is written down too. `publish` puts what is here into the snapshot (`run_tables`), so the
app shows how long models take and what failed before.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from contracts.json_lines import add_lines, read_lines

_KEPT = 200
_BROKEN = {"error", "fail", "runtime error"}


@dataclass(frozen=True)
class Node:
    """A model, test, seed or snapshot of a build: dbt's status and seconds, and its words where it failed."""

    name: str
    kind: str
    status: str
    seconds: float
    message: str | None = None

    @property
    def failed(self) -> bool:
        """Whether dbt counts it as an error or a failed test; a warning is none."""
        return self.status in _BROKEN


@dataclass(frozen=True)
class Run:
    """A build: dbt's id of it, when it began (ISO, UTC), what was asked for, seconds, and its nodes."""

    run_id: str
    began_at: str
    scope: str
    seconds: float
    nodes: tuple[Node, ...]

    @property
    def broken_models(self) -> list[Node]:
        """What could not be built; seeds and snapshots too."""
        return [node for node in self.nodes if node.failed and node.kind not in {"test", "unit_test"}]

    @property
    def failed_tests(self) -> list[Node]:
        """The tests that refuse what was built."""
        return [node for node in self.nodes if node.failed and node.kind in {"test", "unit_test"}]


def from_results(results: dict[str, Any], began_at: str, scope: str, seconds: float) -> Run:
    """The run that dbt's run_results.json tells of."""
    nodes = tuple(map(_node, results.get("results", [])))
    return Run(results["metadata"]["invocation_id"], began_at, scope, round(seconds, 3), nodes)


def read(warehouse: Path) -> list[Run]:
    """The runs written down for `warehouse`, oldest first; none when there is no file."""
    return [_run(fields) for fields in read_lines(history(warehouse))]


def remember(warehouse: Path, run: Run) -> None:
    """Write `run` down behind the others, and forget all but the last 200."""
    add_lines(history(warehouse), [asdict(run)], _KEPT)


def history(warehouse: Path) -> Path:
    """The file of the runs of `warehouse`."""
    return warehouse.with_name(f"{warehouse.name}.runs.jsonl")


def _node(row: dict[str, Any]) -> Node:
    kind, _, name = str(row["unique_id"]).split(".", 2)
    message = row.get("message") if row["status"] in _BROKEN | {"warn"} else None
    seconds = round(float(row.get("execution_time") or 0), 3)
    return Node(name, kind, str(row["status"]), seconds, message)


def _run(fields: dict[str, Any]) -> Run:
    return Run(**(fields | {"nodes": tuple(Node(**node) for node in fields["nodes"])}))
