"""Files for their owner only, whole at any moment."""

from __future__ import annotations

import os
import stat
from contextlib import ExitStack
from pathlib import Path
from tempfile import NamedTemporaryFile

from contracts.errors import BackbeatError


def replace_private(path: Path, text: str) -> None:
    """Replace `path` (mode 0600) at once, or leave it as it was and raise OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as file,
        ExitStack() as stack,
    ):
        stack.callback(Path(file.name).unlink)
        file.write(text)  # mode 0600 from the start
        file.flush()
        os.fsync(file.fileno())
        Path(file.name).replace(path)
        stack.pop_all()


def write_private(path: Path, text: str, setting: str) -> None:
    """`replace_private`, but a `BackbeatError` that names `setting` where it fails."""
    try:
        replace_private(path, text)
    except OSError as error:
        raise BackbeatError(f"{path}: cannot be written ({error.strerror}); see {setting}") from error


def is_open_to_others(path: Path) -> bool:
    """Whether anybody but the owner may do anything with `path`; raises OSError."""
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def read_private(path: Path, setting: str) -> str | None:
    """The text of `path`, None where there is no such file; refused where others may read it."""
    try:
        if is_open_to_others(path):
            raise BackbeatError(f"{path}: others may read it; `chmod 600 {path}`, and see {setting}")
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BackbeatError(f"{path}: cannot be read ({error}); see {setting}") from error
