"""A round's plan: everything that chance decides, drawn from the seed and the round's number alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from tests.chaos.steps import DATA, FENCE

Kind = Literal["rivals", "group", "storm", "broker", "retention", "recreate", "disk", "credentials", "volume"]
# What a long run goes through, again and again; the embedded broker has no admin calls and one node.
KINDS: tuple[Kind, ...] = (
    "rivals",
    "group",
    "storm",
    "rivals",
    "broker",
    "retention",
    "rivals",
    "recreate",
    "disk",
    "credentials",
)
EMBEDDED: tuple[Kind, ...] = ("rivals", "group", "rivals", "disk")
_NETWORK = ("lost", "reset", "slow", "repeated", "delayed", 409, 412, 500, 503)


@dataclass(frozen=True)
class Timed:
    """A fault at `at` seconds of the round: what `what` means is for the injector to know."""

    at: float
    what: str
    of: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """One round. Seconds, rows; `slots` members at a time, `topics` name → partitions.

    `rivals`: each member is alone in a consumer group of its own, so that all of them own everything.
    `appetite`: how often a life ends at a step, at an instant, pauses at a step, pauses at an instant, or
    leaves in good order. `messages`: how many a member takes from Kafka at a time.
    """

    seed: int
    number: int
    kind: Kind
    store: Literal["s3", "folder"]
    protocol: Literal["classic", "consumer"]
    records: int
    seconds: float
    topics: Mapping[str, int]
    slots: int
    appetite: tuple[float, ...]
    messages: int
    settings: Mapping[str, Any]
    faults: tuple[Timed, ...]

    @property
    def rivals(self) -> bool:
        """Whether members are kept from one another's partitions by nothing but the lake."""
        return self.kind in {"rivals", "disk", "credentials"}

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.kind} on {self.store}, {self.protocol}"


def plan_of(
    seed: int, number: int, *, embedded: bool, short: bool, records: int = 0, replay_seconds: int = 0
) -> Plan:
    """The plan of round `number`; `records` 0: as suits the round, more than 200,000: a round for volume."""
    rng = np.random.default_rng([seed, number])
    kinds = EMBEDDED if embedded else KINDS
    kind: Kind = "volume" if records > 200_000 else kinds[number % len(kinds)]
    seconds = float(rng.uniform(4, 6) if short else rng.uniform(14, 22))
    store: Literal["s3", "folder"] = "s3" if rng.random() < 0.75 else "folder"
    if embedded or kind in {"disk", "volume"}:
        store = "folder"
    elif kind == "credentials" or (short and number == 0):
        store = "s3"
    protocol: Literal["classic", "consumer"] = "classic"
    if kind in {"group", "storm", "broker"} and not embedded and rng.random() < 0.5:
        protocol = "consumer"
    count = records or int(seconds * rng.integers(600, 2_500)) // (4 if embedded else 1)
    return Plan(
        seed,
        number,
        kind,
        store,
        protocol,
        count,
        seconds,
        {"plays": int(rng.integers(2, 6)), "likes": int(rng.integers(1, 3))},
        int(rng.integers(3, 6)) if kind == "rivals" else int(rng.integers(2, 5)),
        _appetite(kind),
        0 if kind == "volume" else int(rng.integers(20, 500)),
        _settings(rng, kind, count, replay_seconds),
        tuple(sorted(_faults(rng, kind, store, seconds), key=lambda fault: fault.at)),
    )


def _appetite(kind: Kind) -> tuple[float, ...]:
    if kind == "volume":
        return 0.3, 0.4, 0.1, 0.1, 0.1
    if kind == "storm":
        return 0.15, 0.1, 0.1, 0.05, 0.6
    return 0.55, 0.25, 0.1, 0.04, 0.06


def _settings(rng: np.random.Generator, kind: Kind, records: int, replay_seconds: int) -> dict[str, Any]:
    """Small objects, short sessions, and rights to write that run out within the round."""
    quick = {
        "sink_flush_rows": int(rng.integers(20, 600)),
        "sink_flush_seconds": float(rng.uniform(0.1, 0.5)),
        "sink_flush_longest_seconds": float(rng.uniform(0.1, 1.0)),
        "sink_session_seconds": 1.5,
        "s3_deadline_seconds": float(rng.uniform(1.0, 3.0)),
        "sink_put_seconds": int(rng.integers(3, 12)),
    }
    if kind == "volume":
        quick |= {
            "sink_flush_rows": max(20_000, records // 100),
            "sink_flush_seconds": 3.0,
            "sink_flush_longest_seconds": 6.0,
        }
        quick |= {"sink_put_seconds": 60, "s3_deadline_seconds": 20.0}
    if replay_seconds:
        quick["sink_put_seconds"] = replay_seconds
    return {**quick, "sink_kafka_seconds": 20.0 if kind == "broker" else 12.0}


def _faults(rng: np.random.Generator, kind: Kind, store: str, seconds: float) -> list[Timed]:
    found: list[Timed] = []
    if store == "s3":
        for at in np.arange(0.5, seconds, 0.6).tolist():
            what = _NETWORK[int(rng.integers(len(_NETWORK)))]
            method = "PUT" if what in {"repeated", "delayed", 409, 412} or rng.random() < 0.7 else ""
            of = {
                "kind": what,
                "concerns": (FENCE, DATA)[int(rng.integers(2))],
                "times": int(rng.integers(1, 6)),
                "method": method,
                "seconds": float(rng.uniform(0.2, 2.0)),
                "replay_after": float(rng.uniform(0.0, 14.0)),
            }
            found.append(Timed(at, "s3", of))
    if kind == "credentials":
        found += [Timed(at, "expired", {"seconds": 1.0}) for at in np.arange(1.5, seconds, 4.0).tolist()]
    if kind == "disk":
        found += [Timed(at, "disk-full", {"seconds": 1.0}) for at in np.arange(1.5, seconds, 4.0).tolist()]
    if kind == "broker":
        moves = ("leader-change", "broker-restart", "leader-change")
        found += [Timed(1.0 + n * seconds / 3, what) for n, what in enumerate(moves)]
    return found
