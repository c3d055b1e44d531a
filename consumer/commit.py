"""Intent first: win the fence, write the data object it names, and only then tell Kafka."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from consumer.chain import Tail
from consumer.data import write
from consumer.draft import Draft
from consumer.fence import Fence
from consumer.store import Store
from consumer.tally import Tally
from consumer.watch.metrics import FENCES, stage
from contracts.lake import Chain


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Committer:
    """Lands drafts of any partition; calls for one partition must be one after the other."""

    def __init__(self, store: Store, writer: str, clock: Callable[[], datetime] = _utc_now) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock

    @stage("total").time()
    def land(self, chain: Chain, tail: Tail, draft: Draft) -> tuple[Tail, Tally] | None:
        """Put `draft`, which must begin at `tail.next`, into the lake; returns the new tail.

        None: another owner decided what follows `tail`. The draft must be dropped, and the chain walked
        again, because what that owner took may end elsewhere.
        """
        if draft.base != tail.next:
            raise ValueError(f"a draft from {draft.base} cannot follow a tail at {tail.next}")
        until = self._store.deadline()
        fence = Fence.of(chain, draft, tail.hour, self._clock(), self._writer)
        fence = fence.model_copy(update={"put_expires": until})
        # The right to write the object is older than the decision, so it ends before anybody could have
        # finished the object for us and then moved it on.
        permit = self._store.permit(fence.data_key, fence.stamp(), until)
        with stage("fence").time():
            won = self._won(chain.fence_key(fence.base), fence.body())
        FENCES.labels("won" if won else "lost").inc()
        if not won:
            return None
        return Tail(fence), write(self._store, fence, draft, permit)

    def _won(self, key: str, body: bytes) -> bool:
        """Whether the fence at `key` is ours: created now or, with its attempt's id, by a request before."""
        return self._store.create(key, body) or self._store.get(key) == body
