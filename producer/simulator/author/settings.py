"""What asking a language model reads from its environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from contracts.settings import Settings


class AuthorSettings(Settings):
    """Which model writes a catalogue, and where it is asked."""

    catalogue_url: str = Field(
        "",
        description="An OpenAI-compatible endpoint, as far as /v1: https://api.openai.com/v1, "
        "http://127.0.0.1:11434/v1 …",
    )
    catalogue_model: str = Field("", description="The model that is asked there.")
    catalogue_key: SecretStr = Field(SecretStr(""), description="Its key, if it wants one.")
    catalogue_batch: int = Field(
        10, ge=1, le=100, description="Artists in one answer; halved when an answer breaks off."
    )
    catalogue_attempts: int = Field(
        3,
        ge=1,
        description="How often what was wrong is asked for again, and how many answers in a row may bring "
        "nothing; what is still missing is filled.",
    )
    catalogue_timeout_s: float = Field(120, gt=0, description="How long one answer may take.")
