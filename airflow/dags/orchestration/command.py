"""Run a `backbeat` command as a child of a task: its lines go to the task's log, its JSON is the result."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from contracts.errors import BackbeatError

# It goes when the task goes, however that is (Linux): a command left behind would meet its own retry.
_FRONT_DOOR = """
import sys
if sys.platform == "linux":
    import ctypes, signal
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
from backbeat import main
main()
"""


def backbeat(*arguments: str) -> Any:
    """What `backbeat …  --json` prints last; BackbeatError with its last words when it fails."""
    command = [sys.executable, "-c", _FRONT_DOOR, *arguments, "--json"]
    child = subprocess.Popen(  # noqa: S603 -- our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    last = ""
    with child:
        for line in child.stdout or ():
            print(line, end="")  # noqa: T201 -- Airflow takes what a task prints into its log
            last = line.strip() or last
    if child.returncode:
        raise BackbeatError(last.removeprefix("backbeat: ") or f"exit code {child.returncode}")
    return json.loads(last)
