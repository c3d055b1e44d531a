"""Secrets as settings hold them: given, or in a file that a service mounts."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from contracts.errors import BackbeatError


def secret_of(given: SecretStr, file: Path | None, setting: str) -> str:
    """What is given, else what `file` holds, else nothing; `setting` names the file in errors."""
    if given.get_secret_value() or file is None:
        return given.get_secret_value()
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise BackbeatError(f"cannot read {file} ({setting}): {reason}") from error
