"""dbt's Python models as modules: dbt runs them as files, so nothing imports them by name."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

SILVER = Path(__file__).parents[1] / "models/silver"


def load(name: str) -> ModuleType:
    """The model in `name`, a file below models/silver."""
    spec = spec_from_file_location(Path(name).stem, SILVER / name)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
