"""Memory is bounded by settings, not by how large records are or how many wait."""

from __future__ import annotations

import base64
import json
import random
import re
import subprocess
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from confluent_kafka import Producer

from tests.sink_harness import BACKBEAT, PARTITIONS, PLAY, environment
from tests.tiers import Tier

pytestmark = [pytest.mark.real, pytest.mark.parametrize("broker", ["real"], indirect=True)]
RECORDS, BYTES = 300, 980_000
MIB = 1024**2


def digest(value: bytes) -> str:
    """Instead of the value: 300 MB less to hold."""
    return sha256(value).hexdigest()


def publish_large(broker: Tier) -> list[str]:
    """Plays with so long a note that each is about 1 MB, and does not compress well; their digests."""
    random_bytes = random.Random(7).randbytes  # noqa: S311 -- reproducible, not secret
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0, "message.max.bytes": MIB})
    digests = []
    for number in range(RECORDS):
        note = base64.b64encode(random_bytes(BYTES * 3 // 4)).decode()
        value = json.dumps({**PLAY, "play_id": f"p{number}", "note": note}).encode()
        producer.produce("plays", value, partition=number % PARTITIONS)
        digests.append(digest(value))
        if number % 20 == 0:
            producer.flush(60)
    assert producer.flush(60) == 0
    return digests


def peak_mib(process: subprocess.Popen[bytes]) -> float:
    """The most memory it has had, looked at until it ends.

    What `wait4` tells is never less than what this process had when it forked.
    """
    peak = 0
    while process.poll() is None:
        told = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        peak = max(peak, int(told[1]) if told else 0)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    return peak / 1024


def test_hundreds_of_large_records_land_within_bounded_memory(broker: Tier, tmp_path: Path) -> None:
    digests = publish_large(broker)
    env = environment(
        broker,
        tmp_path,
        BACKBEAT_SINK_BUFFER_BYTES=str(32 * MIB),
        BACKBEAT_SINK_FLUSH_SECONDS="5",
        BACKBEAT_SINK_FLUSH_BYTES=str(16 * MIB),
        BACKBEAT_SINK_QUEUE_BYTES=str(16 * MIB),
    )
    command = [*BACKBEAT, "sink", "--topic", "plays", "--until-end"]
    with (tmp_path / "log").open("w") as log, subprocess.Popen(command, env=env, stderr=log) as process:
        try:
            peak = peak_mib(process)
        finally:
            process.kill()
    assert process.returncode == 0, (tmp_path / "log").read_text()
    found = {}
    for path in tmp_path.glob("bronze/**/*.parquet"):
        for row in pq.ParquetFile(path).read(columns=["_partition", "_offset", "payload"]).to_pylist():
            found[row["_offset"] * PARTITIONS + row["_partition"]] = digest(row["payload"].encode())
    assert [found[number] for number in range(RECORDS)] == digests
    # However the broker deals the records out: 340 MiB when one partition fills after the other, 550 when all
    # four do at once and are compressed side by side.
    assert 100 < peak < 750
