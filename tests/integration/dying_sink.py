"""A sink that kills itself, as a power cut would, at the step named on its command line.

usage: dying_sink.py before-fence|before-data|before-commit
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from threading import Event

import consumer.receiver
from consumer.progress import Progress
from consumer.settings import SinkSettings
from consumer.sink import Sink
from consumer.store import store_for


def die(*_: object) -> bool:
    """Leave no time for anything."""
    os.kill(os.getpid(), signal.SIGKILL)
    return False


def main(step: str) -> None:
    """Follow Kafka until the step comes."""
    settings = SinkSettings()
    store = store_for(settings.lake)
    create = store.create

    def create_or_die(key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        if key.startswith("_sink/"):
            die()
        return create(key, body, metadata)

    if step == "before-fence":
        store.create = create_or_die  # type: ignore[method-assign]
    if step == "before-data":
        store.permit = lambda *_: die  # type: ignore[method-assign]
    if step == "before-commit":
        consumer.receiver.commit = die
    Sink(settings, store, Progress(), ["plays"]).run(Event())


if __name__ == "__main__":
    main(sys.argv[1])
