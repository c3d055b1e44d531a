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
from sqlglot import exp
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
# What the project calls a time; the emulator would cast one to text as DuckDB does.
TIMES = ("_at", "_hour", "_timestamp")
# Functions whose parts differ: extract(isodow …) is DuckDB's alone.
PARTS = {"day", "hour", "minute", "month", "quarter", "second", "week", "year"}


@pytest.fixture(scope="module")
def parsed(engines: Engines) -> dict[str, exp.Expr]:
    """Every compiled query as Snowflake would read it, by its path; each is one statement."""
    found = {}
    for path in queries(engines):
        [tree] = sqlglot.parse(path.read_text(), read="snowflake")
        assert tree is not None, path
        found[str(path)] = tree
    return found


def test_every_function_is_one_of_snowflakes(engines: Engines, parsed: dict[str, exp.Expr]) -> None:
    unknown = {}
    for path in queries(engines):
        steps = {step.alias for step in parsed[str(path)].find_all(exp.CTE)}
        names = called(sqlglot.tokenize(path.read_text(), read="snowflake"))
        if found := names - FUNCTIONS - steps:
            unknown[path.stem] = sorted(found)
    assert unknown == {}


def test_every_query_parses(parsed: dict[str, exp.Expr]) -> None:
    assert len(parsed) > 300


def test_times_become_text_by_a_format_of_their_own(parsed: dict[str, exp.Expr]) -> None:
    casts = {
        name: [cast.sql() for cast in tree.find_all(exp.Cast) if tells_time(cast)]
        for name, tree in parsed.items()
        if ".yml/" not in name  # a generic test only asks whether such a text is there twice
    }
    assert {name: found for name, found in casts.items() if found} == {}


def test_the_largest_models_parse_as_sqlfluff_knows_snowflake(engines: Engines) -> None:
    largest = sorted(models(engines.runs[-1]), key=lambda path: path.stat().st_size)[-6:]
    for path in largest:
        assert '"unparsable"' not in json.dumps(parse(path.read_text(), dialect="snowflake")), path


def queries(engines: Engines) -> list[Path]:
    """Every compiled model and test, of the full build and of the increment.

    Unit tests are the models' own queries over rows that dbt spells itself; two that mock the same model
    write its rows to one file, and two threads at once leave it torn.
    """
    return [
        path
        for run in engines.runs
        for path in (run / "compiled").rglob("*.sql")
        if path.is_file() and not any(part.endswith("__unit_tests.yml") for part in path.parts)
    ]


def models(run: Path) -> Iterable[Path]:
    """The compiled models of a run, tests aside."""
    return (path for path in (run / "compiled/backbeat/models").rglob("*.sql") if ".yml" not in str(path))


def tells_time(cast: exp.Cast) -> bool:
    """Whether `cast` makes text of a time: Snowflake's would add a fraction."""
    value = cast.this
    is_time = (
        value.name.endswith(TIMES) if isinstance(value, exp.Column) else isinstance(value, exp.TimestampTrunc)
    )
    return is_time and cast.is_type("varchar")


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
