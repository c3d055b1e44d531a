"""The documents say what is there: every command, every setting, a README short enough to be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from pydantic_settings import BaseSettings

import backbeat
import contracts.settings
from contracts.settings import Settings

ROOT = Path(__file__).parents[2]
COMMANDS = typer.main.get_command(backbeat.app).commands  # type: ignore[attr-defined]


def settings_classes(base: type[BaseSettings] = Settings) -> list[type[BaseSettings]]:
    return [base, *(leaf for child in base.__subclasses__() for leaf in settings_classes(child))]


def setting_names() -> set[str]:
    return {f"BACKBEAT_{name.upper()}" for cls in settings_classes() for name in cls.model_fields}


def listed_settings() -> list[str]:
    return re.findall(r"^#?\s?(BACKBEAT_[A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_env_example_lists_each_setting_once() -> None:
    assert contracts.settings.Settings in settings_classes()
    assert sorted(listed_settings()) == sorted(setting_names())


def test_every_setting_is_described() -> None:
    fields = [(cls, name, f) for cls in settings_classes() for name, f in cls.model_fields.items()]
    assert [f"{cls.__name__}.{name}" for cls, name, field in fields if not field.description] == []


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
