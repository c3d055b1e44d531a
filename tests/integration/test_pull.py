"""`backbeat pull` as a process: killed between two pages, started again, and once more."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from consumer.store import store_for
from contracts.errors import BackbeatError
from producer.commands import app
from tests.api_server import HELD, ApiServer, ad_day, api_server

ROOT = Path(__file__).parents[2]
INSIGHTS = "/act_1/insights"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as found:
        yield found


@pytest.fixture
def lake(server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    secret = tmp_path / "token"
    secret.write_text("meta\n")
    settings = {
        "LAKE": str(tmp_path / "lake"),
        "PSEUDONYM_KEY": "a key of the tests",
        "PULL_BACKOFF_S": "0.001",
        "META_ADS_TOKEN_FILE": str(secret),
        "META_ADS_ACCOUNTS": "act_1,act_2",
        "META_ADS_URL": server.url,
        "TIKTOK_TOKEN": "old",
        "TIKTOK_ADVERTISERS": "690",
        "TIKTOK_URL": server.url,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"BACKBEAT_{name}", value)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "lake"


def spent(lake: Path) -> tuple[int, Decimal]:
    """Lines landed, and what they sum to."""
    amounts: list[Any] = pq.read_table(lake / "landing/report_lines").column("net_amount").to_pylist()
    return len(amounts), sum(amounts, Decimal(0))


def test_a_process_that_is_killed_between_pages_loses_and_doubles_nothing(
    server: ApiServer, lake: Path
) -> None:
    today = datetime.now(UTC).date()
    days = [(today - timedelta(days=back)).isoformat() for back in (80, 50, 20, 19, 18)]
    server.insights["act_1"] = [ad_day(day, "61", "1.5") for day in days]
    server.insights["act_2"] = [ad_day(days[0], "71", "2.25")]
    server.faults[INSIGHTS].extend([None, None, None, None, None, HELD])
    command = [sys.executable, "-m", "backbeat", "pull", "meta_ads", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert server.held.wait(60)
        os.kill(first.pid, signal.SIGKILL)
    assert spent(lake) == (2, Decimal(3))
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    # The day of the second window is asked for again: it lies within the look-back.
    assert (told["rows_in"], told["accepted"], told["unchanged"]) == (4, 4, 1)
    assert spent(lake) == (6, Decimal("9.75"))
    assert not (lake.parent / "home").exists(), "dlt keeps something of its own"


def run(*arguments: str) -> tuple[str, str]:
    """What it prints, and its error; "" where it has none."""
    done = CliRunner().invoke(app, ["pull", *arguments], obj={"store_for": store_for})
    assert done.exception is None or isinstance(done.exception, BackbeatError), done.output
    return done.output, str(done.exception or "")


def test_one_platform_that_refuses_does_not_keep_the_others(server: ApiServer, lake: Path) -> None:
    yesterday = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    server.insights["act_1"] = [ad_day(yesterday, "61", "1.5"), ad_day(yesterday, "62", "")]
    output, error = run()
    assert "1 of 3 accounts not pulled to the end: tiktok 690: TikTok at" in error
    assert "see BACKBEAT_TIKTOK_TOKEN" in error
    assert "broken off" in output
    assert "meta_ads: missing_net_amount" in output
    output, error = run("meta_ads", "--since", "2026-01-01", "--json")
    told = json.loads(output.splitlines()[-1])
    assert (error, told["documents"], told["unchanged"]) == ("", 0, 1)
    assert told["accounts"][0]["since"] == "2026-01-01"


def test_what_cannot_be_asked_is_told_with_its_setting(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("youtube")[1] == (
        "youtube cannot be asked without a key: see BACKBEAT_YOUTUBE_REFRESH_TOKEN "
        "(or BACKBEAT_YOUTUBE_REFRESH_TOKEN_FILE)"
    )
    assert run("--list", "--json")[0].strip() == '["meta_ads act_1","meta_ads act_2","tiktok 690"]'
    assert run("myspace")[1].startswith("myspace: no such platform; there are meta_ads, youtube")
    monkeypatch.setenv("BACKBEAT_META_ADS_ACCOUNTS", "")
    assert run("meta_ads")[1].endswith("see BACKBEAT_META_ADS_ACCOUNTS")
    monkeypatch.setenv("BACKBEAT_META_ADS_TOKEN_FILE", "nowhere")
    assert run("meta_ads")[1].startswith("cannot read nowhere (BACKBEAT_META_ADS_TOKEN_FILE)")
