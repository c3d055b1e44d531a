"""A command of ours as a child process: what it says meanwhile, its answer, its own words when it fails."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from contracts.errors import BackbeatError

_KEPT = 200  # lines; a failure's own one is among the last
_REFUSED = "backbeat: "
Hear = Callable[[str], None]


def run(*arguments: str, folder: Path, hear: Hear = lambda line: None) -> dict[str, Any]:
    """The last line of `backbeat <arguments>` as a document, run from `folder`; `hear` gets what it says.

    Raises BackbeatError with the command's own line where it fails.
    """
    said: deque[str] = deque(maxlen=_KEPT)
    with TemporaryFile() as out:
        child = subprocess.Popen(  # noqa: S603 - our own command, no shell
            [sys.executable, "-m", "backbeat", *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        with child:
            for line in filter(None, map(str.strip, child.stderr or ())):
                said.append(line)
                hear(line)
        if child.returncode:
            raise BackbeatError(_refusal(arguments[0], said))
        out.seek(0)
        answer: dict[str, Any] = json.loads(out.read().strip().splitlines()[-1])
    return answer


def _refusal(command: str, said: deque[str]) -> str:
    told = [line.removeprefix(_REFUSED) for line in said if line.startswith(_REFUSED)]
    return (told or list(said) or [f"`backbeat {command}` failed without a word"])[-1]
