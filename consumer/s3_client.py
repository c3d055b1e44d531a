"""How the S3 store speaks: a client that never retries by itself, and writes whose permission runs out."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from zlib import crc32

import boto3
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from consumer.permit import Body
from consumer.settings import StoreSettings
from consumer.watch.requests import answered, lost

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_CONNECT_SECONDS, _READ_SECONDS, _CONNECTIONS = 5, 30, 32


def s3_client(settings: StoreSettings) -> S3Client:
    """A client that never tries again by itself: a hidden retry would turn our own success into a 412."""
    path_style = settings.s3_path_style
    if path_style is None:
        path_style = bool(settings.s3_endpoint_url)
    client = boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint_url or None,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key_id.get_secret_value() or None,
        aws_secret_access_key=settings.s3_secret_access_key.get_secret_value() or None,
        aws_session_token=settings.s3_session_token.get_secret_value() or None,
        config=Config(
            retries={"total_max_attempts": 1},
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            max_pool_connections=_CONNECTIONS,
            signature_version="s3v4",  # the older one neither signs headers nor ends when it says
            s3={"addressing_style": "path" if path_style else "auto"},
        ),
    )
    events = client.meta.events
    events.register("after-call.s3", lambda http_response, **_: answered(http_response.status_code))
    events.register("after-call-error.s3", lambda exception, **_: lost(exception))
    return client


@dataclass(frozen=True)
class SignedPut:
    """The permission to create one object, which S3 itself stops honouring at `expires`."""

    url: str
    headers: Mapping[str, str]
    expires: datetime


def sign_put(  # noqa: PLR0913, PLR0917 -- what is signed
    client: S3Client, bucket: str, key: str, metadata: Mapping[str, str], body: Body, until: datetime
) -> SignedPut | None:
    """Sign the creation of `key` with `metadata` if it is absent; None when it is too late for that.

    The body's checksum is signed too: S3 takes no other bytes, and no part of these. CRC-32 is read off
    at 4 GiB/s, an MD5 at 0.7: with that it was an eighth of what a record of 1.2 kB cost.

    The signature counts from its own time. Were we paused between looking at the clock and signing, it
    would end after `until`: then it is thrown away, and made again for what is left.
    """
    checksum = b64encode(crc32(body).to_bytes(4, "big")).decode()
    while (left := int((until - datetime.now(UTC)).total_seconds())) >= 1:
        url = client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": bucket,
                "Key": key,
                "IfNoneMatch": "*",
                "ChecksumCRC32": checksum,
                "Metadata": dict(metadata),
            },
            ExpiresIn=left,
        )
        (signed_at,) = parse_qs(urlsplit(url).query)["X-Amz-Date"]
        start = datetime.strptime(signed_at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if (expires := start + timedelta(seconds=left)) <= until:
            stamp = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
            headers = {"if-none-match": "*", "x-amz-checksum-crc32": checksum, **stamp}
            return SignedPut(url, headers, expires)
    return None


def http_session(settings: StoreSettings) -> URLLib3Session:
    """The connections that signed requests go over; the same time-outs as the client's."""
    return URLLib3Session(
        verify=os.environ.get("AWS_CA_BUNDLE") or True,  # type: ignore[arg-type]  # a path is as good
        proxies=get_environ_proxies(settings.s3_endpoint_url or "https://s3.amazonaws.com"),
        timeout=(_CONNECT_SECONDS, _READ_SECONDS),  # type: ignore[arg-type]  # the client does so too
        max_pool_connections=_CONNECTIONS,
    )


def send(session: URLLib3Session, put: SignedPut, body: Body) -> None:
    """Make the request with the body it was signed for; ClientError for any answer but success."""
    headers = {**put.headers, "content-type": "application/octet-stream"}
    try:
        answer = session.send(AWSRequest("PUT", put.url, headers, body).prepare())
    except BotoCoreError as error:
        lost(error)
        raise
    answered(answer.status_code)
    if answer.status_code >= 300:
        code = re.search(rb"<Code>([^<]*)</Code>", answer.content)
        raise ClientError(
            {
                "Error": {"Code": code[1].decode() if code else ""},
                "ResponseMetadata": {"HTTPStatusCode": answer.status_code},  # type: ignore[typeddict-item]
            },
            "PutObject",
        )


def status(error: ClientError) -> int:
    """The HTTP status that `error` stands for."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def raise_unless_absent(error: ClientError) -> None:
    """Raise `error` unless it only says that a key is not there.

    A missing key and a missing bucket are both 404; HEAD has no body to tell them apart, and the bucket
    was there at start-up.
    """
    if status(error) != 404 or error.response.get("Error", {}).get("Code") == "NoSuchBucket":
        raise error
