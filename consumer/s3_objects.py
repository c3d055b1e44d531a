"""What is asked of one object on S3, once: whoever calls tries again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from consumer.head import Head
from consumer.s3_client import raise_unless_absent

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def read(client: S3Client, bucket: str, key: str, part: str = "") -> bytes | None:
    """The object's bytes, or the `part` (an HTTP range) of them; None when there is none."""
    try:
        if part:
            answer = client.get_object(Bucket=bucket, Key=key, Range=part)
        else:
            answer = client.get_object(Bucket=bucket, Key=key)
        body: bytes = answer["Body"].read()
    except ClientError as error:
        raise_unless_absent(error)
        return None
    return body


def look(client: S3Client, bucket: str, key: str) -> Head | None:
    """The object's size, metadata and time; None when there is none."""
    try:
        answer = client.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        raise_unless_absent(error)
        return None
    return Head(answer["ContentLength"], answer["Metadata"], answer["LastModified"])


def copy(client: S3Client, bucket: str, source: str, target: str) -> bool:
    """Put the object and its metadata at `target` too; False when there is no source."""
    try:
        client.copy_object(Bucket=bucket, Key=target, CopySource={"Bucket": bucket, "Key": source})
    except ClientError as error:
        raise_unless_absent(error)
        return False
    return True


def drop(client: S3Client, bucket: str, key: str) -> None:
    """Delete the object; harmless when there is none, though not every server says so.

    Of several who delete one key at once, versitygw tells some that it is not there.
    """
    try:
        client.delete_object(Bucket=bucket, Key=key)
    except ClientError as error:
        raise_unless_absent(error)
