"""Settings of the serving room."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr

from contracts.kafka import KafkaClientSettings
from contracts.settings import Settings
from contracts.web.settings import KeySettings


class ServingSettings(Settings):
    """What `build`, `publish`, `refresh`, `app` and `evaluate` read from the environment or `.env`."""

    snapshots_kept: int = Field(3, ge=1, description="How many published snapshots stay on disk.")
    curated_kept: int = Field(
        2, ge=1, description="How many publishes to Parquet stay in the lake; one is only the newest."
    )
    rejected_sample: int = Field(
        50, ge=0, description="How many refused events per topic and error code a snapshot shows."
    )
    target: str = Field("duckdb", description="dbt's target in profiles.yml: duckdb or snowflake.")
    evaluation: Path = Field(
        Path("var/evaluation.json"), description="Where the result of the last `backbeat evaluate` is kept."
    )
    gate_inbox_hours: float = Field(
        24.0, ge=0, description="Files that wait in the inbox for longer stop a refresh; 0: none does."
    )
    gate_malformed_share: float = Field(
        0.5, ge=0, le=1, description="New records of a topic of which more are malformed stop a refresh."
    )


class AppSettings(Settings):
    """What `backbeat app` and its pages read: who may see what, and where the live service is."""

    oidc_issuer: str = Field(
        "",
        description="Issuer (https://…) of the OpenID Connect log-in that the app asks for; empty: it asks "
        "for none, shows everything, and listens on this machine only.",
    )
    oidc_client_id: str = Field("", description="The app's client id at the issuer.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Its secret.")
    oidc_scopes: str = Field("openid profile email", description="What the app asks the issuer for.")
    app_url: str = Field(
        "",
        description="Where browsers find the app (https://…), default http://localhost:<port>; the issuer "
        "must know <url>/oauth2callback as where to send people back to.",
    )
    oidc_cookie_secret: SecretStr = Field(
        SecretStr(""),
        description="Signs the log-ins, 32 characters or more; empty: another one at each start, which ends "
        "all log-ins.",
    )
    oidc_hours: PositiveFloat = Field(12.0, description="After so many hours a log-in is asked for again.")
    oidc_user_claim: str = Field(
        "backbeat_user",
        description="Claim of the ID token with the listener's user_id, as the warehouse has it: whose "
        "history it is. Dots go into objects.",
    )
    oidc_role_claim: str = Field(
        "roles", description="Claim of the ID token with the roles or groups, one or a list; dots as above."
    )
    oidc_analyst_roles: str = Field(
        "analyst", description="Roles (comma-separated) that see everybody's history and every page."
    )
    oidc_finance_roles: str = Field("finance", description="Roles (comma-separated) that see money.")
    app_open: bool = Field(
        False,
        description="Without a log-in, let it listen elsewhere too and show everything to whoever reaches "
        "it: for a container whose port only this machine can reach.",
    )
    app_import: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether histories can be imported on the page, by those who see everybody; auto: where "
        "the app listens on this machine only.",
    )
    app_folder: Path = Field(
        Path(),
        description="What relative paths of those imports are relative to; `backbeat app` sets it.",
    )
    app_secrets: Path = Field(
        Path("var/app_secrets.toml"),
        description="Where `backbeat app` writes what Streamlit must know of the log-in, for its owner's "
        "eyes only.",
    )
    live_url: str = Field("http://127.0.0.1:8041", description="Where the page Now finds `backbeat live`.")
    live_key: SecretStr = Field(
        SecretStr(""),
        description="The key it shows there, where one is asked for (`backbeat keys create --scope read`).",
    )
    app_live_socket: str = Field(
        "",
        pattern=r"^(off|wss?://\S+)?$",
        description="Where browsers find its WebSocket (wss://host/ws/live); empty: at BACKBEAT_LIVE_URL, "
        "where that and the app are on this machine. Where there is none, or it is off, Now asks every 2 s.",
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
