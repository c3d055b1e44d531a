"""The rows behind a chart or table as a CSV: a plain link, which is drawn ten times sooner than a button."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st
from streamlit import runtime


def link(name: str, title: str, data: pl.DataFrame) -> str:
    """`data` as `backbeat-<name>.csv`, kept by the server as long as a page that is open links to it."""
    file = f"backbeat-{name.replace('_', '-')}.csv"
    told = escape(f"Download “{title}” as CSV")
    return (
        f'<a class="bb-csv" href="{_address(name, file, data)}" download="{file}" aria-label="{told}">CSV</a>'
    )


def _address(name: str, file: str, data: pl.DataFrame) -> str:
    if not runtime.exists():  # a page that is run without a server, as tests do
        return "#"
    files = runtime.get_instance().media_file_mgr
    path = files.add(_csv(data), "text/csv", f"csv_{name}", file_name=file, is_for_static_download=True)
    return f"/{str(st.get_option('server.baseUrlPath')).strip('/')}{path}".replace("//", "/")


def _csv(data: pl.DataFrame) -> bytes:
    """Lists (sparklines) have no place in a CSV."""
    flat = [name for name, kind in data.schema.items() if not isinstance(kind, pl.List)]
    return data[flat].write_csv().encode()
