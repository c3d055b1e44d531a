"""What is rendered from the contract, and the check that the committed files have not drifted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import yaml

from contracts.arrow import RECORD_FIELDS, TIMESTAMP, bronze_schema
from contracts.events import TOPICS
from contracts.render_reports import report_blocks, report_sources

# What bronze casts a column to: the names that DuckDB and Snowflake share.
_SQL_TYPES = {
    pa.string(): "varchar",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.bool_(): "boolean",
    TIMESTAMP: "timestamp",
}
_GENERATED = "Rendered by `backbeat contracts render` from contracts/events.py: change that, not this."


def json_schema(topic: str) -> str:
    """The JSON Schema (draft 2020-12) that producers of `topic` validate against."""
    schema = TOPICS[topic].model_json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": _GENERATED,
        "$id": f"backbeat/{topic}/v1",
    }
    return json.dumps({**head, **schema}, indent=2, ensure_ascii=False) + "\n"


def arrow_schema(topic: str) -> str:
    """The Arrow schema of a bronze object of `topic`, one `name: type` a line."""
    lines = [f"{field.name}: {field.type}" for field in bronze_schema(topic)]
    return "\n".join([f"# {_GENERATED}", *lines]) + "\n"


def column_descriptions(topic: str) -> dict[str, str]:
    """Column name → description, in the order of the bronze schema."""
    event = {name: field.description or "" for name, field in TOPICS[topic].model_fields.items()}
    return event | {name: text for name, (_, text) in RECORD_FIELDS.items()}


def grain(topic: str) -> str:
    """The sentence "One row per …" of a topic."""
    return (TOPICS[topic].__doc__ or "").strip()


def column_block(topic: str, column: str) -> str:
    """The doc block of a topic's column: its name; `<topic>__<name>` where an earlier topic differs."""
    first = next(known for known in map(column_descriptions, TOPICS) if column in known)
    return column if first[column] == column_descriptions(topic)[column] else f"{topic}__{column}"


def doc_blocks() -> str:
    """What each column means, once: dbt's doc blocks, which bronze, silver and gold refer to."""
    blocks: dict[str, str] = {}
    for topic in TOPICS:
        blocks |= {column_block(topic, name): text for name, text in column_descriptions(topic).items()}
    lines = [f"{{% docs {name} %}}\n{text}\n{{% enddocs %}}\n" for name, text in blocks.items()]
    return "\n".join([f"<!-- {_GENERATED} -->\n", *lines])


def _inherited(block: str) -> str:
    """What dbt replaces by the text of a doc block."""
    return f'{{{{ doc("{block}") }}}}'


def _source_table(topic: str) -> dict[str, object]:
    types = {field.name: _SQL_TYPES[field.type] for field in bronze_schema(topic)}
    columns = [
        {"name": name, "description": _inherited(column_block(topic, name)), "data_type": types[name]}
        for name in column_descriptions(topic)
    ]
    return {"name": topic, "description": f"{grain(topic)} As received, errors included.", "columns": columns}


def data_dictionary() -> str:
    """The events' part of the data dictionary, as Markdown."""
    lines = ["# Data dictionary: events", "", f"<!-- {_GENERATED} -->", ""]
    for topic, event in TOPICS.items():
        schema = bronze_schema(topic)
        lines += [
            f"## `{topic}`",
            "",
            grain(topic),
            "",
            "| column | type | required | meaning |",
            "|---|---|---|---|",
        ]
        for name, field in event.model_fields.items():
            required = "yes" if field.is_required() else ""
            lines.append(f"| `{name}` | {schema.field(name).type} | {required} | {field.description} |")
        lines.append("")
    lines += ["## Added by the sink to every topic", "", "| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {kind} | {text} |" for name, (kind, text) in RECORD_FIELDS.items()]
    return "\n".join(lines) + "\n"


def dbt_sources() -> str:
    """dbt's source definitions of the eight topics."""
    source = {
        "name": "lake",
        "description": "Bronze objects as the sink landed them.",
        "tables": [_source_table(topic) for topic in TOPICS],
    }
    text: str = yaml.safe_dump(
        {"version": 2, "sources": [source]}, sort_keys=False, allow_unicode=True, width=110
    )
    return f"# {_GENERATED}\n{text}"


def rendered_files() -> dict[Path, Callable[[], str]]:
    """Path (from the project's root) → what renders it."""
    files: dict[Path, Callable[[], str]] = {
        Path("models/bronze/_bronze__sources.yml"): dbt_sources,
        Path("models/docs/_contract.md"): doc_blocks,
        Path("docs/data_dictionary.md"): data_dictionary,
        Path("models/bronze/_bronze__statements.yml"): report_sources,
        Path("models/docs/_reports.md"): report_blocks,
    }
    for topic in TOPICS:
        files[Path(f"contracts/schemas/{topic}.schema.json")] = lambda topic=topic: json_schema(topic)  # type: ignore[misc]
        files[Path(f"contracts/schemas/{topic}.arrow.txt")] = lambda topic=topic: arrow_schema(topic)  # type: ignore[misc]
    return files


def write(root: Path) -> list[Path]:
    """Render every file under `root`; returns those that changed."""
    changed = drifted(root)
    for path in changed:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rendered_files()[path](), encoding="utf-8")
    return changed


def drifted(root: Path) -> list[Path]:
    """The files under `root` that are not what the contract renders (missing ones included)."""
    return [
        path
        for path, render in rendered_files().items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != render()
    ]
