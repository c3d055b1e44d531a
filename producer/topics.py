"""`backbeat topics`: have the contract's topics in a Kafka that is new."""

from __future__ import annotations

from typing import Annotated

import typer
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from contracts.events import TOPICS
from producer.connection import Connection
from producer.settings import KafkaSettings

_DAY_MS = 86_400_000


def topics_command(
    partitions: Annotated[
        int, typer.Option(min=1, help="Partitions of a topic that is made: as many sinks can share it.")
    ] = 12,
    copies: Annotated[
        int, typer.Option(min=1, help="Brokers that hold each partition; three where there are three.")
    ] = 1,
    keep_days: Annotated[
        int, typer.Option(min=1, help="How long Kafka keeps events: as long as no sink may have run.")
    ] = 7,
) -> None:
    """Make those of the contract's topics that Kafka does not have; those it has stay as they are."""
    made = have_topics(KafkaSettings(), partitions, copies, keep_days)
    typer.echo("\n".join(f"made {name}" for name in made) or f"all {len(TOPICS)} topics are there")


def have_topics(settings: KafkaSettings, partitions: int, copies: int, keep_days: int) -> list[str]:
    """Make the topics that are missing and name them; `BackbeatError` where Kafka refuses, or is away."""
    connection = Connection(settings)
    admin = AdminClient(connection.config({}))
    try:
        there = admin.list_topics(timeout=settings.connect_timeout_s).topics
        config = {"retention.ms": str(keep_days * _DAY_MS)}
        wanted = [NewTopic(name, partitions, copies, config=config) for name in TOPICS if name not in there]
        asked = admin.create_topics(wanted) if wanted else {}
        return [name for name, answer in asked.items() if _made(answer.exception(settings.connect_timeout_s))]
    except KafkaException as error:
        raise connection.error("has not all topics", error) from error


def _made(error: BaseException | None) -> bool:
    """Whether we made it; somebody else may have been faster."""
    if error is None:
        return True
    if isinstance(error, KafkaException) and error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
        return False
    raise error
