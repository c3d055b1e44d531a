"""Configuration in layers: a YAML file, and what overrules parts of it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from contracts.errors import BackbeatError


def read_values(path: Path) -> dict[str, Any]:
    """The YAML file at `path`; BackbeatError that names it when it cannot be read or holds no values."""
    try:
        values = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise BackbeatError(f"{path}: cannot be read as YAML: {reason}") from error
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise BackbeatError(f"{path}: must hold `name: value` lines")
    return values


def overruled(values: Mapping[Any, Any], by: Mapping[Any, Any]) -> dict[Any, Any]:
    """A copy of `values`, table within table, where `by` says otherwise."""
    merged = deepcopy(dict(values))
    for key, new in by.items():
        inner = new.model_dump() if isinstance(new, BaseModel) else new
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(inner, Mapping):
            inner = overruled(old, inner)
        merged[key] = inner
    return merged
