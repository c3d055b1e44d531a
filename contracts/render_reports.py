"""What is rendered from the contract of reports: dbt's sources, and the doc blocks that models inherit."""

from __future__ import annotations

import pyarrow as pa
import yaml

from contracts.reports import TABLES

_SQL_TYPES = {pa.string(): "varchar", pa.int64(): "bigint", pa.date32(): "date"}
_GENERATED = "Rendered by `backbeat contracts render` from contracts/reports.py: change that, not this."


def report_sources() -> str:
    """dbt's source definitions of reports and their lines."""
    tables = [
        {
            "name": table,
            "description": f"{grain} Parquet, one object a report.",
            "columns": [
                {
                    "name": name,
                    "description": f"{{{{ doc('report__{name}') }}}}",
                    "data_type": _sql_type(kind),
                }
                for name, (kind, _) in fields.items()
            ],
        }
        for table, (fields, grain) in TABLES.items()
    ]
    source = {
        "name": "statements",
        "description": "Platforms' reports as an import landed them.",
        "tables": tables,
    }
    text: str = yaml.safe_dump({"version": 2, "sources": [source]}, sort_keys=False, width=110)
    return f"# {_GENERATED}\n{text}"


def report_blocks() -> str:
    """What each column means, once."""
    meanings = {name: text for fields, _ in TABLES.values() for name, (_, text) in fields.items()}
    blocks = [f"{{% docs report__{name} %}}\n{text}\n{{% enddocs %}}\n" for name, text in meanings.items()]
    return "\n".join([f"<!-- {_GENERATED} -->\n", *blocks])


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    return "timestamp" if pa.types.is_timestamp(kind) else _SQL_TYPES[kind]
