"""The front door knows every command, and imports only the room that one of them is in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer

import backbeat

ROOT = Path(__file__).parents[2]
HEAVY = ("boto3", "dbt", "duckdb", "fastapi", "pandas", "polars", "pyarrow", "streamlit")


def python(program: str) -> str:
    """What a process of its own prints, from the project's root."""
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return ran.stdout


@pytest.mark.parametrize("room", backbeat.ROOMS)
def test_the_table_names_the_commands_that_a_room_has(room: str) -> None:
    assert sorted(backbeat.ROOMS[room]) == sorted(backbeat.commands_of(room))


def test_looking_a_command_up_gives_the_rooms_own() -> None:
    commands = typer.main.get_group(backbeat.app).commands
    assert list(commands) == [name for names in backbeat.ROOMS.values() for name in names]
    assert commands["sink"] is commands["sink"]
    assert commands.get("snk") is None


@pytest.mark.parametrize("command", ["sink", "lake audit"])
def test_a_command_of_the_sink_says_its_help_without_another_rooms_libraries(command: str) -> None:
    told = python(
        "import sys, backbeat\n"
        f"sys.argv[1:] = {[*command.split(), '--help']}\n"
        "try:\n    backbeat.main()\n"
        "finally:\n    print('imported', *sys.modules)\n"
    )
    assert "Usage" in told
    imported = set(told.splitlines()[-1].split())
    assert "consumer.commands" in imported
    assert imported & {*HEAVY, "producer.commands", "serving.commands"} == set()


def test_arrow_starts_without_pandas_and_can_still_convert_to_it() -> None:
    told = python(
        "import sys\n"
        "from consumer.arrow import start_arrow\n"
        "start_arrow()\n"
        "import pyarrow as pa\n"
        "pa.array([1]), pa.table({'a': [b'x']})\n"
        "print('pandas' in sys.modules, end=' ')\n"
        "print(len(pa.table({'a': [1, 2]}).to_pandas()))\n"
    )
    assert told == "False 2\n"


def test_a_mistyped_command_is_answered_with_the_one_that_was_meant() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "backbeat", "snk"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 2
    assert "Did you mean 'sink'?" in told.stderr
