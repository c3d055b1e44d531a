"""A departure: the word of an archiver that objects leave bronze by policy, written before they do."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Departure(BaseModel):
    """`keys` of bronze that leave; `kept`: they lie in the archive."""

    model_config = ConfigDict(frozen=True)

    writer: str
    kept: bool
    keys: list[str]

    def body(self) -> bytes:
        """The departure as JSON."""
        return self.model_dump_json().encode()
