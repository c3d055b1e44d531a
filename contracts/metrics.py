"""What the metrics of every process have in common: a registry, and the list of what is in one."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, ProcessCollector, disable_created_metrics

# Else each counter has a second series that says when it began.
disable_created_metrics()  # type: ignore[no-untyped-call]


def service_registry() -> CollectorRegistry:
    """A registry of one service's own, with the numbers of its process."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


def exported(registry: CollectorRegistry) -> dict[str, str]:
    """Metric → its help: all that starts with backbeat_, by the names that queries use."""
    return {
        family.name + "_total" * (family.type == "counter"): family.documentation
        for family in registry.collect()
        if family.name.startswith("backbeat_")
    }
