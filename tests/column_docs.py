"""Rules of the columns' texts, over `manifest.json`: written once, and inherited from bronze to gold.

A column that stands in several places is described by the doc block of its own name. Where it means something
else, by one called `<where>__<column>`: the name says which place makes the difference. Only a column that
stands in one place may say in that place what it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.manifest import Project
from tests.project_rules import rule

Column = tuple[str, str, list[str]]


def columns(project: Project) -> dict[str, list[Column]]:
    """Column → its places: the node's id, the text, and the doc blocks that the text came from."""
    found: dict[str, list[Column]] = {}
    for key, node in (project.models | project.sources | project.seeds | project.snapshots).items():
        for name, column in node["columns"].items():
            found.setdefault(name, []).append((key, column["description"], column["doc_blocks"]))
    return found


def means(block: str, column: str) -> bool:
    """Whether a doc block is one of `column`: by its name, or by `<where>__<name>`."""
    return block == column or block.endswith(f"__{column}")


@rule
def columns_described_twice(project: Project) -> Iterator[str]:
    """In several places, but not by a doc block of that column and nothing else."""
    for name, places in columns(project).items():
        for key, text, blocks in places if len(places) > 1 else []:
            (block,) = blocks if len(blocks) == 1 else ("",)
            block_name = block.split(".")[-1]
            if not means(block_name, name) or text != project.doc_blocks.get(block_name):
                yield f"{key}.{name}"


@rule
def doc_blocks_that_say_the_same(project: Project) -> Iterator[str]:
    """Two blocks of one column with one text: one of them makes no difference."""
    for name in columns(project):
        texts = [text for block, text in project.doc_blocks.items() if means(block, name)]
        if len(texts) != len(set(texts)):
            yield name


@rule
def doc_blocks_without_use(project: Project) -> Iterator[str]:
    used = {
        block.split(".")[-1]
        for places in columns(project).values()
        for _, _, blocks in places
        for block in blocks
    }
    yield from sorted(set(project.doc_blocks) - used)
