"""What an import reads from its environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt, SecretStr

from contracts.settings import Settings
from producer.importers.place import MOST_UNPACKED_MIB


class ImportSettings(Settings):
    """Where receipts go (`BACKBEAT_LAKE`) and the key that turns a user's name into a pseudonym."""

    pseudonym_key: SecretStr = Field(
        SecretStr(""), description="Key of the pseudonyms; empty: made once, kept in var/pseudonym.key."
    )
    pseudonym_key_file: Path = Field(
        Path("var/pseudonym.key"), description="Where the key is kept when none is given."
    )
    import_unpacked_mib: PositiveInt = Field(
        MOST_UNPACKED_MIB, description="What the archives (zip, gzip) of one import may unpack to, in MiB."
    )
    inbox_settled_seconds: NonNegativeFloat = Field(
        10.0, description="A file in the inbox that was written to less long ago is left for the next time."
    )
    archive_landing_days: NonNegativeInt = Field(
        0, description="How long the files from the inbox are archived; 0: for ever."
    )
