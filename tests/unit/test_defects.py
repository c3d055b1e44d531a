"""Spoiled bytes are wrong in the planted way, and in no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import orjson
import pytest
from pydantic import ValidationError

from contracts.events import TOPICS
from producer.simulator.config import SimulationConfig
from producer.simulator.defects import EXPECTED_CODES, spoil
from producer.simulator.simulate import simulate

CONFIG = SimulationConfig(
    events=6_000,
    days=2,
    end=datetime(2026, 11, 1, tzinfo=UTC),
    defects=dict.fromkeys(EXPECTED_CODES, 0.0),
)
UNFIT = {
    "missing_field": {"missing"},
    "invalid_field": {"datetime", "int", "bool", "string", "literal", "is_instance"},
}


@cache
def samples(topic: str) -> list[bytes]:
    values = [value for batch in simulate(CONFIG) if batch.topic == topic for value in batch.values]
    assert len(values) >= 20
    return values[:60]


@pytest.mark.parametrize("topic", TOPICS)
def test_cut_json_is_no_json_but_still_text(topic: str) -> None:
    for payload in samples(topic):
        spoiled = spoil(topic, "not_json", payload)
        assert 0 < len(spoiled) < len(payload)
        spoiled.decode("utf-8")
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(spoiled)


@pytest.mark.parametrize("defect", UNFIT)
@pytest.mark.parametrize("topic", TOPICS)
def test_exactly_one_field_does_not_fit_the_contract(topic: str, defect: str) -> None:
    fields = set()
    for payload in samples(topic):
        with pytest.raises(ValidationError) as caught:
            TOPICS[topic].model_validate(orjson.loads(spoil(topic, defect, payload)))
        (problem,) = caught.value.errors()
        kind = problem["type"]
        assert any(kind.startswith(expected) for expected in UNFIT[defect]), problem
        fields.add(problem["loc"][0])
    assert len(fields) > 1


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("defect", ["occurred_in_future", "unknown_country"])
def test_senseless_values_still_fit_the_contract_and_change_one_field(topic: str, defect: str) -> None:
    for payload in samples(topic):
        before, after = orjson.loads(payload), orjson.loads(spoil(topic, defect, payload))
        event = TOPICS[topic].model_validate(after)
        assert len({key for key in before if before[key] != after[key]}) == 1
        if defect == "occurred_in_future":
            assert event.occurred_at > datetime.now(UTC) + timedelta(days=365)
        else:
            assert event.country == "XX"


def test_a_negative_time_is_the_only_change() -> None:
    for payload in samples("plays"):
        before, after = orjson.loads(payload), orjson.loads(spoil("plays", "negative_ms_played", payload))
        assert after["ms_played"] == -before["ms_played"] < 0
        assert after | {"ms_played": before["ms_played"]} == before


def test_the_same_bytes_are_spoiled_in_the_same_way() -> None:
    payload = samples("plays")[0]
    assert spoil("plays", "missing_field", payload) == spoil("plays", "missing_field", payload)
