"""What must not leave the process in a log, an answer or an error."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import BaseModel, SecretStr

HIDDEN = "***"
# A signed URL is the right to write; the user part of an address may hold a password.
_SIGNATURE = re.compile(r"(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s\"']+", re.IGNORECASE)
_USER = re.compile(r"(\w+://)[^/@\s]+@")


def secrets_of(settings: BaseModel) -> list[str]:
    """The values of all settings typed as secrets that are set."""
    values = [getattr(settings, name) for name in type(settings).model_fields]
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr) and value]


def hide(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without signatures, passwords in addresses, or any of `secrets`."""
    text = _USER.sub(rf"\1{HIDDEN}@", _SIGNATURE.sub(rf"\1{HIDDEN}", text))
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text
