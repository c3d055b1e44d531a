"""The right to create one object, which runs out: what a paused process wakes up with is worth nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from contracts.errors import BackbeatError

# An object's bytes, wherever they are: one of 100 MiB is not copied to be written.
Body = bytes | memoryview
# Puts a body under the one key it was given for. True: this call put it; False: something was there.
Permit = Callable[[Body], bool]


def too_late(key: str, until: datetime) -> BackbeatError:
    """The one line of a process that steps down, because another may have acted on its silence."""
    return BackbeatError(
        f"{key} was not written by {until:%H:%M:%S} UTC, when the right to do so ran out: "
        "the next owner of the partition writes it (BACKBEAT_SINK_PUT_SECONDS)"
    )
