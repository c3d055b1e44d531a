"""The head of a page: its title, and its filters at the right of it, or under it where both do not fit."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def head() -> tuple[DeltaGenerator, DeltaGenerator]:
    """The places of the title and of the filters. Columns would have the filters wrap above the title."""
    line = st.container(
        key="head", horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
    )
    title = line.container(width="content")
    return title, line.container(horizontal=True, vertical_alignment="bottom", width="content")
