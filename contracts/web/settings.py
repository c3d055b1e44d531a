"""Where the API keys of our HTTP services are kept."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from contracts.settings import Settings


class KeySettings(Settings):
    """What `backbeat keys` and every service that asks for a key read."""

    collector_keys: Path = Field(
        Path("var/collector_keys.json"),
        description="The API keys of all our services, hashed; `backbeat keys` writes this file, for its "
        "owner's eyes only.",
    )
