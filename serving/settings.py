"""Settings of the serving room."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from contracts.settings import Settings


class ServingSettings(Settings):
    """What `publish`, `refresh`, `app` and `evaluate` read from the environment or `.env`."""

    snapshots_kept: int = Field(3, ge=1, description="How many published snapshots stay on disk.")
    rejected_sample: int = Field(
        50, ge=0, description="How many refused events per topic and error code a snapshot shows."
    )
    evaluation: Path = Field(
        Path("var/evaluation.json"), description="Where the result of the last `backbeat evaluate` is kept."
    )
