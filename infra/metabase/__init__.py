"""Metabase on gold: its log-in, connection, questions and dashboards, made from files and kept as they say.

python -m infra.metabase        # BACKBEAT_METABASE_*, BACKBEAT_POSTGRES_*; again: changes nothing
"""
