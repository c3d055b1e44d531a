"""What a request's fate says of Kafka, without one."""

from __future__ import annotations

import asyncio

import pytest

from producer.collector.delivery import Delivery, Failure
from producer.collector.outlet import Outlet
from producer.collector.settings import CollectorSettings

TIMED_OUT = Failure("timed out", permanent=False)
TOO_LARGE = Failure("too large", permanent=True)


@pytest.mark.parametrize(
    ("answers", "closed"),
    [
        ([None, None], True),
        ([TIMED_OUT, TIMED_OUT], False),
        ([None, TIMED_OUT], False),  # a part may have been taken before Kafka went away
        ([None, TOO_LARGE], True),
        ([TOO_LARGE, TOO_LARGE], True),  # it answered: the events were at fault
    ],
)
def test_the_circuit_is_closed_while_every_event_is_answered(
    answers: list[Failure | None], closed: bool
) -> None:
    async def told() -> Outlet:
        outlet = Outlet(CollectorSettings(_env_file=None, kafka_bootstrap="127.0.0.1:1"), print)  # type: ignore[call-arg]
        outlet.circuit.reachable()
        delivery = Delivery(len(answers), asyncio.get_running_loop().create_future())
        for index, answer in enumerate(answers):
            if answer is None:
                delivery.told(index, None, None)
            else:
                delivery.failed(index, answer)
        await delivery.done
        assert delivery.acknowledged == answers.count(None)
        outlet._learn(delivery)
        return outlet

    assert asyncio.run(told()).circuit.closed is closed
