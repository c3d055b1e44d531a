"""The rooms stay apart: imports run one way, and files stay small."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("contracts", "producer", "consumer", "serving", "streamlit_app", "infra", "benchmarks", "backbeat")
MAY_IMPORT = {
    "contracts": {"contracts"},
    "producer": {"contracts", "producer"},
    "consumer": {"contracts", "consumer"},
    "serving": {"contracts", "serving"},
    "streamlit_app": {"contracts", "serving", "streamlit_app"},
}


def python_files(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported_rooms(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return {name.split(".")[0] for name in names} & set(ROOMS)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    files = python_files(room)
    assert files, f"{room}/ holds no Python file"
    wrong = {
        str(path.relative_to(ROOT)): sorted(imported_rooms(path) - MAY_IMPORT[room])
        for path in files
        if imported_rooms(path) - MAY_IMPORT[room]
    }
    assert wrong == {}


def test_files_stay_within_two_hundred_lines() -> None:
    files = [path for room in (*MAY_IMPORT, "infra", "benchmarks") for path in python_files(room)]
    long = {str(p.relative_to(ROOT)): n for p in files if (n := len(p.read_text().splitlines())) > 200}
    assert long == {}


def test_airflow_folder_is_never_a_package() -> None:
    assert not list(ROOT.glob("airflow/**/__init__.py"))


def test_only_the_dags_import_airflow() -> None:
    rooms = [path for room in (*MAY_IMPORT, "infra", "benchmarks") for path in python_files(room)]
    words = re.compile(r"^\s*(?:from|import) (?:airflow|cosmos|orchestration)\b", re.MULTILINE)
    assert [str(path) for path in [*rooms, ROOT / "backbeat.py"] if words.search(path.read_text())] == []
    dags = python_files("airflow")
    assert max(len(path.read_text().splitlines()) for path in dags) <= 200
