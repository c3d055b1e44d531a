"""A file of the last things that happened: one JSON object a line, oldest first, rewritten whole."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contracts.errors import BackbeatError


def read_lines(file: Path) -> list[dict[str, Any]]:
    """What is written down; nothing when there is no file. A torn last line is nothing either."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines if line.endswith("}")]


def add_lines(file: Path, more: Sequence[dict[str, Any]], most: int) -> None:
    """Write `more` down behind the others and forget all but the last `most`; whole or not at all."""
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    lines = [json.dumps(one) for one in [*read_lines(file), *more][-most:]]
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise BackbeatError(f"cannot write {file} (BACKBEAT_WAREHOUSE): {error.strerror}") from error
