"""The documents say what is there: every command, every setting, a README short enough to be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

import backbeat
from infra import env_example

ROOT = Path(__file__).parents[2]
COMMANDS = typer.main.get_command(backbeat.app).commands  # type: ignore[attr-defined]


def test_env_example_lists_every_setting_once() -> None:
    text = (ROOT / ".env.example").read_text()
    assert text == env_example.render(), "run `make format`"
    names = re.findall(r"^# ([A-Z0-9_]+)=", text, re.MULTILINE)
    assert len(names) == len(set(names))
    assert {"BACKBEAT_LAKE", "BACKBEAT_KAFKA_BOOTSTRAP", "SNOWFLAKE_ACCOUNT"} <= set(names)


def test_every_setting_is_described() -> None:
    assert [name for name, field in env_example.fields().items() if not field.description] == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_and_stands_in_the_runbook(name: str) -> None:
    assert COMMANDS[name].help
    assert f"`backbeat {name}" in (ROOT / "docs/runbook.md").read_text()


def test_readme_is_at_most_120_lines_and_its_links_exist() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 120
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if not link.startswith("http")]
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_make_target_has_help() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    helped = set(re.findall(r"^([a-z0-9-]+):.*## ", makefile, re.MULTILINE))
    assert set(phony.group(1).split()) == helped
