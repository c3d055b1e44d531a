"""What dbt compiled for Snowflake is Snowflake's SQL, as far as that can be told without one.

The emulator runs on DuckDB, so it takes DuckDB's functions too. Here every word before a bracket in the
compiled models and tests must be a function of Snowflake's that somebody has looked up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
import sqlglot
from sqlfluff.api import parse
from sqlglot.tokens import Token, TokenType

from tests.snowflake.conftest import Engines

# Both engines are built twice before the first test: two minutes, more where others are at work.
pytestmark = pytest.mark.timeout(900)
_FOLDER = Path(__file__).parent
# Each looked up in Snowflake's reference: same arguments, same meaning as in DuckDB. What only looks the
# same is not there and has a macro in macros/dialect.sql: monthname, dayname (three letters), isodow.
FUNCTIONS = set((_FOLDER / "functions.txt").read_text().split())
# Words that open a bracket and are no functions.
KEYWORDS = set((_FOLDER / "keywords.txt").read_text().split())
# Functions whose parts differ: extract(isodow …) is DuckDB's alone.
PARTS = {"day", "hour", "minute", "month", "quarter", "second", "week", "year"}


def test_every_function_is_one_of_snowflakes(engines: Engines) -> None:
    unknown = {
        path.stem: sorted(names)
        for path in queries(engines)
        if (names := called(sqlglot.tokenize(path.read_text(), read="snowflake")) - FUNCTIONS)
    }
    assert unknown == {}


def test_every_query_parses(engines: Engines) -> None:
    for path in queries(engines):
        statements = sqlglot.parse(path.read_text(), read="snowflake")
        assert len(statements) == 1, path


def test_the_largest_models_parse_as_sqlfluff_knows_snowflake(engines: Engines) -> None:
    largest = sorted(models(engines.runs[-1]), key=lambda path: path.stat().st_size)[-6:]
    for path in largest:
        assert '"unparsable"' not in json.dumps(parse(path.read_text(), dialect="snowflake")), path


def queries(engines: Engines) -> list[Path]:
    """Every compiled model and test, of the full build and of the increment."""
    return [path for run in engines.runs for path in (run / "compiled").rglob("*.sql") if path.is_file()]


def models(run: Path) -> Iterable[Path]:
    """The compiled models of a run, tests aside."""
    return (path for path in (run / "compiled/backbeat/models").rglob("*.sql") if ".yml" not in str(path))


def called(tokens: list[Token]) -> set[str]:
    """The functions that are called; `extract` of a part that Snowflake does not know counts as unknown."""
    found = set()
    for before, name, bracket, first in zip([None, *tokens], tokens, tokens[1:], tokens[2:], strict=False):
        word = name.text.lower()
        is_alias = before is not None and before.token_type is TokenType.ALIAS
        if bracket.token_type is TokenType.L_PAREN and word.isidentifier() and not is_alias:
            part = first.text.lower()
            found.add(f"extract({part} …)" if word == "extract" and part not in PARTS else word)
    return found - KEYWORDS
