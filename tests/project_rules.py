"""The rules of dbt-project-evaluator that apply here, over `manifest.json`: each names those who break it.

Left out: what dbt itself refuses (duplicate sources), what the layout has no name for (staging), and
freshness of sources (the lake's files have no column to ask; `pipeline_freshness` tells it). A key's test on
a bronze view would read the whole lake: its record_id is tested in the silver model that holds its records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePath

from tests.manifest import Project

Rule = Callable[[Project], Iterator[str]]
RULES: dict[str, Rule] = {}

_MAY_READ = {"bronze": {"source"}, "silver": {"bronze", "silver", "seed"}, "gold": {"silver", "gold", "seed"}}
_READS = re.compile(r"\b(?:from|join)\s+([a-z_][\w.]*)(?!\s*\()")
_STEP = re.compile(r"^([a-z_]\w*)(?: \([\w, ]+\))? as (?:\{\{ read_again\(\) \}\} )?\($", re.MULTILINE)


def rule(check: Rule) -> Rule:
    RULES[check.__name__] = check
    return check


@rule
def root_models(project: Project) -> Iterator[str]:
    yield from (key for key in project.models if not project.parents(key))


@rule
def direct_join_to_source(project: Project) -> Iterator[str]:
    for key in project.models:
        kinds = {parent.split(".")[0] for parent in project.parents(key)}
        if "source" in kinds and len(kinds) > 1:
            yield key


@rule
def skipped_layers(project: Project) -> Iterator[str]:
    """Bronze reads sources only and nobody else does; gold reads no bronze; nothing reads downwards."""
    for key in project.models:
        allowed = _MAY_READ[project.layer(key)]
        yield from (
            f"{key} reads {parent}" for parent in project.parents(key) if project.layer(parent) not in allowed
        )


@rule
def unused_sources(project: Project) -> Iterator[str]:
    yield from (key for key in project.sources if not project.readers(key))


@rule
def source_fan_out(project: Project) -> Iterator[str]:
    yield from (key for key in project.sources if len(project.readers(key)) > 1)


@rule
def multiple_sources_joined(project: Project) -> Iterator[str]:
    for key in project.models:
        if sum(parent in project.sources for parent in project.parents(key)) > 1:
            yield key


@rule
def bronze_fan_out(project: Project) -> Iterator[str]:
    """A bronze view is read by one silver model: what it takes to trust a record is decided once."""
    yield from (key for key in project.in_layer("bronze") if len(project.readers(key)) != 1)


@rule
def models_without_use(project: Project) -> Iterator[str]:
    """Bronze and silver are there for somebody; gold is there for people."""
    yield from (key for key in project.models if project.layer(key) != "gold" and not project.uses(key))


@rule
def rejoining_of_upstream_concepts(project: Project) -> Iterator[str]:
    """C reads A, and B in SQL that reads A and that nobody else reads: B's step could be taken in C."""
    for key in project.models:
        for between in set(project.parents(key)) & set(project.models):
            both = set(project.parents(between)) & set(project.parents(key))
            in_sql = project.models[between]["language"] == "sql"
            if both and in_sql and project.uses(between) == [key]:
                yield f"{key} through {between}"


@rule
def too_many_joins(project: Project) -> Iterator[str]:
    joins = {key: len(re.findall(r"\bjoin\b", node["raw_code"])) for key, node in project.models.items()}
    yield from (key for key, count in joins.items() if count > 7)


@rule
def chained_views(project: Project) -> Iterator[str]:
    def chain(key: str) -> int:
        if key not in project.models or project.models[key]["config"]["materialized"] != "view":
            return 0
        return 1 + max(map(chain, project.parents(key)), default=0)

    yield from (key for key in project.models if chain(key) > 3)


@rule
def hard_coded_references(project: Project) -> Iterator[str]:
    """Whatever is read is a step of the model itself, or a ref; a Python model can read nothing else."""
    for key, node in project.models.items():
        if node["language"] != "sql":
            continue
        code = re.sub(r"--[^\n]*|\{#.*?#\}", "", node["raw_code"], flags=re.DOTALL)
        steps = {*_STEP.findall(code), "judged", "compared", "told_better"}
        read = {name for name in _READS.findall(code) if not name.startswith(("touched", "TOUCHED"))}
        # Jinja writes the rest of a name that ends in an underscore.
        strange = {name for name in read - steps - _columns(code) if not name.endswith("_")}
        yield from (f"{key}: {name}" for name in sorted(strange))


def _columns(code: str) -> set[str]:
    """`extract(hour from started_at)` reads a column, not a table."""
    return set(re.findall(r"extract\(\w+ from (\w+)", code)) | set(
        re.findall(r"distinct from ([\w.]+)", code)
    )


@rule
def names_by_layer(project: Project) -> Iterator[str]:
    for key, node in project.models.items():
        named = re.match(r"bronze_|silver_|", node["name"])
        layer = named.group().rstrip("_") if named and named.group() else "gold"
        folder = PurePath(node["original_file_path"]).parts[1]
        if not layer == folder == project.layer(key) or folder != node["schema"]:
            yield key


@rule
def undocumented_models(project: Project) -> Iterator[str]:
    yield from (
        key
        for key, node in (project.models | project.snapshots).items()
        if not node["description"].startswith("One row per ")
    )


@rule
def undocumented_columns(project: Project) -> Iterator[str]:
    for key, node in (project.models | project.snapshots | project.sources).items():
        columns = node["columns"].values()
        if not (columns and node["description"]):
            yield key
        yield from (f"{key}.{column['name']}" for column in columns if not column["description"])


@rule
def missing_primary_key_tests(project: Project) -> Iterator[str]:
    """Unique and not null; a bronze view's record_id in the silver model that holds its records."""
    kinds: dict[str, set[str]] = {}
    for test in project.tests:
        kinds.setdefault(test.get("attached_node", ""), set()).add(
            test.get("test_metadata", {}).get("name", "")
        )
    for key in project.models | project.snapshots:
        holders = project.readers(key) if project.layer(key) == "bronze" else [key]
        if not all({"unique", "not_null"} <= kinds.get(holder, set()) for holder in holders):
            yield key


@rule
def public_models_without_contracts(project: Project) -> Iterator[str]:
    for key, node in project.models.items():
        if node["access"] == "public" and not node["config"]["contract"]["enforced"]:
            yield key


@rule
def gold_is_public_and_nothing_else(project: Project) -> Iterator[str]:
    for key, node in project.models.items():
        if (node["access"] == "public") != (project.layer(key) == "gold"):
            yield key


@rule
def models_without_a_group(project: Project) -> Iterator[str]:
    yield from (key for key, node in project.models.items() if not node["group"])


@rule
def exposures_read_gold_only(project: Project) -> Iterator[str]:
    for key, node in project.exposures.items():
        yield from (
            f"{key} reads {read}" for read in node["depends_on"]["nodes"] if project.layer(read) != "gold"
        )


@rule
def exposures_without_owner_or_address(project: Project) -> Iterator[str]:
    for key, node in project.exposures.items():
        if not (node["owner"]["email"] and node["url"] and node["maturity"] and node["description"]):
            yield key
