"""What it means when S3 refuses for good: the setting to look at."""

from __future__ import annotations

from botocore.exceptions import ClientError

from consumer.s3_client import status
from contracts.errors import BackbeatError

# Refused for who asks, whatever the status: AWS answers 400 to an expired token, versitygw 404 to a stranger.
_CREDENTIALS = frozenset(
    {"ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch", "XAdminUserNotFound"}
)


def refused(error: ClientError, bucket: str, where: str) -> BackbeatError:
    """The error to raise for an answer that asking again will not change."""
    answer, code = status(error), error.response.get("Error", {}).get("Code", "")
    if answer == 404 and code not in _CREDENTIALS:
        return BackbeatError(f"bucket {bucket} does not exist at {where} (BACKBEAT_LAKE)")
    if answer in {401, 403} or code in _CREDENTIALS:
        return BackbeatError(
            f"bucket {bucket} at {where} refuses these credentials: {code} "
            "(BACKBEAT_S3_ACCESS_KEY_ID, BACKBEAT_S3_SECRET_ACCESS_KEY)"
        )
    return BackbeatError(
        f"bucket {bucket} at {where} answers {answer} {code} (BACKBEAT_LAKE, BACKBEAT_S3_REGION)"
    )
