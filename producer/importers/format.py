"""What a format of files is: how it is recognised, read, and what its rows become."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from producer.importers.context import Context
from producer.importers.converted import Converted
from producer.importers.head import Head
from producer.importers.reading import Reading

if TYPE_CHECKING:
    from producer.reports.recognise import Recognised


@dataclass(frozen=True)
class Format:
    """One kind of file. `kind` is its name in reports and receipts; `title`, `usually` and `from_where` are
    for people. `fits` looks at the beginning of a file, `read` gives its rows, `convert` makes one event or
    refusal of each. A format that only explains others (`refers`) has no events of its own; nor has a
    platform's report, which is landed as it is (`report`)."""

    kind: str
    title: str
    usually: str
    fits: Callable[[Head], bool]
    read: Callable[[Reading], Iterator[Any]]
    convert: Callable[[Iterable[Any], Context], Iterator[Converted]]
    refers: Callable[[Iterable[Any]], dict[str, str]] | None = None
    report: Recognised | None = None
