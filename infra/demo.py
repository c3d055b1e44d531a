"""`make demo`: simulate, land, import what lies in demo_data/, build, publish, check, open the app.

Each step is the command a person would run, as a child process. Running it again simulates nothing anew,
imports only new files, and adds no duplicate.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from contracts.errors import BackbeatError
from contracts.settings import Settings
from infra.ledger_check import Check, check_ledger, warehouse_counts

console = Console(stderr=True)


def backbeat(*arguments: str) -> dict[str, Any]:
    """Run one `backbeat` command with --json and return the object it prints last."""
    console.rule(f"[bold]backbeat {' '.join(arguments)}", align="left")
    child = subprocess.run(  # noqa: S603 - our own command, no shell
        [sys.executable, "-m", "backbeat", *arguments, "--json"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if child.returncode:
        raise BackbeatError(f"`backbeat {' '.join(arguments)}` failed (exit code {child.returncode})")
    answer: dict[str, Any] = json.loads(child.stdout.strip().splitlines()[-1])
    return answer


@dataclass(frozen=True)
class State:
    """What the demo remembers between two runs, in one folder."""

    folder: Path

    @property
    def ledger(self) -> Path:
        """The ground truth of the simulated events."""
        return self.folder / "ledger.parquet"

    @property
    def simulated(self) -> Path:
        """What `backbeat simulate` printed, once it had finished."""
        return self.folder / "simulated.json"

    @property
    def running(self) -> Path:
        """There while the demo simulates into a lake of its own making."""
        return self.folder / "running"


def forget_interrupted_run(settings: Settings, state: State) -> None:
    """A demo that was cut off while simulating left a part of its events: begin that lake anew."""
    if not state.running.exists():
        return
    console.print("an earlier demo was interrupted while simulating: starting over")
    shutil.rmtree(settings.lake, ignore_errors=True)
    shutil.rmtree(settings.snapshots, ignore_errors=True)
    settings.warehouse.unlink(missing_ok=True)
    state.running.unlink()


def simulate(settings: Settings, state: State, events: int, days: int, seed: int) -> None:
    """Simulate once; the second demo reads what the first wrote down."""
    if state.simulated.exists():
        console.print(f"the simulated events are in {settings.lake} already (`make clean` starts over)")
        return
    state.folder.mkdir(parents=True, exist_ok=True)
    if not Path(settings.lake).exists():
        state.running.touch()
    numbers = ["--events", str(events), "--days", str(days), "--seed", str(seed)]
    summary = backbeat("simulate", *numbers, "--ledger", str(state.ledger))
    state.simulated.write_text(json.dumps(summary))
    state.running.unlink(missing_ok=True)


def import_files(folder: Path) -> None:
    """Import what lies in `folder`, if anything does."""
    if any(path.is_file() and path.name != "README.md" for path in folder.rglob("*")):
        backbeat("import", str(folder))


def summarise(settings: Settings, started: float, check: Check) -> dict[str, Any]:
    """What the warehouse holds, in the shape of var/demo/summary.json."""
    counts = warehouse_counts(settings.warehouse)
    largest = max(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "produced": check.produced,
        **counts,
        "planted_refusals": check.planted,
        "planted_refusals_found": check.found,
        "refusals_not_planted": check.invented,
        "largest_process_mib": largest // 1024,
        "seconds": round(time.monotonic() - started, 1),
    }


def show(summary: dict[str, Any]) -> None:
    """The summary as a table for people."""
    table = Table(title="Backbeat demo", show_header=False)
    for name, value in summary.items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    console.print(table)


def verify(summary: dict[str, Any], state: State) -> None:
    """Raise unless every event is accounted for and the planted defects are the refused rows."""
    if summary["produced"] != summary["landed"]:
        raise BackbeatError(
            f"produced {summary['produced']:,} but landed {summary['landed']:,} (`make clean` starts over)"
        )
    if summary["landed"] != summary["accepted"] + summary["rejected"]:
        raise BackbeatError("landed is not accepted + rejected; see silver.silver_rejected_events")
    if summary["planted_refusals_found"] != summary["planted_refusals"] or summary["refusals_not_planted"]:
        raise BackbeatError(f"the refused rows are not those of the ground-truth ledger {state.ledger}")


def demo(arguments: argparse.Namespace) -> None:
    """Run the steps, write the summary, and open the app unless told not to."""
    started = time.monotonic()
    settings, state = Settings(), State(arguments.state)
    forget_interrupted_run(settings, state)
    simulate(settings, state, arguments.events, arguments.days, arguments.seed)
    import_files(arguments.files)
    backbeat("refresh")
    summary = summarise(settings, started, check_ledger(settings, state.ledger, state.simulated))
    (state.folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    show(summary)
    verify(summary, state)
    if arguments.open:
        os.execv(sys.executable, [sys.executable, "-m", "backbeat", "app"])  # noqa: S606 - our own command


def main() -> None:
    """Read the options and run; an expected error is one line and exit code 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="about how many (all topics together)")
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--state", type=Path, default=Path("var/demo"), help="where the summary goes")
    parser.add_argument("--files", type=Path, default=Path("demo_data"), help="histories to import")
    parser.add_argument(
        "--no-open", dest="open", action="store_false", help="stop when the snapshot is published"
    )
    try:
        demo(parser.parse_args())
    except BackbeatError as error:
        console.print(f"[red]demo: {error}")
        sys.exit(1)


if __name__ == "__main__":
    main()
