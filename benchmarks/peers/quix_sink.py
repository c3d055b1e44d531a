"""The program that quixstreams is measured with; it runs in quixstreams' own environment."""

from __future__ import annotations

import json
import sys
from typing import Any

import orjson
from quixstreams import Application
from quixstreams.sinks.community.file.formats import ParquetFormat
from quixstreams.sinks.community.file.s3 import S3FileSink


def columns(payload: bytes) -> dict[str, Any]:
    """The fields of an event, and its bytes as they came."""
    return {**orjson.loads(payload), "payload": payload.decode()}


def main() -> None:
    """Sink a topic as the JSON in the first argument says, until it is told to stop."""
    settings = json.loads(sys.argv[1])
    store = ("endpoint_url", "region_name", "aws_access_key_id", "aws_secret_access_key")
    application = Application(
        settings["bootstrap"],
        consumer_group=settings["group"],
        auto_offset_reset="earliest",
        commit_interval=settings["commit_seconds"],
        auto_create_topics=False,
    )
    topic = application.topic(settings["topic"], value_deserializer="bytes")
    sink = S3FileSink(
        settings["bucket"],
        directory=settings["directory"],
        format=ParquetFormat(compression="zstd"),
        **{name: settings[name] for name in store},
    )
    application.dataframe(topic).apply(columns).sink(sink)
    application.run()


if __name__ == "__main__":
    main()
