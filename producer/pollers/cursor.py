"""How far a listener's plays have been published: what makes a restart neither miss nor repeat one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from pydantic import BaseModel, ValidationError

from contracts.errors import BackbeatError
from contracts.private_file import read_private, write_private
from producer.pollers.now_playing import Seen
from producer.pollers.plays import Line, Start

SETTING = "BACKBEAT_SPOTIFY_CURSOR_FILE"
# Four times what Spotify lists.
_REMEMBERED = 200


class Cursor(BaseModel, frozen=True):
    """`newest_ms` is when the newest play ended (epoch ms; None before the first), `published` the event ids
    of the last lines, `playing` what was playing at the last look that mattered, `starts` what was seen to
    begin and has not been listed yet."""

    user_id: str
    account: str
    newest_ms: int | None = None
    published: tuple[str, ...] = ()
    playing: Seen | None = None
    starts: tuple[Start, ...] = ()

    def past(self, lines: Sequence[Line], now_ms: int) -> Cursor:
        """The cursor once these lines have been published too, at `now_ms`."""
        # A clock that is ahead of ours must not hide what is played until then.
        ended = [min(line.ended_ms, now_ms) for line in lines if line.ended_ms is not None]
        known = ended if self.newest_ms is None else [*ended, self.newest_ms]
        used = {line.start for line in lines}
        return self.model_copy(
            update={
                "published": (*self.published, *(line.event_id for line in lines))[-_REMEMBERED:],
                "newest_ms": max(known, default=None),
                "starts": tuple(start for start in self.starts if start not in used),
            }
        )

    def seeing(self, playing: Seen | None, started: Start | None) -> Cursor:
        """The cursor once it has been published what plays, and what began with it."""
        starts = self.starts if started is None else (*self.starts, started)[-_REMEMBERED:]
        return self.model_copy(update={"playing": playing, "starts": starts})


@dataclass(frozen=True)
class CursorFile:
    """Where the cursor lies between two runs."""

    path: Path

    def load(self, user_id: str, account: str) -> Cursor:
        """The cursor of a listener's account (both pseudonyms); a new one where there is none of theirs."""
        new = Cursor(user_id=user_id, account=account)
        text = read_private(self.path, SETTING)
        if text is None:
            return new
        try:
            cursor = Cursor.model_validate_json(text)
        except ValidationError as error:
            raise BackbeatError(
                f"{self.path}: not a cursor; remove it to begin with what Spotify still lists (see {SETTING})"
            ) from error
        return cursor if (cursor.user_id, cursor.account) == (user_id, account) else new

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
