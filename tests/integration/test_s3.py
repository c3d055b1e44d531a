"""The S3 store against a real server: one winner, no ambiguous answer believed, clear lines for the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from consumer.s3 import S3Store
from consumer.s3_client import sign_put
from consumer.settings import StoreSettings
from consumer.store import store_for
from contracts.errors import BackbeatError
from tests.s3_client import s3_client

LAKE = "s3://lake/some/prefix"


@pytest.fixture
def settings(endpoint: str) -> StoreSettings:
    return StoreSettings(
        _env_file=None,
        s3_endpoint_url=endpoint,
        s3_access_key_id="key",
        s3_secret_access_key="secret",  # noqa: S106 -- any will do for this server
        s3_deadline_seconds=2.0,
    )


@pytest.fixture
def client(settings: StoreSettings) -> Iterator[Any]:
    """A plain client of the server, with an empty bucket `lake`."""
    found = s3_client(settings.s3_endpoint_url)
    found.create_bucket(Bucket="lake")
    yield found
    for item in found.list_objects_v2(Bucket="lake").get("Contents", []):
        found.delete_object(Bucket="lake", Key=item["Key"])
    found.delete_bucket(Bucket="lake")
    found.close()


@pytest.fixture
def store(settings: StoreSettings, client: Any) -> S3Store:
    found = store_for(LAKE, settings)
    assert isinstance(found, S3Store)
    return found


def failure(status: int, code: str) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutObject")


def test_of_16_racing_creators_exactly_one_wins(store: S3Store) -> None:
    barrier = Barrier(16)

    def race(number: int) -> bool:
        barrier.wait()
        return store.create("a/b", b"%d" % number)

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(race, range(16)))
    assert won.count(True) == 1
    assert store.get("a/b") == b"%d" % won.index(True)


def test_objects_lie_under_the_prefix_with_their_metadata(store: S3Store, client: Any) -> None:
    assert store.create("a/b", b"body", {"backbeat-base": "7"})
    assert not store.create("a/b", b"other")
    assert client.get_object(Bucket="lake", Key="some/prefix/a/b")["Body"].read() == b"body"
    head = store.head("a/b")
    assert head is not None
    assert (head.size, head.metadata["backbeat-base"]) == (4, "7")
    assert store.get("a/none") is None
    assert store.head("a/none") is None


def test_list_is_lexicographic_over_pages(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("a/1", "a/2", "a/10", "b/1", "a/3"):
        store.create(key, b"")
    page = store._client.list_objects_v2
    monkeypatch.setattr(store._client, "list_objects_v2", lambda **options: page(**options, MaxKeys=2))
    assert list(store.list("a/")) == ["a/1", "a/10", "a/2", "a/3"]
    assert list(store.list("a/", start_after="a/10")) == ["a/2", "a/3"]
    assert list(store.list("c/")) == []


@pytest.mark.parametrize("trouble", ["answer lost", "conflict", "slow down"])
def test_a_success_that_looked_like_a_failure_is_a_success(
    store: S3Store, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    put, calls = store._client.put_object, []

    def unreliable(**options: Any) -> Any:
        calls.append(options)
        if len(calls) == 1 and trouble == "answer lost":
            put(**options)
            raise ReadTimeoutError(endpoint_url="http://server")
        if len(calls) == 1:
            raise failure(
                *{"conflict": (409, "ConditionalRequestConflict"), "slow down": (503, "SlowDown")}[trouble]
            )
        return put(**options)

    monkeypatch.setattr(store._client, "put_object", unreliable)
    assert store.create("a/b", b"body")
    assert len(calls) == 2
    assert store.get("a/b") == b"body"


def test_a_lost_answer_to_a_lost_race_is_a_lost_race(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put, calls = store._client.put_object, []

    def unreliable(**options: Any) -> Any:
        calls.append(options)
        if len(calls) == 1:
            raise ReadTimeoutError(endpoint_url="http://server")
        return put(**options)

    assert store.create("a/b", b"theirs")
    monkeypatch.setattr(store._client, "put_object", unreliable)
    assert not store.create("a/b", b"ours")
    assert store.get("a/b") == b"theirs"


def test_a_permit_creates_what_was_signed_and_nothing_else(store: S3Store, client: Any) -> None:
    create = store.permit("a/b c+d", {"backbeat-base": "7"}, store.deadline())
    assert create(b"body")
    assert create(b"body")  # ours already: the attempt's id says so
    assert client.get_object(Bucket="lake", Key="some/prefix/a/b c+d")["Body"].read() == b"body"
    head = store.head("a/b c+d")
    assert head is not None
    assert head.metadata["backbeat-base"] == "7"
    assert not store.permit("a/b c+d", {}, store.deadline())(b"other")
    assert store.get("a/b c+d") == b"body"


def test_a_permit_ends_by_the_time_it_was_asked_for(store: S3Store) -> None:
    until = store.deadline()
    signed = sign_put(store._client, "lake", "key", {"backbeat-base": "7"}, b"body", until)
    assert signed is not None
    assert timedelta() <= until - signed.expires < timedelta(seconds=2)
    signed_headers = parse_qs(urlsplit(signed.url).query)["X-Amz-SignedHeaders"]
    assert signed_headers == ["host;if-none-match;x-amz-checksum-crc32;x-amz-meta-backbeat-base"]
    with pytest.raises(BackbeatError, match=r"a/b was not written by .* \(BACKBEAT_SINK_PUT_SECONDS\)"):
        store.permit("a/b", {}, datetime.now(UTC))


def test_a_permit_that_s3_no_longer_honours_is_one_line(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = datetime.now(UTC) + timedelta(seconds=2.5)
    create = store.permit("a/b", {}, until)

    def expired(*_: Any) -> None:
        while datetime.now(UTC) < until:
            time.sleep(0.05)
        raise failure(403, "AccessDenied")

    monkeypatch.setattr("consumer.s3.send", expired)
    with pytest.raises(BackbeatError, match=r"a/b was not written by .* the next owner"):
        create(b"body")


def test_a_server_that_stays_broken_is_one_line(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> Any:
        raise failure(500, "InternalError")

    monkeypatch.setattr(store._client, "put_object", broken)
    with pytest.raises(BackbeatError, match=r"cannot write a/b to bucket lake .* within 2 s: it answers 500"):
        store.create("a/b", b"")


@pytest.mark.parametrize(
    ("status", "code"), [(403, "InvalidAccessKeyId"), (404, "InvalidAccessKeyId"), (400, "ExpiredToken")]
)
def test_wrong_credentials_are_one_line(
    store: S3Store, monkeypatch: pytest.MonkeyPatch, status: int, code: str
) -> None:
    def refused(**_: Any) -> Any:
        raise failure(status, code)

    monkeypatch.setattr(store._client, "put_object", refused)
    with pytest.raises(BackbeatError, match=rf"refuses these credentials: {code} \(BACKBEAT_S3_ACC"):
        store.create("a/b", b"")


def test_a_bucket_or_server_that_is_not_there_is_one_line(settings: StoreSettings) -> None:
    with pytest.raises(BackbeatError, match=r"bucket nowhere does not exist at http.* \(BACKBEAT_LAKE\)"):
        store_for("s3://nowhere", settings)
    with pytest.raises(BackbeatError, match="names no bucket"):
        store_for("s3://", settings)
    away = settings.model_copy(update={"s3_endpoint_url": "http://127.0.0.1:1", "s3_deadline_seconds": 0.3})
    with pytest.raises(BackbeatError, match=r"cannot reach bucket lake .*BACKBEAT_S3_ENDPOINT_URL"):
        store_for(LAKE, away)
