"""Apache Iceberg's sink in a standalone Kafka Connect: a catalog in SQLite, the table's files on S3."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from benchmarks.engine import Engine, Job
from benchmarks.shelf import Shelf
from benchmarks.stage import ACCESS_KEY, REGION, SECRET_KEY
from benchmarks.topic import TOPIC, renew
from benchmarks.trial import Command

_COMMIT_MS = 5_000
_HEAP = "-Xmx2g"
_CONTROL = "control-iceberg"
_JSON = "org.apache.kafka.connect.json.JsonConverter"


def engine(jars: Path, version: str) -> Engine:
    """The engine that runs from the jars in `jars`."""
    kafka = next(path.stem.removeprefix("connect-runtime-") for path in jars.glob("connect-runtime-*.jar"))
    configuration: dict[str, object] = {
        "worker": f"Kafka Connect {kafka} standalone, one task, {_HEAP}, schemaless JsonConverter",
        "sink": f"commit every {_COMMIT_MS / 1000:g} s, table created from the first record, unpartitioned",
        "catalog": "JDBC (SQLite), S3FileIO",
        "columns": "every field of the JSON as inferred (times stay text); no payload: it cannot keep it",
        "promise": "exactly once, for readers of the table",
    }
    return Engine("iceberg", version, configuration, lambda job: _command(jars, job), _committed)


def _command(jars: Path, job: Job) -> Command:
    java = shutil.which("java")
    if java is None:
        raise RuntimeError("no java on the path")
    job.folder.mkdir(parents=True, exist_ok=True)
    control = f"{_CONTROL}-{job.label}"
    renew(job.stage.bootstrap, control, 1)
    worker, sink = job.folder / "worker.properties", job.folder / "sink.properties"
    worker.write_text(_properties(_worker(job)))
    sink.write_text(_properties(_sink(job, control)))
    options = [_HEAP, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{jars}/*"]
    return Command([java, *options, "org.apache.kafka.connect.cli.ConnectStandalone", str(worker), str(sink)])


def _worker(job: Job) -> dict[str, object]:
    return {
        "bootstrap.servers": job.stage.bootstrap,
        "listeners": "http://127.0.0.1:0",
        # Every plugin here has its manifest; to scan all jars for others took seconds.
        "plugin.discovery": "service_load",
        "offset.storage.file.filename": job.folder / "offsets",
        "offset.flush.interval.ms": _COMMIT_MS,
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": _JSON,
        "value.converter.schemas.enable": "false",
        "consumer.auto.offset.reset": "earliest",
        "consumer.max.poll.records": 10_000,
        "consumer.max.partition.fetch.bytes": 4 * 1024**2,
    }


def _sink(job: Job, control: str) -> dict[str, object]:
    catalog = {
        "type": "jdbc",
        "uri": f"jdbc:sqlite:{job.folder / 'catalog.sqlite'}",
        "jdbc.schema-version": "V1",
        "warehouse": f"s3://{job.prefix}",
        "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        "client.region": REGION,
        "s3.endpoint": job.stage.endpoint,
        "s3.path-style-access": "true",
        "s3.access-key-id": ACCESS_KEY,
        "s3.secret-access-key": SECRET_KEY,
    }
    return {
        "name": job.label,
        "connector.class": "org.apache.iceberg.connect.IcebergSinkConnector",
        "tasks.max": 1,
        "topics": TOPIC,
        "iceberg.tables": f"bench.{TOPIC}",
        "iceberg.tables.auto-create-enabled": "true",
        "iceberg.control.topic": control,
        "iceberg.control.commit.interval-ms": _COMMIT_MS,
        "iceberg.kafka.auto.offset.reset": "earliest",
        **{f"iceberg.catalog.{name}": value for name, value in catalog.items()},
    }


def _properties(settings: dict[str, object]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _committed(shelf: Shelf, job: Job) -> int:
    """The rows of the newest snapshot: before its commit a file is nothing to a reader of the table."""
    found = shelf.newest(f"{job.prefix}/bench/{TOPIC}/metadata", ".metadata.json")
    if found is None:
        return 0
    metadata = json.loads(found)
    snapshots = {one["snapshot-id"]: one["summary"] for one in metadata.get("snapshots", [])}
    summary = snapshots.get(metadata.get("current-snapshot-id"), {})
    return int(summary.get("total-records", 0))
