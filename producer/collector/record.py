"""A message on its way to Kafka."""

from __future__ import annotations

from typing import NamedTuple


class Record(NamedTuple):
    """`value` is an event of `topic` that fits the contract, `key` its user."""

    topic: str
    key: bytes
    value: bytes
    event_id: str
