"""Platforms' reports: statements and dashboards' downloads, typed once and landed as Parquet.

One file per platform in `platforms/` says all that is particular to it; nothing here names a platform.
"""
