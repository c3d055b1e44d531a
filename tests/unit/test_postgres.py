"""What PostgreSQL is told of gold: types, keys, indexes and where it is."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from contracts.errors import BackbeatError
from serving.build import ROOT
from serving.postgres.columns import Column, columns
from serving.postgres.keys import indexes, primary_keys
from serving.postgres.settings import PostgresSettings

READ = {
    "decimal(38, 18)": ("numeric(38, 18)", "0.100000000000000001"),
    "bigint": ("bigint", "-7"),
    "utinyint": ("smallint", "255"),
    "ubigint": ("numeric(20, 0)", "18446744073709551615"),
    "hugeint": ("numeric(38, 0)", "-99999999999999999999999999999999999999"),
    "double": ("double precision", "0.5"),
    "boolean": ("boolean", "true"),
    "date": ("date", "2026-11-22"),
    "timestamp": ("timestamp", "2026-11-22 06:00:00.000001"),
    "varchar[]": ("text", "[a, b]"),
}


@pytest.mark.parametrize("kind", READ)
def test_a_column_keeps_its_value_under_the_nearest_type(kind: str) -> None:
    expected, text = READ[kind]
    with duckdb.connect() as connection:
        connection.execute(f"""create table t as select '{text}'::{kind} as "of" """)
        (column,) = columns(connection, "t")
        read = connection.execute(f"select ({column.read.split(' as ')[0]})::varchar from t").fetchone()
    assert (column.name, column.kind) == ("of", expected)
    assert read == (text,)


def test_text_loses_only_what_postgresql_cannot_hold() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table t as select 'a' || chr(0) || 'ü\n' as title")
        (column,) = columns(connection, "t")
        assert connection.execute(f"select {column.read} from t").fetchall() == [("aü\n",)]


def test_every_gold_model_tells_its_key() -> None:
    keys = primary_keys(ROOT)
    models = {path.stem for path in (ROOT / "models" / "gold").glob("*/*.sql")}
    assert models == set(keys)
    assert keys["fct_royalties"] == "line_id"


def test_a_folder_without_models_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackbeatError, match=str(tmp_path)):
        primary_keys(tmp_path)


def test_indexes_are_what_is_looked_up_and_the_first_time_but_never_the_key_again() -> None:
    held = [Column("play_key", "text", ""), Column("day", "date", ""), Column("ended_at", "timestamp", "")]
    assert indexes("fct_plays", held, "play_key") == [["user_id", "ended_at"], ["day"]]
    assert indexes("dim_dates", held[1:], "day") == []
    days = [Column("activity_key", "text", ""), Column("activity_date", "date", "")]
    assert indexes("daily_user_activity", days, "activity_key") == [["activity_date", "user_id"]]


def test_passwords_come_from_files_and_stand_in_no_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "password"
    secret.write_text("it's \\ secret\n")
    monkeypatch.setenv("BACKBEAT_POSTGRES_PASSWORD_FILE", str(secret))
    settings = PostgresSettings(postgres_host="db")
    assert "password='it\\'s \\\\ secret'" in settings.conninfo()
    assert settings.address == "db:5432/backbeat"
    assert settings.reader_password() == ""
