"""The platforms that are known: one file each, `platforms/<platform>.yaml`.

A file is two YAML documents: the declaration, and samples with what they must become, which only tests read.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from producer.reports.declaration import Platform, Report

_FOLDER = files("producer.reports") / "platforms"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Known(NamedTuple):
    """A kind of report, and whose it is."""

    platform: str
    title: str
    report: Report


def platform_names() -> list[str]:
    """The platforms, by the names of their files."""
    return sorted(
        path.name.removesuffix(".yaml") for path in _FOLDER.iterdir() if path.name.endswith(".yaml")
    )


@cache
def known_reports() -> tuple[Known, ...]:
    """Every kind of report; pydantic's ValidationError where a platform's file is not as it should be."""
    found = []
    for name in platform_names():
        declared = Platform.model_validate(yaml.load(_text(name)[0], Loader=_Loader))  # noqa: S506 -- it is safe
        found += [Known(declared.platform, declared.title, report) for report in declared.reports]
    return tuple(found)


def samples(name: str) -> list[dict[str, Any]]:
    """The samples of a platform's file: `kind`, `text` (or `encoding`) and what an import makes of it."""
    found: list[dict[str, Any]] = yaml.load(_text(name)[1], Loader=_Loader)["samples"]  # noqa: S506 -- as above
    return found


def sample_bytes(sample: dict[str, Any]) -> bytes:
    """What is in the file of a sample: its text in its encoding; `part` stands there as |."""
    text: str = sample["text"]
    if part := sample.get("part"):
        text = text.replace("|", part)
    return text.encode(sample.get("encoding", "utf-8"))


def _text(name: str) -> tuple[str, str]:
    declaration, _, rest = (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8").partition("\n---\n")
    return declaration, rest
