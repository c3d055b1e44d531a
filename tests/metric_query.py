"""The SQL that MetricFlow writes for a query of metrics, on DuckDB."""

from __future__ import annotations

from pathlib import Path

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup


class DuckDbDialect:
    """What MetricFlow asks of a client that only writes: the engine, and how its SQL is spelt."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


class Metrics:
    """The project's metrics, from the `semantic_manifest.json` that dbt writes."""

    def __init__(self, semantic_manifest: Path) -> None:
        manifest = parse_manifest_from_dbt_generated_manifest(semantic_manifest.read_text())
        self.names = {metric.name for metric in manifest.metrics}
        self._engine = MetricFlowEngine(SemanticManifestLookup(manifest), DuckDbDialect())

    def sql(self, metrics: list[str], group_by: list[str]) -> str:
        """One statement: the groups, then the metrics, as columns."""
        request = MetricFlowQueryRequest.create(
            metric_names=metrics, group_by_names=group_by, order_by_names=group_by
        )
        return self._engine.explain(request).sql_statement.sql
