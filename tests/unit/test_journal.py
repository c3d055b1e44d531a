"""What the sink logs: one object a line, and never a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from consumer.settings import SinkSettings
from consumer.watch.journal import JOURNAL
from consumer.watch.requests import told
from consumer.watch.secrets import hide, secrets_of

SECRETS = {
    "s3_access_key_id": "AKIAexample",
    "s3_secret_access_key": "wJalrXUtnFEMI",
    "s3_session_token": "session-token-1",
    "sasl_password": "kafka-password",
}
SIGNED = (
    "http://s3/lake/_sink/x.json?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=KEY%2F2026%2Fs3&X-Amz-Date=2026"
    "&X-Amz-Security-Token=TOKEN&X-Amz-Signature=0a1b2c"
)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    JOURNAL.close()


def chosen(**more: Any) -> SinkSettings:
    return SinkSettings(_env_file=None, **{**SECRETS, **more})


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_an_object_that_begins_with_when_how_bad_and_what(
    capsys: pytest.CaptureFixture[str],
) -> None:
    JOURNAL.open(chosen())
    JOURNAL.debug("object_landed", rows=1)
    JOURNAL.info("landed", rows=3, topics=["plays"])
    JOURNAL.warning("retrying")
    JOURNAL.error("sink_failed", error="no bucket")
    found = lines(capsys)
    assert [(line["level"], line["event"]) for line in found] == [
        ("info", "landed"),
        ("warning", "retrying"),
        ("error", "sink_failed"),
    ]
    assert list(found[0]) == ["timestamp", "level", "event", "rows", "topics"]
    assert (found[0]["rows"], found[0]["topics"]) == (3, ["plays"])


def test_levels_and_words(capsys: pytest.CaptureFixture[str]) -> None:
    JOURNAL.open(chosen(log_level="debug", log_format="text"))
    JOURNAL.debug("object_landed", key="a b")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith('level=debug event=object_landed key="a b"')
    JOURNAL.open(chosen(log_level="error"))
    JOURNAL.warning("retrying")
    assert capsys.readouterr().err == ""


def test_it_is_silent_until_opened(capsys: pytest.CaptureFixture[str]) -> None:
    JOURNAL.error("sink_failed")
    assert capsys.readouterr().err == ""


def test_no_secret_is_ever_written(capsys: pytest.CaptureFixture[str]) -> None:
    settings = chosen(log_level="debug")
    assert sorted(secrets_of(settings)) == sorted(SECRETS.values())
    JOURNAL.open(settings)
    for secret in SECRETS.values():
        JOURNAL.error(
            "sink_failed", error=f"refused {secret} at http://user:{secret}@host:9000", settings=settings
        )
        JOURNAL.info("retrying", facts=[secret, {"of": secret}], call=SIGNED)
    err = capsys.readouterr().err
    assert [
        secret for secret in (*SECRETS.values(), "user:", "0a1b2c", "KEY", "TOKEN") if secret in err
    ] == []
    assert "X-Amz-Date=2026" in err


def test_what_an_error_says_holds_no_signature() -> None:
    error = ConnectTimeoutError(endpoint_url=SIGNED)
    assert "0a1b2c" in str(error)
    assert "0a1b2c" not in told(error)
    assert hide("as it is: s3://bucket/prefix, a@b.c") == "as it is: s3://bucket/prefix, a@b.c"
