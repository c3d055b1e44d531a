"""API keys: hashed, scoped, revocable, for their owner's eyes only."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from contracts.errors import BackbeatError
from contracts.web.key_file import KeyFile
from producer.collector.key_commands import keys

Run = Callable[..., str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "keys.json"


@pytest.fixture
def run(path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`backbeat keys …`: what it prints; raises what it raises."""
    monkeypatch.setenv("BACKBEAT_COLLECTOR_KEYS", str(path))
    monkeypatch.setenv("BACKBEAT_PSEUDONYM_KEY", "of a test")

    def keys_command(*arguments: str) -> str:
        result = CliRunner().invoke(keys, arguments, catch_exceptions=False)
        assert result.exit_code == 0
        return result.output

    return keys_command


def test_a_token_opens_its_key_and_is_written_as_scrobblers_want_it(path: Path) -> None:
    file = KeyFile(path)
    key, token = file.create("web", ("events",), user_id="u-1")
    assert UUID(token).version == 4
    found = file.find(token)
    assert found == key
    assert (key.key_id, key.scopes, key.user_id) == (token[:8], ("events",), "u-1")
    assert key.opens(token, "events")
    assert not key.opens(token, "listens")


def test_nothing_else_opens_it(path: Path) -> None:
    file = KeyFile(path)
    _, token = file.create("web", ("events",))
    wrong_end = token[:-1] + ("0" if token[-1] != "0" else "1")
    for wrong in (
        "",
        "x",
        token.upper(),
        token[:8],
        wrong_end,
        f"{token} ",
        "00000000" + token[8:],
        "é" * 36,
    ):
        assert file.find(wrong) is None


def test_the_file_holds_no_token_and_is_its_owners(path: Path) -> None:
    _, token = KeyFile(path).create("web", ("events",))
    text = path.read_text()
    assert token not in text
    assert token[9:] not in text
    assert path.stat().st_mode & 0o777 == 0o600
    first, second = (KeyFile(path).create("same", ("events",))[0] for _ in range(2))
    assert first.salt != second.salt


def test_a_file_that_others_may_read_is_refused(path: Path) -> None:
    _, token = KeyFile(path).create("web", ("events",))
    path.chmod(0o640)
    with pytest.raises(BackbeatError, match=r"BACKBEAT_COLLECTOR_KEYS.* is open to others: chmod 600"):
        KeyFile(path).find(token)


def test_a_damaged_file_names_the_setting(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('[{"key_id": 5}]')
    path.chmod(0o600)
    with pytest.raises(BackbeatError, match="BACKBEAT_COLLECTOR_KEYS"):
        KeyFile(path).keys()


def test_what_another_process_creates_or_revokes_is_seen_at_once(path: Path) -> None:
    running = KeyFile(path)
    assert dict(running.keys()) == {}
    key, token = KeyFile(path).create("web", ("events",))
    assert running.find(token) == key
    KeyFile(path).revoke(key.key_id)
    assert running.find(token) is None
    assert running.keys()[key.key_id].revoked_at


def test_revoking_again_keeps_the_first_time_and_an_unknown_key_is_named(path: Path) -> None:
    file = KeyFile(path)
    key, _ = file.create("web", ("events",))
    assert file.revoke(key.key_id) == file.revoke(key.key_id)
    with pytest.raises(BackbeatError, match="no key 12345678"):
        file.revoke("12345678")


def test_keys_made_at_the_same_time_are_all_kept(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: KeyFile(path).create(f"key {n}", ("events",))[0], range(24)))
    assert set(KeyFile(path).keys()) == {key.key_id for key in made}
    assert [left.name for left in path.parent.iterdir() if left.name.startswith(".keys-")] == []


def test_a_listeners_key_carries_a_pseudonym_that_an_import_gives_too(run: Run) -> None:
    told = json.loads(run("create", "phone", "--scope", "listens", "--user", "alice", "--json"))
    assert told["user_name"] == "alice"
    assert re.fullmatch(r"listener-[0-9a-f]{16}", told["user_id"])
    exact = json.loads(run("create", "phone", "--scope", "listens", "--user-id", "me-1", "--json"))
    assert (exact["user_name"], exact["user_id"]) == ("me-1", "me-1")


def test_the_commands_print_a_token_once(run: Run) -> None:
    token = run("create", "web").strip()
    (listed,) = json.loads(run("list", "--json"))
    assert listed["scopes"] == "events"
    assert token not in run("list", "--json") + run("list")
    assert "is revoked" in run("revoke", token[:8])
    (listed,) = json.loads(run("list", "--json"))
    assert listed["revoked_at"]


def test_a_token_that_goes_into_a_file_is_made_once(run: Run, tmp_path: Path) -> None:
    line = ("create", "app", "--scope", "read", "--token-file", str(tmp_path / "token"))
    assert run(*line) + run(*line) == ""
    token = (tmp_path / "token").read_text().strip()
    (listed,) = json.loads(run("list", "--json"))
    assert listed["key_id"] == token[:8]
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    run("revoke", token[:8])
    run(*line)
    assert (tmp_path / "token").read_text().strip() != token
    assert len(json.loads(run("list", "--json"))) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("create", "x", "--scope", "admin"), "--scope admin: there are events, listens"),
        (("create", "x", "--scope", "listens"), "needs --user"),
        (("create", "x", "--user-id", "u" * 201), "200 characters"),
        (("revoke", "00000000"), "no key 00000000"),
    ],
)
def test_a_mistake_is_one_line(run: Run, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(BackbeatError, match=message):
        run(*arguments)


def test_keys_need_no_web_framework() -> None:
    program = "import sys, producer.collector.key_commands; print('fastapi' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
