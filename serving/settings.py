"""Settings of the serving room."""

from __future__ import annotations

from pydantic import Field

from contracts.settings import Settings


class ServingSettings(Settings):
    """What `publish`, `refresh` and `app` read from the environment or `.env`."""

    snapshots_kept: int = Field(3, ge=1, description="How many published snapshots stay on disk.")
    rejected_sample: int = Field(
        50, ge=0, description="How many refused events per topic and error code a snapshot shows."
    )
