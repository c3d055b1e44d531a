"""A `backbeat sink` that we started: watch it, stop it, read what it landed."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import TracebackType
from typing import BinaryIO, Self

from contracts.errors import BackbeatError

_STOP_TIMEOUT_S = 60
_TAIL_BYTES = 8_192


@dataclass(frozen=True)
class SinkSummary:
    """What the sink landed: rows, objects, their bytes, and how many rows did not fit the contract."""

    rows: int
    objects: int
    bytes: int
    malformed: int


class SinkProcess:
    """The child process; it is gone when the block is left, whatever happened."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = list(command)
        self._environment = dict(environment)
        self._output: BinaryIO
        self._errors: BinaryIO
        self._told_to_stop = False
        self._process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        # Files, not pipes: nobody reads while it runs, and a full pipe would stop it.
        self._output, self._errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        try:
            self._process = self._start()
        except OSError as error:
            self._close_files()
            raise BackbeatError(f"the sink could not be started: {error}") from error
        return self

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  our own command
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._errors,
            process_group=0,  # Ctrl-C is for us: we stop the sink when it has landed what it has
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._close_files()

    def _close_files(self) -> None:
        self._output.close()
        self._errors.close()

    def check(self, wait_s: float = 0) -> None:
        """Raise `BackbeatError` with its last words if the sink has ended; give it `wait_s` to do so."""
        if self._told_to_stop:
            return
        try:
            code = self._process.wait(wait_s)
        except subprocess.TimeoutExpired:
            return
        raise BackbeatError(f"the sink stopped too early (exit code {code}): {_last_line(self._errors)}")

    def stop(self) -> SinkSummary:
        """Ask the sink to commit what it has and end; raises `BackbeatError` when it does not end well."""
        self._told_to_stop = True
        self._process.terminate()
        try:
            code = self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise BackbeatError(f"the sink did not stop within {_STOP_TIMEOUT_S} s of being told") from None
        if code != 0:
            raise BackbeatError(f"the sink failed at its end (exit code {code}): {_last_line(self._errors)}")
        return _summary(_last_line(self._output))


def _summary(line: str) -> SinkSummary:
    """The sink's own account of what it landed."""
    try:
        counted = json.loads(line)
        return SinkSummary(**{field.name: int(counted[field.name]) for field in fields(SinkSummary)})
    except (ValueError, KeyError, TypeError) as error:
        raise BackbeatError(f"the sink ended without its summary; its last line was: {line}") from error


def _last_line(file: BinaryIO) -> str:
    """The last line with anything on it."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL_BYTES))
    lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"
