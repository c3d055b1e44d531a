"""What the figures were measured on."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

_LIBRARIES = ("confluent-kafka", "dbt-core", "dbt-duckdb", "duckdb", "polars", "pyarrow", "streamlit")


def processor() -> str:
    """The processor's name, as the kernel gives it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def describe() -> dict[str, object]:
    """Processor, cores, memory, system and the versions that matter."""
    return {
        "processor": processor(),
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "load_before": round(psutil.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def place(machine: dict[str, Any]) -> str:
    """Where a result was measured, in words; `machine` as `describe` gave it then."""
    return f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB"
