"""`.env.example`, rendered from the settings classes and from what profiles.yml.example reads."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from backbeat import ROOMS
from contracts.settings import Settings

ROOT = Path(__file__).parents[1]
for path in sorted(path for room in (*ROOMS, "infra") for path in (ROOT / room).rglob("settings.py")):
    import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))  # a class is known once imported
TARGET = ROOT / ".env.example"
_HEAD = """\
# Every setting with its default. Copy to .env and change what you need; the environment goes first.
# A password, key or secret may lie in a file instead: <ITS NAME>_FILE=/path/of/the/file.
# Rendered by `make format` from the settings classes: change the description there.
"""
_PROFILE = """
# Read by dbt through profiles.yml and macros (from the environment alone: dbt reads no .env).
"""


def settings_classes(base: type[BaseSettings] = Settings) -> set[type[BaseSettings]]:
    """`base` and every class of ours that extends it."""
    return {base}.union(*(settings_classes(child) for child in base.__subclasses__()))


def _place(cls: type[BaseSettings]) -> tuple[bool, bool, str, str]:
    """What is shared comes first, infra's last; then room by room, whatever was imported before what."""
    room = cls.__module__.split(".")[0]
    return (room != "contracts", room == "infra", cls.__module__, cls.__name__)


def fields() -> dict[str, FieldInfo]:
    """Variable → its field; a field that several classes share stands once."""
    named = [
        (name, field)
        for cls in sorted(settings_classes(), key=_place)
        for name, field in cls.model_fields.items()
    ]
    return {f"BACKBEAT_{name.upper()}": field for name, field in named}


def profile_variables() -> dict[str, str]:
    """Variable → default of what only profiles.yml.example and dbt's macros read."""
    read = [ROOT / "profiles.yml.example", *sorted((ROOT / "macros").glob("*.sql"))]
    text = "".join(path.read_text() for path in read)
    found = dict(re.findall(r"env_var\('([A-Z0-9_]+)', '([^']*)'\)", text))
    return {name: default for name, default in found.items() if name not in fields()}


def _line(name: str, default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    return f"# {name}={'' if default is None else default}"


def render() -> str:
    """The whole text of .env.example."""
    lines = [_HEAD]
    for name, field in fields().items():
        lines += [f"# {field.description}", _line(name, field.default), ""]
    lines.append(_PROFILE.strip())
    lines += [_line(name, default) for name, default in profile_variables().items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render())
