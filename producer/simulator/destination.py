"""Where simulated events go: Kafka, or a folder with one JSON Lines file per topic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from contracts.errors import BackbeatError
from producer.local import publishing
from producer.settings import KafkaSettings

_JSONL = "jsonl:"


class Destination(Protocol):
    """Takes events of one topic, in order; `keys[i]` belongs to `values[i]`."""

    def publish_many(self, topic: str, keys: Sequence[bytes], values: Sequence[bytes]) -> None:
        """Raises BackbeatError when it cannot."""

    def flush(self) -> None:
        """Return when all that was published is safe; raises BackbeatError when it cannot."""


Waiting = Callable[[int, int], None]
Finish = Callable[[Waiting], None]


class JsonlFolder:
    """One file per topic, `<topic>.jsonl`; they appear when the block is left without an error."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}

    def publish_many(self, topic: str, keys: Sequence[bytes], values: Sequence[bytes]) -> None:
        """Append one line for each value; keys are part of the values and not written."""
        try:
            if topic not in self._files:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._files[topic] = self._partial(topic).open("wb")
            self._files[topic].writelines(value + b"\n" for value in values)
        except OSError as error:
            raise BackbeatError(f"{self._folder}: cannot be written: {error.strerror or error}") from error

    def flush(self) -> None:
        """Give what was written to the system."""
        for file in self._files.values():
            file.flush()

    def keep(self) -> None:
        """Give the files their names."""
        try:
            for topic, file in self._files.items():
                file.close()
                self._partial(topic).replace(self._folder / f"{topic}.jsonl")
        except OSError as error:
            raise BackbeatError(f"{self._folder}: cannot be written: {error.strerror or error}") from error

    def discard(self) -> None:
        """Remove what was not kept."""
        for topic, file in self._files.items():
            file.close()
            self._partial(topic).unlink(missing_ok=True)

    def _partial(self, topic: str) -> Path:
        return self._folder / f".{topic}.jsonl.partial"


@contextmanager
def destination(to: str) -> Iterator[tuple[Destination, Finish]]:
    """The destination `kafka` or `jsonl:DIR`, and what to call after the last event to make it all safe.

    With `kafka` and no BACKBEAT_KAFKA_BOOTSTRAP, that is an embedded broker with its own sink, and
    finishing waits until everything has landed. Raises BackbeatError for any other name.
    """
    if to.startswith(_JSONL) and to != _JSONL:
        folder = JsonlFolder(Path(to.removeprefix(_JSONL)))
        with ExitStack() as stack:
            stack.callback(folder.discard)
            yield folder, lambda waiting: folder.keep()
    elif to == "kafka":
        with publishing(KafkaSettings()) as (publisher, drain):

            def finish(waiting: Waiting) -> None:
                drain(waiting)

            yield publisher, finish
    else:
        raise BackbeatError(f"--to {to}: is none of kafka, bulk, jsonl:DIR")
