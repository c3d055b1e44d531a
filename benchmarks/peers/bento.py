"""Bento: kafka_franz → parquet_encode → aws_s3; encoded in pipeline threads, not in the output's batcher."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa

from benchmarks.engine import Engine, Job
from benchmarks.stage import ACCESS_KEY, BUCKET, REGION, SECRET_KEY
from benchmarks.topic import TOPIC
from benchmarks.trial import Command
from contracts.arrow import event_schema

_BATCH = {"count": 20_000, "byte_size": 64 * 1024**2, "period": "5s"}
# Batches of a partition that may be under way; beyond that its fetching pauses.
_CHECKPOINT = 10 * 20_000
_TIMES = '.ts_parse("2006-01-02T15:04:05.000Z07:00").ts_unix_milli()'


def engine(program: Path, version: str) -> Engine:
    """The engine that runs `program`."""
    configuration: dict[str, object] = {
        "input": f"kafka_franz, batches of a partition: {_BATCH}, checkpoint_limit {_CHECKPOINT}",
        "output": "aws_s3, one object a batch",
        "columns": "the contract's, typed (times as int64 ms); payload",
        "encoding": "parquet_encode, zstd, in pipeline threads; GOMAXPROCS 1, as the one core gives it",
        "promise": "at least once",
    }
    return Engine("bento", version, configuration, lambda job: _command(program, job))


def _command(program: Path, job: Job) -> Command:
    job.folder.mkdir(parents=True, exist_ok=True)
    path = job.folder / "bento.json"
    path.write_text(json.dumps(_pipeline(job), indent=2))
    return Command([str(program), "-c", str(path)])


def _pipeline(job: Job) -> dict[str, object]:
    source = {
        "seed_brokers": [job.stage.bootstrap],
        "topics": [TOPIC],
        "consumer_group": job.label,
        "checkpoint_limit": _CHECKPOINT,
        "fetch_max_wait": "500ms",
        "batching": _BATCH,
    }
    destination = {
        "bucket": BUCKET,
        "path": job.label + '/${! @kafka_partition }/${! "%020d".format(@kafka_offset) }.parquet',
        "endpoint": job.stage.endpoint,
        "region": REGION,
        "force_path_style_urls": True,
        "credentials": {"id": ACCESS_KEY, "secret": SECRET_KEY},
        "timeout": "60s",
    }
    encode = {"schema": [_column(one) for one in _schema()], "default_compression": "zstd"}
    return {
        "http": {"enabled": False},
        "input": {"kafka_franz": source},
        "pipeline": {"processors": [{"mapping": _mapping(job)}, {"parquet_encode": encode}]},
        "output": {"aws_s3": destination},
        "logger": {"level": "WARN"},
    }


def _schema() -> pa.Schema:
    return event_schema(TOPIC).append(pa.field("payload", pa.string()))


def _mapping(job: Job) -> str:
    """Keep the payload as it came and make times of the texts that stand for them."""
    times = [field.name for field in _schema() if pa.types.is_timestamp(field.type)]
    lines = ["root = this", "root.payload = content().string()"]
    lines += [f"root.{name} = this.{name}{_TIMES}" for name in times if name in job.size.fields]
    return "\n".join(lines)


def _column(field: pa.Field) -> dict[str, object]:
    names = {pa.string(): "UTF8", pa.bool_(): "BOOLEAN", pa.int32(): "INT32", pa.int64(): "INT64"}
    kind = "INT64" if pa.types.is_timestamp(field.type) else names[field.type]
    return {"name": field.name, "type": kind, "optional": True}
