"""How far a listener's plays have been published: what makes a restart neither miss nor repeat one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from pydantic import BaseModel, ValidationError

from contracts.errors import BackbeatError
from producer.pollers.now_playing import Seen
from producer.pollers.private_file import read_private, write_private

SETTING = "BACKBEAT_SPOTIFY_CURSOR_FILE"
# Four times what Spotify lists.
_REMEMBERED = 200


class Cursor(BaseModel, frozen=True):
    """`newest_ms` is when the newest play ended (epoch ms; None before the first), `published` the event ids
    of the last lines, `playing` what was playing at the last look that mattered."""

    user_id: str
    newest_ms: int | None = None
    published: tuple[str, ...] = ()
    playing: Seen | None = None

    def past(self, event_ids: Iterable[str], newest_ms: int | None) -> Cursor:
        """The cursor once these have been published too."""
        published = (*self.published, *event_ids)[-_REMEMBERED:]
        known = [ms for ms in (self.newest_ms, newest_ms) if ms is not None]
        return self.model_copy(update={"published": published, "newest_ms": max(known, default=None)})


@dataclass(frozen=True)
class CursorFile:
    """Where the cursor lies between two runs."""

    path: Path

    def load(self, user_id: str) -> Cursor:
        """The cursor of `user_id`; a new one where there is none, or another listener's."""
        text = read_private(self.path, SETTING)
        if text is None:
            return Cursor(user_id=user_id)
        try:
            cursor = Cursor.model_validate_json(text)
        except ValidationError as error:
            raise BackbeatError(
                f"{self.path}: not a cursor; remove it to begin with what Spotify still lists (see {SETTING})"
            ) from error
        return cursor if cursor.user_id == user_id else Cursor(user_id=user_id)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else polls with this cursor while the block lasts; `BackbeatError` where somebody does."""
        path = self.path.with_name(f"{self.path.name}.lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = path.open("a")
        except OSError as error:
            raise BackbeatError(f"{path}: cannot be written ({error.strerror}); see {SETTING}") from error
        with lock:
            try:
                flock(lock, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                raise BackbeatError(f"{self.path}: another poller uses it; see {SETTING}") from None
            yield

    def save(self, cursor: Cursor) -> None:
        """Keep `cursor`, whole or not at all."""
        write_private(self.path, cursor.model_dump_json(indent=2) + "\n", SETTING)
