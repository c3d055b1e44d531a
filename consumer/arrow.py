"""Arrow without pandas, which the sink never uses and which takes a second of CPU to import."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _NoPandas(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not looked for here", name=fullname)
        return None


def start_arrow() -> None:
    """Make the first array while pandas cannot be found.

    At its first array pyarrow imports pandas, if it is installed, to tell its objects from others, and
    remembers when it is not: 0.98 s of CPU and 40 MB. Conversions to pandas still work: they look again.
    """
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        import pyarrow as pa  # noqa: PLC0415 -- not before the finder is in place

        # mimalloc, Arrow's choice, takes huge pages and gives them back between two slices, and the kernel
        # clears them anew each time: 3.0 s of system time for 500,000 records of 1.2 kB, and 2.0 without it.
        pa.set_memory_pool(pa.system_memory_pool())
        pa.array([])
    finally:
        sys.meta_path.remove(finder)
