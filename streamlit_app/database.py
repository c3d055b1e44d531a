"""One snapshot file as a database, and the answers it gave, within bounds of memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from threading import Lock

import duckdb
import polars as pl

# Of blocks read, and of answers kept, in MiB: two snapshots are open while one takes the other's place.
_BLOCKS, _ANSWERS = 320, 32


class Database:
    """Attached read-only to a DuckDB in memory; all sessions share it, and its answers: nobody changes one.

    Streamlit's own cache hashed every question and copied every answer, which took a page's ten 6 ms.
    """

    def __init__(self, path: str, answers: int = _ANSWERS * 2**20) -> None:
        config = {"threads": "2", "memory_limit": f"{_BLOCKS}MiB"}
        self._connection = duckdb.connect(config={**config, "autoinstall_known_extensions": "false"})
        literal = path.replace("'", "''")
        self._connection.execute(f"attach '{literal}' as published (read_only)")
        self._limit, self._bytes = answers, 0
        self._answers: OrderedDict[Hashable, pl.DataFrame] = OrderedDict()
        self._lock = Lock()

    def frame(self, sql: str, parameters: Mapping[str, object]) -> pl.DataFrame:
        """The rows of `sql`, its `$name` parameters bound; tuples are bound as lists."""
        question = (sql, tuple(sorted(parameters.items())))
        with self._lock:
            found = self._answers.get(question)
            if found is not None:
                self._answers.move_to_end(question)
                return found
        answer = self._ask(sql, parameters)
        self._keep(question, answer)
        return answer

    def _ask(self, sql: str, parameters: Mapping[str, object]) -> pl.DataFrame:
        bound = {
            name: list(value) if isinstance(value, tuple) else value for name, value in parameters.items()
        }
        with self._connection.cursor() as cursor:  # a connection of its own: sessions run in parallel
            cursor.execute("use published")
            return cursor.execute(sql, bound).pl()

    def _keep(self, question: Hashable, answer: pl.DataFrame) -> None:
        """Keep it, and let go of those that were not asked for the longest time."""
        with self._lock:
            before = self._answers.pop(question, None)
            self._bytes += int(answer.estimated_size()) - (
                int(before.estimated_size()) if before is not None else 0
            )
            self._answers[question] = answer
            while self._bytes > self._limit:
                _, gone = self._answers.popitem(last=False)
                self._bytes -= int(gone.estimated_size())
