"""The short form of `make chaos`: deaths, stops and faults at random, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.plan import EMBEDDED, KINDS, plan_of
from tests.chaos.steps import KILLS
from tests.chaos.totals import append
from tests.tiers import TIERS

ROOT = Path(__file__).parents[2]


def chaos(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.chaos", *options]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=240, check=False
    )


@pytest.mark.parametrize("tier", TIERS)
def test_a_short_run_keeps_every_promise(tier: str, tmp_path: Path) -> None:
    results = tmp_path / "chaos.json"
    rounds = ["--rounds", "1"] if tier == "embedded" else []
    folder = ["--folder", str(tmp_path / "play"), "--results", str(results)]
    done = chaos("--short", "--tier", tier, "--seed", "3", *rounds, *folder)
    assert done.returncode == 0, done.stdout + done.stderr
    run: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert (run["lost"], run["duplicated"], run["mismatched"]) == (0, 0, 0)
    assert run["records"] >= 500
    assert run["kills_in_all"] >= 5
    assert json.loads(results.read_text())["totals"]["records"] == run["records"]
    assert not (tmp_path / "play").exists()


def test_what_a_broken_round_says(tmp_path: Path) -> None:
    """A fence that is deleted under way: red, with the way to play it again, and the lake is kept."""
    options = ["--short", "--tier", "embedded", "--seed", "3", "--rounds", "1", "--plant", "deleted-fence"]
    done = chaos(*options, "--folder", str(tmp_path), "--no-results")
    assert done.returncode == 1, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.startswith("again: python -m tests.chaos --seed 3 --first 0 --rounds 1")
    assert "BROKEN: rivals on folder" in done.stdout
    assert list(tmp_path.glob("round-00000/lake/_sink/**/*.json"))


def test_a_plan_hangs_on_seed_and_number_alone() -> None:
    first = [plan_of(7, number, embedded=False, short=False) for number in range(40)]
    assert first == [plan_of(7, number, embedded=False, short=False) for number in range(40)]
    assert first != [plan_of(8, number, embedded=False, short=False) for number in range(40)]
    assert {plan.kind for plan in first} == set(KINDS)
    assert {plan_of(7, number, embedded=True, short=True).store for number in range(40)} == {"folder"}
    assert set(EMBEDDED) <= set(KINDS)
    assert {plan.protocol for plan in first} == {"classic", "consumer"}
    assert len(KILLS) >= 12


def test_totals_add_up_over_runs(tmp_path: Path) -> None:
    results = tmp_path / "chaos.json"
    run = {"seed": 1, "rounds": 2, "records": 10, "seconds": 1.5, "kills": {"instant": 2, "mid-body": 1}}
    append(results, run)
    totals = append(results, {**run, "seed": 2, "kills": {"mid-body": 4}})
    assert (totals["kills_in_all"], totals["rounds"], totals["records"], totals["lost"]) == (7, 4, 20, 0)
    assert totals["kills"] == {"instant": 2, "mid-body": 5}
    assert [each["seed"] for each in json.loads(results.read_text())["runs"]] == [1, 2]
