"""The countries there are."""

from __future__ import annotations

import polars as pl

from streamlit_app.snapshot import Snapshot


def countries(snapshot: Snapshot) -> pl.DataFrame:
    """country (two letters), country_name, numeric_code (as the map's shapes have it), by name."""
    return snapshot.frame(
        "select country, country_name, numeric_code from gold.dim_regions order by country_name"
    )
