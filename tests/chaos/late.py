"""Requests that come again much later: by then nobody has the right to what they ask for."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping

from tests.chaos.reader import S3Glob
from tests.chaos.round import Round


class Late:
    """The requests that the proxy kept in a round on S3; they come again `seconds` after its end.

    Its lake must stay where it is until then. The rights to write were given for as many seconds.
    """

    def __init__(self, played: Round, seconds: float) -> None:
        self.number = played.plan.number
        self._played = played
        self.answers = Counter[str]()
        self._lake = self._everything()
        self._at = time.monotonic() + seconds + 1.0

    def _everything(self) -> Mapping[str, str]:
        glob = self._played.reader.glob
        assert isinstance(glob, S3Glob)
        return glob.list("")

    def deliver(self, say: Callable[[str], None]) -> str:
        """Wait, deliver, and look; the complaint, empty when nothing has changed."""
        held, proxy = self._played.injector.held, self._played.stage.proxy
        assert proxy is not None
        left = max(self._at - time.monotonic(), 0.0)
        say(f"{len(held)} requests of round {self.number} come again in {left:.0f} s")
        time.sleep(left)
        self.answers.update(str(proxy.forward(request)[0]) for request in held)
        say(f"{len(held)} requests of round {self.number} were answered {dict(self.answers)}")
        if odd := self.answers.keys() - {"403", "412"}:
            return f"requests that came much later were answered {sorted(odd)}"
        return "" if self._everything() == self._lake else "requests that came much later changed the lake"
