"""quixstreams' S3 file sink: a topic's JSON as Parquet, one object a partition and checkpoint."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.engine import Engine, Job
from benchmarks.stage import ACCESS_KEY, BUCKET, REGION, SECRET_KEY
from benchmarks.topic import TOPIC
from benchmarks.trial import Command

_PROGRAM = Path(__file__).with_name("quix_sink.py")
_COMMIT_SECONDS = 5.0


def engine(place: Path, version: str) -> Engine:
    """The engine that runs in the virtual environment at `place`."""
    configuration: dict[str, object] = {
        "sink": f"S3FileSink, ParquetFormat zstd, checkpoint every {_COMMIT_SECONDS:g} s; one process",
        "columns": "every field of the JSON as inferred (times stay text); payload; timestamp, key",
        "decoding": "orjson",
        "promise": "at least once",
    }
    return Engine("quixstreams", version, configuration, lambda job: _command(place, job))


def _command(place: Path, job: Job) -> Command:
    settings = {
        "bootstrap": job.stage.bootstrap,
        "topic": TOPIC,
        "group": job.label,
        "bucket": BUCKET,
        "directory": job.label,
        "commit_seconds": _COMMIT_SECONDS,
        "endpoint_url": job.stage.endpoint,
        "region_name": REGION,
        "aws_access_key_id": ACCESS_KEY,
        "aws_secret_access_key": SECRET_KEY,
    }
    return Command([str(place / "bin" / "python"), str(_PROGRAM), json.dumps(settings)])
