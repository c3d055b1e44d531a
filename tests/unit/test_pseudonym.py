"""Pseudonyms: stable under a key, telling nothing without it."""

from __future__ import annotations

import hmac
import re
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from contracts.errors import BackbeatError
from producer.importers.pseudonym import Pseudonyms, pseudonym_key
from producer.importers.settings import ImportSettings


def settings(path: Path, key: str = "") -> ImportSettings:
    return ImportSettings(_env_file=None, pseudonym_key=key, pseudonym_key_file=path)


def test_a_pseudonym_is_the_keyed_hash_of_source_and_user() -> None:
    digest = hmac.new(b"key", b"import.spotify\x1fme", sha256).hexdigest()[:16]
    assert Pseudonyms(b"key").of("import.spotify", "me") == f"spotify-{digest}"


def test_key_source_and_user_each_make_another_one() -> None:
    names = [
        Pseudonyms(b"key").of("import.lastfm", "me"),
        Pseudonyms(b"key").of("import.podcast", "me"),
        Pseudonyms(b"key").of("import.lastfm", "you"),
        Pseudonyms(b"other").of("import.lastfm", "me"),
    ]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"(lastfm|podcast)-[0-9a-f]{16}", name) for name in names)


def test_a_key_given_is_used_and_none_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "pseudonym.key"
    assert pseudonym_key(settings(path, "given")) == b"given"
    assert not path.exists()


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "var" / "pseudonym.key"
    key = pseudonym_key(settings(path))
    assert len(key) == 64
    assert pseudonym_key(settings(path)) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["pseudonym.key"]


def test_an_empty_or_impossible_key_file_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.key"
    empty.touch()
    with pytest.raises(BackbeatError, match=r"empty\.key: holds no key"):
        pseudonym_key(settings(empty))
    with pytest.raises(BackbeatError, match="BACKBEAT_PSEUDONYM_KEY_FILE"):
        pseudonym_key(settings(empty / "below"))
