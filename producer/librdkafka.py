"""The librdkafka that the confluent-kafka wheel has loaded, with its in-memory cluster opened to Python.

The cluster is part of librdkafka's C interface (`rdkafka_mock.h`) but not of its Python one.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from contracts.errors import BackbeatError

_POINTER = ctypes.c_void_p
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "rd_kafka_conf_new": (_POINTER, []),
    "rd_kafka_conf_set": (
        ctypes.c_int,
        [_POINTER, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t],
    ),
    "rd_kafka_new": (_POINTER, [ctypes.c_int, _POINTER, ctypes.c_char_p, ctypes.c_size_t]),
    "rd_kafka_destroy": (None, [_POINTER]),
    "rd_kafka_mock_cluster_new": (_POINTER, [_POINTER, ctypes.c_int]),
    "rd_kafka_mock_cluster_destroy": (None, [_POINTER]),
    "rd_kafka_mock_cluster_bootstraps": (ctypes.c_char_p, [_POINTER]),
    "rd_kafka_mock_topic_create": (ctypes.c_int, [_POINTER, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [_POINTER, ctypes.c_int32]),
}


def _candidates() -> Iterator[Path]:
    """Where the library may lie: mapped into this process already, or listed by the wheel."""
    maps = Path("/proc/self/maps")
    if maps.exists():
        lines = maps.read_text(errors="replace").splitlines()
        yield from {Path(line.split(maxsplit=5)[5]) for line in lines if "librdkafka" in line}
    for file in importlib.metadata.files("confluent-kafka") or ():
        if file.name.startswith("librdkafka") and ".so" in file.name:
            yield Path(str(file.locate()))


@cache
def load() -> ctypes.CDLL:
    """The library with typed functions; `BackbeatError` where it cannot be found or lacks the cluster."""
    import confluent_kafka  # noqa: F401, PLC0415  importing it is what maps the library into this process

    for path in _candidates():
        try:
            library = ctypes.CDLL(str(path))
            for name, (result, arguments) in _FUNCTIONS.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError):
            continue
        return library
    raise BackbeatError(
        "the embedded broker needs the librdkafka of confluent-kafka's Linux wheel, which is not here: "
        "set BACKBEAT_KAFKA_BOOTSTRAP to a Kafka instead"
    )
