"""A snapshot that begins with the one before holds what one made anew does."""

from __future__ import annotations

from pathlib import Path

import duckdb

from serving.publish import publish

GOLD = """
    create schema gold;
    create table gold.fct_plays as
        select
            'user ' || n as user_id,
            day + to_minutes(n) as ended_at,
            n as ms_played,
            cast(day as date) as played_date,
            timestamp '2026-01-09' as loaded_at
        from range(timestamp '2026-01-01', timestamp '2026-01-05', interval 1 day) as days (day),
            range(20) as plays (n);
    create table gold.dim_tracks as
        select n as track_key, 'track ' || n as track_title from range(20) as tracks (n);
    create table gold.artist_popularity as
        select 'artist' as artist_name, 1 as "rank", date '2026-01-01' as played_date;
"""
STAMP = "timestamp '2026-11-22 00:05:00'"
# What an hour, a day or a release may do to gold.
CHANGES = {
    "nothing": "select 1",
    "a day made anew": f"""
        update gold.fct_plays set loaded_at = {STAMP}, ms_played = ms_played + 1
        where played_date = (select max(played_date) from gold.fct_plays)""",
    "a day more": f"""
        insert into gold.fct_plays select * replace (played_date + 400 as played_date, {STAMP} as loaded_at)
        from gold.fct_plays where played_date = (select min(played_date) from gold.fct_plays)""",
    "a day that lost its rows": """
        delete from gold.fct_plays where played_date = (select min(played_date) from gold.fct_plays)""",
    "a row of no day": f"""
        insert into gold.fct_plays select * replace (null as played_date, {STAMP} as loaded_at)
        from gold.fct_plays limit 1""",
    "a table made as a whole": "update gold.dim_tracks set track_title = track_title || '!'",
    "its rows, once more": "insert into gold.dim_tracks select * from gold.dim_tracks",
    "another column": "alter table gold.fct_plays add column mood varchar",
    "another type": "alter table gold.dim_tracks alter track_title type varchar[] using [track_title]",
    "a new table": "create table gold.more as select 1 as n",
    "no more a table": "drop table gold.artist_popularity",
    "no rows at all": "truncate gold.fct_plays; truncate gold.dim_tracks",
}


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Table → its rows in a fixed order; without the snapshot's own time."""
    with duckdb.connect(str(path), read_only=True) as snapshot:
        tables = snapshot.execute(
            "select table_schema || '.' || table_name from information_schema.tables order by 1"
        ).fetchall()
        return {
            table: snapshot.execute(
                f"select * {'exclude published_at' if table == 'main.meta' else ''} from {table} order by all"
            ).fetchall()
            for (table,) in tables
        }


def build_warehouse(path: Path) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(GOLD)
    return path


def test_every_change_is_seen(tmp_path: Path) -> None:
    warehouse = build_warehouse(tmp_path / "warehouse.duckdb")
    publish(warehouse, tmp_path / "renewed")
    for name, change in CHANGES.items():
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(change)
        renewed = publish(warehouse, tmp_path / "renewed", only_changes=True)
        anew = publish(warehouse, tmp_path / "anew", keep=1)
        assert contents(renewed.path) == contents(anew.path), name
        assert renewed.rows == anew.rows, name


def test_a_day_with_its_old_stamp_is_not_written_again(tmp_path: Path) -> None:
    """What makes it cheap: the day is told by its stamps, its rows are not read."""
    warehouse = build_warehouse(tmp_path / "warehouse.duckdb")
    before = publish(warehouse, tmp_path / "snapshots")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update gold.fct_plays set ms_played = -1")
    renewed = publish(warehouse, tmp_path / "snapshots", only_changes=True)
    assert contents(renewed.path)["gold.fct_plays"] == contents(before.path)["gold.fct_plays"]


def test_without_a_snapshot_before_all_is_written(tmp_path: Path) -> None:
    warehouse = build_warehouse(tmp_path / "warehouse.duckdb")
    first = publish(warehouse, tmp_path / "first", only_changes=True)
    assert contents(first.path) == contents(publish(warehouse, tmp_path / "second").path)
