"""Links from page to page that keep to the session."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import streamlit as st

from streamlit_app import numbers, viewer

_TITLES = {
    "catalogue": "Catalogue",
    "your_listening": "Your listening",
    "recommendations": "Recommendations",
    "royalties": "Royalties",
}


def plain(text: str) -> str:
    """`text` so that Markdown shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]()#+!|~$:<>-])", r"\\\1", text)


def row(name: str, kind: str, hit: Mapping[str, Any], asks: Mapping[str, str]) -> None:
    """A line of a list: `hit` has key, title, subtitle, plays; its title leads to its closeup."""
    key = f"hit_{name}_{hit['key']}"
    with st.container(
        key=key, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"
    ):
        link("catalogue", hit["title"], {kind: hit["key"], **asks})
        words = [plain(hit["subtitle"])] if hit["subtitle"] else []
        st.caption(" · ".join([*words, f"{numbers.compact(hit['plays'])} plays"]), width="content")


def link(page: str, label: str, asks: Mapping[str, str], icon: str | None = None) -> None:
    """To a page, with what is asked of it in the URL; nothing where the page is not for who looks."""
    looking = viewer.current()
    if looking is not None and looking.may_open(_TITLES[page]):
        st.page_link(f"views/{page}.py", label=plain(label), query_params=dict(asks), icon=icon)
