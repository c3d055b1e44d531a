"""The sink's settings: what it reads from `BACKBEAT_<NAME>`, each default with its reason."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, SecretStr

from contracts.kafka import KafkaClientSettings
from contracts.settings import Settings


class StoreSettings(Settings):
    """How to reach the lake when it is on S3. Left empty, boto3's own chain (profile, role) decides."""

    s3_endpoint_url: str = Field("", description="http(s)://host:port of an S3-like server; empty: AWS.")
    s3_region: str = Field("us-east-1", description="Region; what S3-compatible servers expect by default.")
    s3_access_key_id: SecretStr = Field(SecretStr(""), description="Access key; empty: boto3's own chain.")
    s3_secret_access_key: SecretStr = Field(SecretStr(""), description="Secret key.")
    s3_session_token: SecretStr = Field(SecretStr(""), description="Session token of temporary credentials.")
    s3_path_style: bool | None = Field(
        None, description="host/bucket/key addresses; unset: yes with an endpoint, no on AWS."
    )
    s3_deadline_seconds: PositiveFloat = Field(
        60.0,
        description="How long one request is tried again on 409, 5xx and time-outs. Outlasts S3's throttling "
        "and a server's restart; well under Kafka's 5 minutes between polls.",
    )
    sink_put_seconds: PositiveInt = Field(
        600,
        le=43_200,
        description="How long after its decision an object may still be written; a paused sink that wakes up "
        "later writes nothing. Outlasts the fence, the encoding and the object, each at its deadline. "
        "Nothing may be removed from bronze earlier than this after the next fence.",
    )


class WatchSettings(Settings):
    """How the sink tells what it does."""

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What the sink logs to stderr: debug adds each object and each error of Kafka's."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="json: one object a line. auto: json, unless stderr is a terminal."
    )
    sink_metrics_port: int = Field(
        0, ge=0, le=65_535, description="Port of /metrics, /healthz and /readyz; 0: nobody listens."
    )
    sink_metrics_address: str = Field(
        "127.0.0.1", description="Where to listen; they ask for no key, so elsewhere only behind a firewall."
    )
    sink_stuck_seconds: PositiveFloat | None = Field(
        None,
        description="/healthz says 503 when the main loop has not turned for so long; unset: a fence and an "
        "object each at BACKBEAT_S3_DEADLINE_SECONDS, and BACKBEAT_SINK_KAFKA_SECONDS.",
    )


class SinkSettings(StoreSettings, KafkaClientSettings, WatchSettings):
    """Everything `backbeat sink` reads."""

    sink_kafka_seconds: PositiveFloat = Field(
        15.0,
        description="How long Kafka may be away before the sink stops. A leader election takes up to about "
        "10 s; a supervisor that restarts the sink costs nothing, because it resumes from the lake.",
    )
    sink_object_bytes: PositiveInt = Field(
        128 * 1024**2,
        description="A partition is flushed when its object would have this size: scans well, and one "
        "request still writes it.",
    )
    sink_flush_bytes: PositiveInt = Field(
        1024**3,
        description="A partition is flushed at this many payload bytes: what is read again after a crash.",
    )
    sink_flush_rows: PositiveInt = Field(
        5_000_000, description="A partition is flushed at this many rows, however small they are."
    )
    sink_flush_seconds: PositiveFloat = Field(
        5.0,
        description="A partition's first rows are flushed when the oldest is this old, as is every object "
        "while it comes out large enough. With the embedded broker always: its producers wait for commits.",
    )
    sink_flush_longest_seconds: PositiveFloat = Field(
        300.0,
        description="That age doubles with each object smaller than half of BACKBEAT_SINK_OBJECT_BYTES, up "
        "to this: what a reader of a quiet topic waits for at most, and 12 objects an hour.",
    )
    sink_buffer_bytes: PositiveInt = Field(
        256 * 1024**2,
        description="When the partitions hold this much together, mostly compressed, the largest are "
        "flushed: with Kafka's own queue and the objects on their way the process stays under 1 GiB.",
    )
    sink_queue_bytes: PositiveInt = Field(
        64 * 1024**2,
        ge=1024**2,
        description="How much Kafka's client may fetch ahead; one answer of a broker may come on top.",
    )
    sink_fetch_wait_ms: PositiveInt = Field(
        500, description="How long a broker that has nothing new may wait before it says so."
    )
    sink_session_seconds: PositiveFloat = Field(
        10.0,
        ge=1,
        description="How long a killed sink's partitions wait for a new owner. Kafka allows 6 s at least, or "
        "what its group.min.session.timeout.ms says.",
    )
    sink_group_protocol: Literal["classic", "consumer"] = Field(
        "classic",
        description="Who shares out the partitions: the sinks, or the broker (KIP-848, Kafka 4.0 on). Both "
        "land each offset once; with `consumer` the broker's group.consumer.session.timeout.ms (45 s) rules.",
    )
    sink_writers: PositiveInt = Field(
        8,
        description="Objects written at the same time, one per partition. Hides the round trips to S3; "
        "more does not help, because decoding shares one interpreter lock.",
    )
    sink_on_gap: Literal["fail", "record"] = Field(
        "fail",
        description="When Kafka has dropped rows the lake does not have: stop, or write the gap into the "
        "next fence and go on. The embedded broker always stops.",
    )
    sink_probe: bool = Field(
        True,
        description="Once a day, before it lands anything, the sink lets 32 creates of one key race: a lake "
        "where more than one wins cannot keep exactly-once, and is refused.",
    )

    @property
    def stuck_seconds(self) -> float:
        """How long the main loop may take for one turn before something must be wrong."""
        return self.sink_stuck_seconds or 2 * self.s3_deadline_seconds + self.sink_kafka_seconds


class UpkeepSettings(StoreSettings):
    """What `backbeat lake compact` and `backbeat lake archive` read."""

    compact_bytes: PositiveInt = Field(
        128 * 1024**2,
        description="A compacted object is ended at this size: large enough to scan at full speed, small "
        "enough to be built in memory: 0.9 GB were in use at the most.",
    )
    compact_quiet_seconds: PositiveFloat = Field(
        3600.0,
        description="A partition that got nothing for this long holds no hour open. What it gets later is "
        "compacted by itself.",
    )
    archive_after_days: NonNegativeFloat = Field(
        30.0, description="Hours older than this leave bronze, once they are compacted and verified."
    )
