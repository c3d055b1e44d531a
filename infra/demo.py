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
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from contracts.errors import BackbeatError
from contracts.settings import Settings
from infra.ledger_check import Check, check_ledger, warehouse_counts

STATE = Path("var/demo")
LEDGER = STATE / "ledger.parquet"
SIMULATED = STATE / "simulated.json"
RUNNING = STATE / "running"
OWN_FILES = Path("demo_data")

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


def forget_interrupted_run(settings: Settings) -> None:
    """A demo that was cut off while simulating left a part of its events: begin that lake anew."""
    if not RUNNING.exists():
        return
    console.print("an earlier demo was interrupted while simulating: starting over")
    shutil.rmtree(settings.lake, ignore_errors=True)
    shutil.rmtree(settings.snapshots, ignore_errors=True)
    settings.warehouse.unlink(missing_ok=True)
    RUNNING.unlink()


def simulate(settings: Settings, events: int, days: int, seed: int) -> dict[str, Any]:
    """Simulate once; the second demo reads what the first wrote down."""
    if SIMULATED.exists():
        known: dict[str, Any] = json.loads(SIMULATED.read_text())
        console.print(f"{known['produced']:,} simulated events are in {settings.lake} already")
        return known
    STATE.mkdir(parents=True, exist_ok=True)
    if not Path(settings.lake).exists():
        RUNNING.touch()
    numbers = ["--events", str(events), "--days", str(days), "--seed", str(seed)]
    summary = backbeat("simulate", *numbers, "--ledger", str(LEDGER))
    SIMULATED.write_text(json.dumps(summary))
    RUNNING.unlink(missing_ok=True)
    return summary


def import_own_files() -> dict[str, Any] | None:
    """Import demo_data/, if there is anything in it."""
    if not any(p.is_file() and p.name != "README.md" for p in OWN_FILES.rglob("*")):
        return None
    return backbeat("import", str(OWN_FILES))


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


def verify(summary: dict[str, Any]) -> None:
    """Raise unless every event is accounted for and the planted defects are the refused rows."""
    if summary["produced"] != summary["landed"]:
        raise BackbeatError(
            f"produced {summary['produced']:,} but landed {summary['landed']:,} (`make clean` starts over)"
        )
    if summary["landed"] != summary["accepted"] + summary["rejected"]:
        raise BackbeatError("landed is not accepted + rejected; see silver.silver_rejected_events")
    if summary["planted_refusals_found"] != summary["planted_refusals"] or summary["refusals_not_planted"]:
        raise BackbeatError(f"the refused rows are not those of the ground-truth ledger {LEDGER}")


def demo(arguments: argparse.Namespace) -> None:
    """Run the steps, write the summary, and open the app unless told not to."""
    started = time.monotonic()
    settings = Settings()
    forget_interrupted_run(settings)
    simulate(settings, arguments.events, arguments.days, arguments.seed)
    import_own_files()
    backbeat("refresh")
    summary = summarise(settings, started, check_ledger(settings, LEDGER, SIMULATED))
    (STATE / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    show(summary)
    verify(summary)
    if arguments.open:
        os.execv(sys.executable, [sys.executable, "-m", "backbeat", "app"])  # noqa: S606 - our own command


def main() -> None:
    """Read the options and run; an expected error is one line and exit code 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="about how many (all topics together)")
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=7)
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
