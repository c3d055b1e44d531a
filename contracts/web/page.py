"""The OpenAPI document as a page to read: no script, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2330}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}h2{margin-top:2.5rem}a{color:#1d5fd1}"
    "td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #e3e6ec;vertical-align:top}"
    "code{background:#f3f5f8;padding:.1rem .3rem;border-radius:4px}"
)


def page(document: dict[str, Any]) -> str:
    """The whole HTML of `document`."""
    info = document["info"]
    body = [
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        f"<p>{escape(info['description'])}</p>",
    ]
    body.append('<p>For programs: <a href="openapi.json">openapi.json</a>.</p>')
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            body += _operation(f"{method.upper()} {path}", operation)
    for name, schema in document["components"]["schemas"].items():
        body += _schema(name, schema)
    head = f'<meta charset="utf-8"><title>{escape(info["title"])}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(body)}</body></html>'


def _operation(name: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{escape(name)}</code></h2><p>{escape(operation.get('description', ''))}</p>"
    if parameters := operation.get("parameters"):
        rows = "".join(
            f"<tr><td><code>{escape(each['name'])}</code></td><td>{_type(each['schema'])}</td>"
            f"<td>{escape(each.get('description', ''))}</td></tr>"
            for each in parameters
        )
        yield f"<table><tr><th>parameter</th><th>type</th><th>meaning</th></tr>{rows}</table>"
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<p>Body: <code>{escape(kind)}</code>, {_type(content['schema'])}</p>"
    rows = "".join(
        f"<tr><td>{escape(status)}</td><td>{escape(response['description'])}</td></tr>"
        for status, response in operation["responses"].items()
    )
    yield f"<table><tr><th>status</th><th>meaning</th></tr>{rows}</table>"


def _schema(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f'<h2 id="{escape(name)}">{escape(name)}</h2><p>{escape(schema.get("description", ""))}</p>'
    if "properties" not in schema:
        yield f"<p>{_type(schema)}</p>"
        return
    required = set(schema.get("required", ()))
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code></td><td>{_type(about)}</td>"
        f"<td>{'yes' if field in required else ''}</td><td>{escape(about.get('description', ''))}</td></tr>"
        for field, about in schema["properties"].items()
    )
    yield f"<table><tr><th>field</th><th>type</th><th>required</th><th>meaning</th></tr>{rows}</table>"


def _type(schema: dict[str, Any]) -> str:
    """In words, with links to other schemas."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return " or ".join(map(_type, schema[choice]))
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if "enum" in schema:
        return " or ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"array of {_type(schema['items'])}"
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return escape(f"{words} ({schema['format']})" if "format" in schema else words)
