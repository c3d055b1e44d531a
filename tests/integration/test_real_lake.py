"""The sink from Apache Kafka to an S3 server that is one, and that server's promise of one winner."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from consumer.s3_client import http_session, sign_put
from consumer.s3_client import send as send_signed
from consumer.settings import StoreSettings
from tests.account import account
from tests.s3_client import s3_client
from tests.servers import ACCESS_KEY, SECRET_KEY
from tests.sink_harness import (
    BACKBEAT,
    assert_exactly_once,
    environment,
    landed,
    publish,
    sink,
    wait_for_commits,
)
from tests.tiers import Tier

pytestmark = [
    pytest.mark.real,
    pytest.mark.parametrize("endpoint", ["real"], indirect=True, scope="module"),
]
RACERS = 32
on_real_kafka = pytest.mark.parametrize("broker", ["real"], indirect=True)


@pytest.fixture
def client(endpoint: str) -> Iterator[Any]:
    """A plain client of the server, with an empty bucket `lake`."""
    found = s3_client(endpoint)
    found.create_bucket(Bucket="lake")
    yield found
    empty(found)
    found.close()


def empty(client: Any) -> None:
    """Take the bucket away, if it is there."""
    if any(bucket["Name"] == "lake" for bucket in client.list_buckets()["Buckets"]):
        for item in client.list_objects_v2(Bucket="lake").get("Contents", []):
            client.delete_object(Bucket="lake", Key=item["Key"])
        client.delete_bucket(Bucket="lake")


def on_s3(broker: Tier, endpoint: str, **more: str) -> dict[str, str]:
    keys = {"BACKBEAT_S3_ACCESS_KEY_ID": ACCESS_KEY, "BACKBEAT_S3_SECRET_ACCESS_KEY": SECRET_KEY}
    chosen = {"BACKBEAT_S3_ENDPOINT_URL": endpoint, **keys, "BACKBEAT_S3_DEADLINE_SECONDS": "5", **more}
    return environment(broker, "s3://lake/some/prefix", **chosen)


def copy(client: Any, folder: Path) -> Path:
    """The lake as a folder."""
    for item in client.list_objects_v2(Bucket="lake", Prefix="some/prefix/").get("Contents", []):
        path = folder / item["Key"].removeprefix("some/prefix/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(client.get_object(Bucket="lake", Key=item["Key"])["Body"].read())
    return folder


@pytest.mark.parametrize(("size", "rounds"), [(100, 300), (1_000_000, 20)])
def test_of_32_racing_puts_exactly_one_wins(endpoint: str, client: Any, size: int, rounds: int) -> None:
    """Whole requests but for their last byte are laid ready, so that 32 PUTs end within a millisecond."""
    for number in range(rounds):
        key = f"race/{number}"
        what = {"Bucket": "lake", "Key": key, "IfNoneMatch": "*"}
        url = urlsplit(client.generate_presigned_url("put_object", Params=what, ExpiresIn=60))
        lines = [f"PUT {url.path}?{url.query} HTTP/1.1", f"Host: {url.netloc}", "If-None-Match: *"]
        head = "\r\n".join([*lines, f"Content-Length: {size}", "Connection: close", "", ""]).encode()
        bodies = [b"%02d" % racer * (size // 2) for racer in range(RACERS)]
        racers = [lay_ready(url.hostname or "", url.port or 80, head + body[:-1]) for body in bodies]
        for racer, body in zip(racers, bodies, strict=True):
            send(racer, body[-1:])
        answers = [answer(racer) for racer in racers]
        assert answers.count(200) == 1, answers
        assert set(answers) == {200, 412}
        assert client.get_object(Bucket="lake", Key=key)["Body"].read() == bodies[answers.index(200)]


def lay_ready(host: str, port: int, request: bytes) -> socket.socket:
    racer = socket.create_connection((host, port), timeout=30)
    racer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    send(racer, request)
    return racer


def send(racer: socket.socket, data: bytes) -> None:
    """A server may answer 412 before it has read the body, and close."""
    try:
        racer.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        return


def answer(racer: socket.socket) -> int:
    """The status the server gives."""
    with racer:
        found = b""
        while b"\r\n" not in found:
            found += racer.recv(4096)
    return int(found.split()[1])


class Half:
    """A session whose connection ends within the body."""

    def send(self, request: Any) -> None:
        url = urlsplit(request.url)
        head = [f"PUT {url.path}?{url.query} HTTP/1.1", f"Host: {url.netloc}"]
        head += [f"{name}: {value}" for name, value in request.headers.items()]
        whole = "\r\n".join([*head, "", ""]).encode() + request.body
        with socket.create_connection((url.hostname or "", url.port or 80), timeout=30) as connection:
            connection.sendall(whole[: -len(request.body) // 2])
        raise HTTPClientError(error="broken off")


@pytest.mark.parametrize("size", [1_000, 300_000])
def test_half_a_body_becomes_no_object(endpoint: str, client: Any, size: int) -> None:
    until = datetime.now(UTC) + timedelta(minutes=1)
    signed = sign_put(client, "lake", "half", {}, bytes(size), until)
    whole = sign_put(client, "lake", "half", {}, b"whole", until)
    assert signed is not None
    assert whole is not None
    with pytest.raises(HTTPClientError):
        send_signed(Half(), signed, bytes(size))  # type: ignore[arg-type]
    session = http_session(StoreSettings(s3_endpoint_url=endpoint))
    with pytest.raises(ClientError, match="BadDigest"):
        send_signed(session, signed, bytes(size - 1) + b"x")
    send_signed(session, whole, b"whole")
    assert client.get_object(Bucket="lake", Key="half")["Body"].read() == b"whole"


@on_real_kafka
def test_killed_between_fence_and_data_it_still_lands_once(
    broker: Tier, endpoint: str, client: Any, tmp_path: Path
) -> None:
    publish(broker, 300)
    env = on_s3(broker, endpoint)
    killed = subprocess.run(
        [sys.executable, Path(__file__).with_name("dying_sink.py"), "before-data"],
        env={**env, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -9, killed.stderr.decode()
    publish(broker, 30, start=300)
    landed(sink(env, "--until-end"))
    lake = copy(client, tmp_path)
    assert_exactly_once(lake, 330)
    assert len(account(lake)) == 3


@on_real_kafka
def test_a_bucket_that_vanishes_ends_the_sink_in_one_line(broker: Tier, endpoint: str, client: Any) -> None:
    publish(broker, 30)
    env = on_s3(broker, endpoint)
    with subprocess.Popen([*BACKBEAT, "sink", "--topic", "plays"], env=env, stderr=-1, text=True) as process:
        try:
            wait_for_commits(broker, 30)
            empty(client)
            publish(broker, 30, start=30)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 1
    assert errors.splitlines()[-1] == (f"backbeat: bucket lake does not exist at {endpoint} (BACKBEAT_LAKE)")


@on_real_kafka
def test_wrong_credentials_are_one_line(broker: Tier, endpoint: str, client: Any) -> None:
    wrong = {
        "BACKBEAT_S3_SECRET_ACCESS_KEY": "not it",
        "BACKBEAT_S3_ACCESS_KEY_ID": "nobody",
    }
    for name, value in wrong.items():
        refused = sink(on_s3(broker, endpoint, **{name: value}))
        assert refused.returncode == 1
        (line,) = refused.stderr.splitlines()
        assert f"bucket lake at {endpoint} refuses these credentials" in line
        assert value not in line
