"""The importers' figures as tables."""

from __future__ import annotations

from typing import Any

_HEADER = (
    "| format | bytes a row | rows per CPU-second | times a bare read | peak, MiB |",
    "|---|---|---|---|---|",
)


def section(found: dict[str, Any]) -> list[str]:
    """The lines of benchmarks/README.md on the importers."""
    lines = [
        f"Measured at {found['measured_at']}; {found['rows']:,} rows of each format, Kafka left out:",
        "",
    ]
    lines += _HEADER
    for kind, figures in found["formats"].items():
        cells = (
            kind.replace("_", " "),
            figures["bytes_per_row"],
            f"{figures['rows_per_cpu_second']:,}",
            figures["times_a_bare_read"],
            figures["peak_mib"],
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += ["", f"`{found['whole']['kind']}` through the embedded broker until it has landed:", ""]
    names = list(found["whole"]["sizes"][0])
    lines += [f"| {' | '.join(name.replace('_', ' ') for name in names)} |", "|---" * len(names) + "|"]
    for size in found["whole"]["sizes"]:
        lines.append(f"| {' | '.join(f'{size[name]:,}' for name in names)} |")
    return lines


def rows(found: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    """What README shows of it."""
    if found is None:
        return []
    size = found["whole"]["sizes"][-1]
    what = f"import of {size['rows']:,} rows of Spotify's history, broker included"
    figure = f"{size['cpu_seconds_broker_included']} CPU-s, {size['peak_mib']} MiB"
    bare = f"{size['bare_read_cpu_seconds']} CPU-s, {size['bare_read_peak_mib']:,} MiB"
    return [(what, figure, f"`json.load` of the same file alone: {bare}")]
