"""What the emulator's translation gets wrong, of statements to DuckDB and of rows to Snowflake's format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import fakesnow.arrow
import fakesnow.transforms
import pyarrow as pa
from pyarrow import compute as pc
from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

# Snowflake's elements of a time format → strftime's; longer ones first.
_ELEMENTS = {
    "YYYY": "%Y",
    "MMMM": "%B",
    "HH24": "%H",
    "FF6": "%f",
    "MM": "%m",
    "DD": "%d",
    "MI": "%M",
    "SS": "%S",
}


Step = Callable[[Any], Any]


def mend_translation() -> None:
    """Replace three steps: TRIM forgot its characters, CREATE TABLE AS its dialect, times their nulls."""
    casts_text = fakesnow.transforms.trim_cast_varchar
    casts_columns = fakesnow.transforms.create_table_as
    fakesnow.transforms.trim_cast_varchar = lambda node: _formatted(_trimmed(node, casts_text))
    fakesnow.transforms.create_table_as = lambda node, connection: casts_columns(
        _listed(node, connection), connection
    )
    as_structs = fakesnow.arrow.timestamp_to_sf_struct
    fakesnow.arrow.timestamp_to_sf_struct = lambda times: _with_nulls(times, as_structs)


def _listed(node: Any, connection: Any) -> Any:
    """CREATE TABLE (…) AS SELECT *: the star as the columns it stands for."""
    if not isinstance(node, exp.Create) or not isinstance(node.this, exp.Schema) or node.expression is None:
        return node
    select = node.expression.unnest()
    if any(isinstance(column, exp.Star) for column in select.expressions):
        described = connection.execute(f"describe {select.sql('duckdb')}").fetchall()
        select.set("expressions", [exp.column(exp.to_identifier(row[0])) for row in described])
    return node


def _with_nulls(times: pa.ChunkedArray, as_structs: Callable[[pa.Array], pa.StructArray]) -> pa.StructArray:
    """Times as Snowflake sends them, null where they are null: the epoch otherwise."""
    whole = times.combine_chunks()
    structs = as_structs(pc.fill_null(whole, pa.scalar(0, whole.type)))
    return pa.StructArray.from_arrays(structs.flatten(), fields=list(structs.type), mask=pc.is_null(whole))


def _trimmed(node: Any, casts_text: Step) -> Any:
    if not isinstance(node, exp.Trim) or not (node.args.get("expression") or node.args.get("position")):
        return casts_text(node)
    return node


def _formatted(node: Any) -> Any:
    """TO_CHAR of a time with a format; sqlglot drops the format."""
    if not isinstance(node, exp.ToChar) or node.args.get("format") is None:
        return node
    wanted = rest = node.args["format"].name
    for element, directive in _ELEMENTS.items():
        wanted, rest = wanted.replace(element, directive), rest.replace(element, "")
    if any(letter.isalpha() for letter in rest):
        raise ProgrammingError(
            msg=f"the emulator does not know all of the format {node.args['format'].name}", errno=1
        )
    return exp.func("strftime", node.this, exp.Literal.string(wanted))
