"""Bugs planted into the sink's real code, each of which the check of a round must find."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

import consumer.commit
from consumer.chain import Tail
from consumer.commit import Committer
from consumer.data import write
from consumer.draft import Draft
from consumer.fence import Fence
from consumer.folder import FolderStore
from consumer.permit import Permit
from consumer.s3 import S3Store
from consumer.s3_client import status
from consumer.store import Store
from consumer.tally import Tally
from contracts.lake import Chain
from tests.chaos.moments import wrap

Function = Callable[..., Any]
_UPLOAD_SECONDS = 0.5


def no_if_none_match() -> None:
    """Objects are written whether or not something is there, and every writer believes it was first."""

    def overwrite(self: S3Store, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        name = self._prefix + key
        self._client.put_object(Bucket=self._bucket, Key=name, Body=body, Metadata=dict(metadata or {}))
        return True

    def permit(self: S3Store, key: str, metadata: Mapping[str, str], until: datetime) -> Permit:
        return lambda body: overwrite(self, key, bytes(body), metadata)

    S3Store.create, S3Store.permit = overwrite, permit  # type: ignore[method-assign]
    wrap(os, "link", lambda _: os.replace)


def named_by_first_offset() -> None:
    """A fence is named by the first offset that was delivered, not by the one the lake expects."""
    decide = Fence.of

    def first(chain: Chain, draft: Draft, *rest: Any) -> Fence:
        fence = decide(chain, draft, *rest)
        key = chain.data_key(fence.first, fence.hour)
        return fence.model_copy(update={"base": fence.first, "data_key": key})

    Fence.of = first  # type: ignore[method-assign, assignment]


def parallel_uploads() -> None:
    """The next fence of a partition does not wait for this one's object, which takes a while to arrive."""
    pool = ThreadPoolExecutor(8, "upload")

    def slowly(store: Store, fence: Fence, draft: Draft, create: Permit) -> None:
        time.sleep(_UPLOAD_SECONDS)
        write(store, fence, draft, create)

    def later(store: Store, fence: Fence, draft: Draft, create: Permit) -> Tally:
        pool.submit(slowly, store, fence, draft, create)
        return Tally(rows=len(draft), objects=1)

    wrap(consumer.commit, "write", lambda _: later)


def conflict_taken_as_fenced() -> None:
    """A 409 is taken to say that this very range has been decided: the writer goes on behind it."""
    created = S3Store._created

    def believe(self: S3Store, key: str, attempt: str, put: Callable[[], object]) -> bool:
        try:
            return created(self, key, attempt, put)
        except ClientError as error:
            if status(error) != 409:
                raise
            return True

    S3Store._created = believe  # type: ignore[method-assign]


def deleted_fence() -> None:
    """Somebody tidies up: the second fence that this process lands is deleted."""
    counted = count(1)

    def around(land: Function) -> Function:
        def call(self: Committer, chain: Chain, tail: Tail, draft: Draft) -> tuple[Tail, Tally] | None:
            landed: tuple[Tail, Tally] | None = land(self, chain, tail, draft)
            if landed is not None and landed[0].fence is not None and next(counted) == 2:
                store = self._store
                assert isinstance(store, FolderStore | S3Store)
                store.remove(chain.fence_key(landed[0].fence.base))
            return landed

        return call

    wrap(Committer, "land", around)


PLANTS: dict[str, Callable[[], None]] = {
    "no-if-none-match": no_if_none_match,
    "named-by-first-offset": named_by_first_offset,
    "parallel-uploads": parallel_uploads,
    "409-taken-as-fenced": conflict_taken_as_fenced,
    "deleted-fence": deleted_fence,
}
