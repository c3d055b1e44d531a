"""Settings of the serving room."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr

from contracts.kafka import KafkaClientSettings
from contracts.settings import Settings
from contracts.web.settings import KeySettings


class ServingSettings(Settings):
    """What `build`, `publish`, `refresh`, `app` and `evaluate` read from the environment or `.env`."""

    snapshots_kept: int = Field(3, ge=1, description="How many published snapshots stay on disk.")
    rejected_sample: int = Field(
        50, ge=0, description="How many refused events per topic and error code a snapshot shows."
    )
    target: str = Field("duckdb", description="dbt's target in profiles.yml: duckdb or snowflake.")
    evaluation: Path = Field(
        Path("var/evaluation.json"), description="Where the result of the last `backbeat evaluate` is kept."
    )


class AppSettings(Settings):
    """What the pages of `backbeat app` read beside the snapshots."""

    live_url: str = Field("http://127.0.0.1:8041", description="Where the page Now finds `backbeat live`.")
    live_key: SecretStr = Field(
        SecretStr(""),
        description="The key it shows there, where one is asked for (`backbeat keys create --scope read`).",
    )


class LiveSettings(KafkaClientSettings, KeySettings):
    """What `backbeat live` reads."""

    live_address: str = Field(
        "127.0.0.1",
        description="Where the live path listens; elsewhere than on this machine it asks for keys "
        "(`backbeat keys create --scope read`), and belongs behind a proxy that speaks TLS.",
    )
    live_port: int = Field(8041, ge=0, le=65_535, description="Its port; 0: any that is free.")
    live_group: str = Field(
        "backbeat-live",
        pattern=r"^[A-Za-z0-9._-]+$",
        description="Consumer group under which its place is shown in Kafka; it never starts from there.",
    )
    live_history_minutes: int = Field(
        120, ge=10, le=1_440, description="How far back it counts, and reads again when it starts."
    )
    live_plays: PositiveInt = Field(
        30_000_000, description="Plays it keeps at most, at about 10 bytes; the oldest go first."
    )
    live_tick_seconds: float = Field(0.5, ge=0.05, le=10, description="How often readers are sent changes.")
    live_heartbeat_seconds: PositiveFloat = Field(
        5.0, description="A reader that nothing was sent to for so long gets a heartbeat."
    )
    live_readers: PositiveInt = Field(2_000, description="WebSocket readers at once.")
    live_reader_frames: PositiveInt = Field(
        8, description="Frames that may wait for a reader; one that is slower is dropped."
    )
    live_rising_listeners: PositiveInt = Field(
        10, description="Listeners a track needs within a window to be looked at as rising."
    )
    live_origins: str = Field(
        "", description="Origins (https://host[:port], …) whose pages may read it beside those of localhost."
    )


class ReadSettings(KeySettings):
    """What `backbeat serve` reads."""

    serve_address: str = Field(
        "127.0.0.1",
        description="Where the read API listens; elsewhere than on this machine it asks for keys "
        "(`backbeat keys create --scope read`), and belongs behind a proxy that speaks TLS.",
    )
    serve_port: int = Field(8042, ge=0, le=65_535, description="Its port; 0: any that is free.")
    serve_follow_seconds: PositiveFloat = Field(1.0, description="How often it looks for a newer snapshot.")
    serve_queries: PositiveInt = Field(4, description="Queries at once, each on a core of its own.")
    serve_waiting: PositiveInt = Field(
        200, description="Requests that may wait for their query; beyond that the answer is 503."
    )
    serve_memory_mib: PositiveInt = Field(512, description="Memory DuckDB may use.")
    serve_cache_mib: PositiveInt = Field(32, description="Answers of the newest snapshot kept in memory.")
    serve_origins: str = Field(
        "", description="Origins (https://host[:port], …) whose pages may read it beside those of localhost."
    )
