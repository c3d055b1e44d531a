"""A plain S3 client for tests: what is in a bucket, seen by no code of ours."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from tests.servers import ACCESS_KEY, SECRET_KEY

# Buckets by path: a test's server has no names below its own.
_ADDRESSING = Config(signature_version="s3v4", s3={"addressing_style": "path"})


def s3_client(endpoint: str) -> Any:
    """A client of the test server at the URL `endpoint`; to be closed."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=_ADDRESSING,
    )
