"""What the collector reads from its environment."""

from __future__ import annotations

from typing import Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from contracts.web.settings import KeySettings
from producer.settings import KafkaSettings


class CollectorSettings(KeySettings, KafkaSettings):
    """Everything `backbeat collector` reads."""

    collector_address: str = Field(
        "127.0.0.1", description="Where the collector listens; elsewhere only behind a proxy that speaks TLS."
    )
    collector_port: int = Field(8040, ge=0, le=65_535, description="Its port; 0: any that is free.")
    collector_body_bytes: PositiveInt = Field(
        10_485_760, description="How long a request may be as it is sent: 1,000 listens of 10,240 bytes fit."
    )
    collector_unpacked_bytes: PositiveInt = Field(
        33_554_432, description="How long it may be once it is gunzipped; nothing beyond that is unpacked."
    )
    collector_request_events: PositiveInt = Field(
        1_000, description="Events in a request; 1,000 keep the collector busy for about 20 ms."
    )
    collector_rate: PositiveFloat = Field(5_000, description="Events a second that each key may send.")
    collector_burst: PositiveInt = Field(
        20_000, description="Events that a key which was quiet may send at once."
    )
    collector_ack_seconds: PositiveFloat = Field(
        5.0,
        description="How long Kafka may take to acknowledge before a request is answered 503. A leader "
        "election may take longer: then the client tries again.",
    )
    collector_read_seconds: PositiveFloat = Field(
        30.0, description="How long a client may take to send its request."
    )
    collector_skew_seconds: NonNegativeFloat = Field(
        3_600.0, description="How far a client's clock may be ahead, as ListenBrainz has it."
    )
    collector_pending_events: PositiveInt = Field(
        50_000, description="Events that may wait for Kafka's acknowledgement; beyond that the answer is 503."
    )
    collector_pending_bytes: PositiveInt = Field(67_108_864, description="Bytes that may wait for it.")

    @model_validator(mode="after")
    def _whole_requests(self) -> Self:
        if self.collector_burst < self.collector_request_events:
            raise ValueError("BACKBEAT_COLLECTOR_BURST must not be below BACKBEAT_COLLECTOR_REQUEST_EVENTS")
        return self
