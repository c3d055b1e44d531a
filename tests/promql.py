"""Which metrics a PromQL expression reads."""

from __future__ import annotations

import re

_WORDS = {
    "and",
    "or",
    "unless",
    "on",
    "ignoring",
    "by",
    "without",
    "bool",
    "offset",
    "group_left",
    "group_right",
}


def names(expression: str) -> set[str]:
    """The metrics that an expression reads."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", expression)
    bare = re.sub(r"\b(by|without|on|ignoring)\s*\([^)]*\)", " ", bare)
    found = re.findall(r"(?<![\w.$:])[a-zA-Z_:][\w:]*\b(?!\s*\()", bare)
    return set(found) - _WORDS
