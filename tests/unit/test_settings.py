"""Secrets in files: which settings take them, what goes before what, and who is told when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from contracts.errors import BackbeatError
from contracts.settings import with_secrets
from producer.importers.settings import ImportSettings
from serving.postgres.settings import PostgresSettings as Sample

VARIABLE = "BACKBEAT_POSTGRES_PASSWORD"


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a secret, which the environment names; the working directory has no .env."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    monkeypatch.setenv(f"{VARIABLE}_FILE", str(file))
    return file


def _secret(settings: Sample) -> str:
    return settings.postgres_password.get_secret_value()


def test_a_secret_is_read_from_the_file_that_is_named(secret: Path) -> None:
    assert _secret(Sample()) == "from a file"
    assert _secret(Sample(postgres_password=SecretStr("given"))) == "given"


def test_in_one_place_the_secret_goes_before_its_file_and_the_environment_before_dotenv(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".env").write_text(f"{VARIABLE}=dotenv\n")
    assert _secret(Sample()) == "from a file"
    monkeypatch.setenv(VARIABLE, "environment")
    assert _secret(Sample()) == "environment"
    for name in (VARIABLE, f"{VARIABLE}_FILE"):
        monkeypatch.delenv(name)
    assert _secret(Sample()) == "dotenv"
    Path(".env").write_text(f"{VARIABLE}_FILE={secret}\n")
    assert _secret(Sample()) == "from a file"


def test_what_is_no_secret_is_not_read_from_a_file(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_POSTGRES_HOST_FILE", str(secret))
    assert Sample().postgres_host == "127.0.0.1"


def test_a_setting_of_that_very_name_keeps_its_meaning(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_PSEUDONYM_KEY_FILE", str(secret))
    settings = ImportSettings()
    assert (settings.pseudonym_key.get_secret_value(), settings.pseudonym_key_file) == ("", secret)


def test_a_file_that_cannot_be_read_is_named_with_its_variable(secret: Path) -> None:
    secret.unlink()
    with pytest.raises(BackbeatError, match=rf"cannot read {secret} \({VARIABLE}_FILE\): No such"):
        Sample()


def test_who_reads_no_files_is_given_what_is_in_them(secret: Path) -> None:
    given = {"A_FILE": str(secret), "B": "b", "B_FILE": "/none", "C_FILE": ""}
    assert with_secrets(given, "A", "B", "C") == {**given, "A": "from a file"}
