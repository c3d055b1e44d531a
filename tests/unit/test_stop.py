"""Waiting for SIGTERM and Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from producer.stop import Stop


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait_and_is_remembered(number: signal.Signals) -> None:
    with Stop() as stop:
        assert not stop.wait(0)
        assert not stop.came
        threading.Timer(0.05, os.kill, (os.getpid(), number)).start()
        assert stop.wait(30)
        assert stop.came
        assert stop.wait(30)


def test_the_handlers_before_come_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with Stop():
        assert signal.getsignal(signal.SIGTERM) != before[0]
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before
