"""What happens in the sink, one line an event: JSON for machines, words for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from consumer.settings import WatchSettings
from consumer.watch.secrets import hide, secrets_of

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_SILENT = 50
_ORDER = ["timestamp", "level", "event"]


class _Stderr:
    """Writes to whatever stderr is now: on a terminal the progress line puts itself in its place."""

    @staticmethod
    def msg(line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    debug = info = warning = error = msg


class Journal:
    """Events with their facts. Silent until it is opened: other commands use the stores too."""

    def __init__(self) -> None:
        self._json = structlog.processors.JSONRenderer()
        self._words = structlog.processors.LogfmtRenderer()
        self._start(_SILENT, "auto", [])

    def open(self, settings: WatchSettings) -> None:
        """Log as `settings` say; no secret of theirs is ever written."""
        self._start(_LEVELS[settings.log_level], settings.log_format, secrets_of(settings))

    def close(self) -> None:
        """Be silent again."""
        self._start(_SILENT, "auto", [])

    def _start(self, level: int, form: str, secrets: list[str]) -> None:
        self._format, self._secrets = form, secrets
        self._logger = structlog.wrap_logger(
            _Stderr(),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                self._hide,
                self._render,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(level),
        )

    @property
    def machine_readable(self) -> bool:
        """Whether lines are JSON."""
        return self._format == "json" or (self._format == "auto" and not sys.stderr.isatty())

    def debug(self, event: str, **facts: object) -> None:
        """Something that happens all the time."""
        self._logger.debug(event, **facts)

    def info(self, event: str, **facts: object) -> None:
        """Something that happens in the course of things."""
        self._logger.info(event, **facts)

    def warning(self, event: str, **facts: object) -> None:
        """Something that somebody may want to look into."""
        self._logger.warning(event, **facts)

    def error(self, event: str, **facts: object) -> None:
        """Something that ends the sink."""
        self._logger.error(event, **facts)

    def _hide(self, _: object, __: str, facts: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {name: self._shown(fact) for name, fact in facts.items()}

    def _shown(self, fact: object) -> object:
        """`fact` as JSON can hold it, without secrets."""
        if fact is None or isinstance(fact, bool | int | float):
            return fact
        if isinstance(fact, Mapping):
            return {str(name): self._shown(one) for name, one in fact.items()}
        if isinstance(fact, list | tuple | set | frozenset):
            return [self._shown(one) for one in fact]
        return hide(str(fact), self._secrets)

    def _render(self, logger: object, method: str, facts: MutableMapping[str, Any]) -> str:
        first = {name: facts.pop(name) for name in _ORDER}
        chosen = self._json if self.machine_readable else self._words
        return str(chosen(logger, method, {**first, **facts}))


JOURNAL = Journal()
