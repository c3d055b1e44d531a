"""What is measured: a program that lands the topic's records as Parquet in the store."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpus import Size
from benchmarks.shelf import Shelf
from benchmarks.stage import ACCESS_KEY, BUCKET, REGION, ROOT, SECRET_KEY, Stage
from benchmarks.topic import TOPIC
from benchmarks.trial import Command


@dataclass(frozen=True)
class Job:
    """One run of one engine: `label` names its consumer group and its prefix in the bucket."""

    stage: Stage
    label: str
    size: Size

    @property
    def folder(self) -> Path:
        """The engine's own, for what it wants to write down on this machine."""
        return self.stage.folder / self.label

    @property
    def prefix(self) -> str:
        return f"{BUCKET}/{self.label}"


def by_footers(shelf: Shelf, _: Job) -> int:
    """The rows a reader sees who reads every object."""
    return shelf.count().rows


@dataclass(frozen=True)
class Engine:
    """`configuration` is for who reads the figures; `visible` counts what a reader of the lake sees."""

    name: str
    version: str
    configuration: dict[str, object]
    command: Callable[[Job], Command]
    visible: Callable[[Shelf, Job], int] = field(default=by_footers)


def backbeat_environment(job: Job) -> dict[str, str]:
    """The settings of a sink of ours."""
    settings = {
        "KAFKA_BOOTSTRAP": job.stage.bootstrap,
        "LAKE": f"s3://{job.prefix}",
        "SINK_NAME": job.label,
        "S3_ENDPOINT_URL": job.stage.endpoint,
        "S3_REGION": REGION,
        "S3_ACCESS_KEY_ID": ACCESS_KEY,
        "S3_SECRET_ACCESS_KEY": SECRET_KEY,
    }
    return {"PYTHONPATH": str(ROOT), **{f"BACKBEAT_{name}": value for name, value in settings.items()}}


def backbeat_command(job: Job) -> Command:
    """One sink of ours, with its defaults; it ends when all is landed and committed."""
    arguments = [sys.executable, "-m", "backbeat", "sink", "--until-end", "--topic", TOPIC, "--json"]
    return Command(arguments, backbeat_environment(job), ends=True)


def backbeat(version: str) -> Engine:
    """The project's own sink, with its defaults."""
    configuration: dict[str, object] = {
        "settings": "defaults; one process",
        "columns": "the contract's, typed; payload; error; topic, partition, offset, timestamp, key, headers",
        "promise": "exactly once",
    }
    return Engine("backbeat", version, configuration, backbeat_command)
