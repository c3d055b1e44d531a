"""A lake on S3: atomic create-if-absent through `If-None-Match: *`, and no ambiguous answer believed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import uuid4

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import ConnectionError as ConnectionFailure

from consumer.head import Head
from consumer.listing import ending
from consumer.permit import Body, Permit, too_late
from consumer.s3_client import http_session, s3_client, send, sign_put, status
from consumer.s3_objects import copy, drop, look, read
from consumer.s3_refusal import refused
from consumer.settings import StoreSettings
from consumer.watch.requests import retrying, told
from contracts.errors import BackbeatError

_ATTEMPT = "backbeat-attempt"
_TRANSIENT = frozenset({408, 409, 429})
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_START_SECONDS = 10.0  # a mistyped address should be told soon
_Answer = TypeVar("_Answer")


class S3Store:
    """Objects under `s3://bucket/prefix`; one client, safe to share between threads."""

    def __init__(self, lake: str, settings: StoreSettings) -> None:
        self._bucket, _, prefix = lake.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._deadline = settings.s3_deadline_seconds
        self._where = settings.s3_endpoint_url or "AWS"
        self._put_seconds = settings.sink_put_seconds
        self._client, self._session = s3_client(settings), http_session(settings)
        if not self._bucket:
            raise BackbeatError(f"BACKBEAT_LAKE={lake} names no bucket")
        # HEAD has no body, and a 404 without one may also mean a key that the server does not know.
        self._try(
            "reach", lambda: self._client.list_objects_v2(Bucket=self._bucket, MaxKeys=1), _START_SECONDS
        )

    def create(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        """Put `body` at `key` if nothing is there.

        A 412 after a lost answer may be our own success: the attempt's id, kept as metadata, tells.
        """
        attempt = uuid4().hex
        stamp = {**(metadata or {}), _ATTEMPT: attempt}

        def put() -> object:
            return self._client.put_object(
                Bucket=self._bucket, Key=self._prefix + key, Body=body, Metadata=stamp, IfNoneMatch="*"
            )

        return self._try(f"write {key} to", partial(self._created, key, attempt, put))

    def _created(self, key: str, attempt: str, put: Callable[[], object]) -> bool:
        try:
            put()
        except ClientError as error:
            if status(error) != 412:
                raise
            found = self.head(key)
            return found is not None and found.metadata.get(_ATTEMPT) == attempt
        return True

    def replace(self, key: str, body: bytes) -> None:
        """Put `body` at `key`, whatever is there: readers get the one or the other, whole."""
        put = partial(self._client.put_object, Bucket=self._bucket, Key=self._prefix + key, Body=body)
        self._try(f"write {key} to", put)

    def deadline(self) -> datetime:
        """Until when what is decided now may be written."""
        return datetime.now(UTC) + timedelta(seconds=self._put_seconds)

    def permit(self, key: str, metadata: Mapping[str, str], until: datetime) -> Permit:
        """The right to create `key`: signed with the body, once, and after `until` S3 itself refuses it."""
        if datetime.now(UTC) >= until:
            raise too_late(key, until)
        attempt = uuid4().hex
        stamp, name = {**metadata, _ATTEMPT: attempt}, self._prefix + key

        def create(body: Body) -> bool:
            signed = sign_put(self._client, self._bucket, name, stamp, body, until)
            if signed is None:
                raise too_late(key, until)
            put = partial(send, self._session, signed, body)
            seconds = max((signed.expires - datetime.now(UTC)).total_seconds(), 0)
            try:
                return self._try(f"write {key} to", partial(self._created, key, attempt, put), seconds)
            except BackbeatError as error:
                if datetime.now(UTC) < signed.expires:
                    raise
                raise too_late(key, until) from error

        return create

    def get(self, key: str) -> bytes | None:
        """The object's bytes; None when there is none."""
        return self._try(f"read {key} from", partial(read, self._client, self._bucket, self._prefix + key))

    def read(self, key: str, start: int, size: int) -> bytes:
        """A part of the object."""
        part = f"bytes={start}-{start + size - 1}"
        found = self._try(
            f"read {key} from", partial(read, self._client, self._bucket, self._prefix + key, part)
        )
        if found is None:
            raise BackbeatError(f"{key} is not in bucket {self._bucket} at {self._where} (BACKBEAT_LAKE)")
        return found

    def head(self, key: str) -> Head | None:
        """The object's size and metadata; None when there is none."""
        return self._try(f"look at {key} in", partial(look, self._client, self._bucket, self._prefix + key))

    def copy(self, source: str, target: str) -> bool:
        """S3 copies by itself: the bytes do not come here."""
        names = self._prefix + source, self._prefix + target
        return self._try(f"copy {source} in", partial(copy, self._client, self._bucket, *names))

    def remove(self, key: str) -> None:
        """Delete the object; harmless when there is none."""
        self._try(f"delete {key} from", partial(drop, self._client, self._bucket, self._prefix + key))

    def list(self, prefix: str, start_after: str = "") -> Iterator[str]:
        """Keys under `prefix` after `start_after`, in lexicographic order, a page of 1,000 at a time."""
        last = start_after
        more = True
        while more:
            keys, more = self._try(f"list {prefix} in", partial(self._page, prefix, last))
            yield from keys
            last = keys[-1] if keys else last

    def last(self, prefix: str, start_after: str = "") -> Sequence[str]:
        """The last two keys under `prefix`, whose names are numbers, without listing all of them."""
        page = partial(self._page, prefix)
        return ending(lambda after: self._try(f"list {prefix} in", partial(page, after)), prefix, start_after)

    def _page(self, prefix: str, after: str) -> tuple[Sequence[str], bool]:
        answer = self._client.list_objects_v2(
            Bucket=self._bucket,
            Prefix=self._prefix + prefix,
            StartAfter=self._prefix + after if after else "",
        )
        keys = [item["Key"].removeprefix(self._prefix) for item in answer.get("Contents", [])]
        return keys, answer["IsTruncated"] and bool(keys)

    def _try(self, what: str, call: Callable[[], _Answer], seconds: float | None = None) -> _Answer:
        """Call again on conflicts, throttling, server errors and time-outs until the deadline."""
        seconds = self._deadline if seconds is None else min(seconds, self._deadline)
        give_up = time.monotonic() + seconds
        pause = _FIRST_PAUSE
        while True:
            try:
                return call()
            except ClientError as error:
                if status(error) < 500 and status(error) not in _TRANSIENT:
                    raise refused(error, self._bucket, self._where) from error
                reason = f"it answers {status(error)}"
            except (ConnectionFailure, HTTPClientError, IncompleteReadError) as error:
                reason = told(error)
            except BotoCoreError as error:
                raise BackbeatError(
                    f"S3 at {self._where} cannot be asked: {error} (BACKBEAT_S3_ACCESS_KEY_ID)"
                ) from error
            if time.monotonic() + pause > give_up:
                raise BackbeatError(
                    f"cannot {what} bucket {self._bucket} at {self._where} within {seconds:g} s: "
                    f"{reason} (BACKBEAT_LAKE, BACKBEAT_S3_ENDPOINT_URL)"
                )
            retrying(what, reason, pause)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
