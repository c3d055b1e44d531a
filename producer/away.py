"""A service that is away. `producer.asking` raises it, which imports httpx; who only catches it need not."""

from __future__ import annotations

from contracts.errors import BackbeatError


class AwayError(BackbeatError):
    """The service did not answer as it should, however often asked; later it may, not before `wait_s`."""

    def __init__(self, sentence: str, wait_s: float = 0) -> None:
        super().__init__(sentence)
        self.wait_s = wait_s
