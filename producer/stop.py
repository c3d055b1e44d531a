"""SIGTERM and Ctrl-C as something to wait for.

    with Stop() as stop:
        while not stop.wait(15):
            ...

The second signal does nothing more than the first: what is under way is finished.
"""

from __future__ import annotations

import select
import signal
import socket
from types import TracebackType
from typing import Self

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Notices the signals while its block lasts, whichever thread the kernel gave them to."""

    def __init__(self) -> None:
        self.came = False

    def __enter__(self) -> Self:
        # An Event would be set by the handler, and that runs in the main thread only once this has woken up.
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno())
        self._handlers = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._reader.close()
        self._writer.close()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether a signal has come, within `seconds` (None: wait for one)."""
        if not self.came:
            self.came = bool(select.select([self._reader], [], [], seconds)[0])
        return self.came
