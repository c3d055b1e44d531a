"""The read API as a process: its numbers are the snapshot's, whatever is published meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest

from contracts.web.key_file import KeyFile
from serving.publish import publish
from tests.service_harness import Service, service, until
from tests.snapshot_builder import build_warehouse

USER = "/v1/users/sim-000007"
SLASHED = "team/a b/9"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a warehouse and one snapshot of it."""
    made = tmp_path_factory.mktemp("read")
    warehouse = build_warehouse(made / "warehouse.duckdb")
    with duckdb.connect(str(warehouse)) as connection:
        for table in ("dim_users", "fct_plays", "recommendations"):
            connection.execute(f"update gold.{table} set user_id = ? where user_id = 'sim-000009'", [SLASHED])
    publish(warehouse, made / "snapshots")
    return made


@pytest.fixture(scope="module")
def read(folder: Path) -> Iterator[Service]:
    with service("serve", folder, snapshots=folder / "snapshots", serve_follow_seconds=0.1) as running:
        until(lambda: running.ask("/readyz")[0] == 200)
        yield running


def in_warehouse(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def walked(read: Service, path: str) -> list[dict[str, Any]]:
    """All items of a list, part by part."""
    items: list[dict[str, Any]] = []
    following: str | None = path
    while following:
        part = read.told(following)
        items += part["items"]
        following = part["next"]
    return items


def test_its_numbers_are_the_warehouses(read: Service, folder: Path) -> None:
    stats = read.told(f"{USER}/stats?first=2026-10-01&last=2026-10-31")
    mine = "from gold.fct_plays where user_id = 'sim-000007' and monthname(played_date) = 'October'"
    asked = f"select count(*), count(*) filter (is_skipped), sum(ms_played), count(distinct track_key) {mine}"
    told = tuple(stats[name] for name in ("plays", "skips", "ms_played", "tracks"))
    assert [told] == in_warehouse(folder, asked)
    top = f"select track_title, count(*) {mine} group by track_key, track_title order by 2 desc, track_key"
    shown = [(each["track_title"], each["plays"]) for each in stats["top_tracks"]]
    assert shown == in_warehouse(folder, f"{top} limit 10")
    kpis = read.told("/v1/kpis?region=SE&first=2026-11-01&last=2026-11-20")
    for name, days in (("current", "between '2026-11-01' and '2026-11-20'"),
                       ("previous", "between '2026-10-12' and '2026-10-31'")):  # fmt: skip
        asked = (
            f"select count(*), sum(ms_played) from gold.fct_plays where country = 'SE' and played_date {days}"
        )
        assert in_warehouse(folder, asked) == [(kpis[name]["plays"], kpis[name]["ms_played"])]
    contents = read.told("/v1/snapshot")
    assert in_warehouse(folder, "select count(*) from gold.fct_plays") == [
        (contents["tables"]["gold.fct_plays"],)
    ]


@pytest.mark.parametrize(
    ("path", "sql"),
    [
        ("/v1/regions?limit=7", "from (select distinct region from gold.daily_listening_stats)"),
        ("/v1/trends/daily?region=SE&limit=7", "from gold.daily_listening_stats where region = 'SE'"),
        ("/v1/trends/hourly?region=DE&limit=400", "from gold.listening_trends where region = 'DE'"),
        (f"{USER}/recommendations?limit=3", "from gold.recommendations where user_id = 'sim-000007'"),
        ("/v1/charts/daily?region=SE&at=2026-11-01&limit=3",
         "from gold.top_songs_daily where region = 'SE' and chart_date = '2026-11-01'"),
    ],
)  # fmt: skip
def test_the_parts_of_a_list_are_all_of_it(path: str, sql: str, read: Service, folder: Path) -> None:
    items = walked(read, path)
    assert [(len(items),)] == in_warehouse(folder, f"select count(*) {sql}")
    assert len({str(each) for each in items}) == len(items)


def test_the_newest_chart_is_shown_and_an_hour_is_named_by_any_moment_in_it(read: Service) -> None:
    newest = read.told("/v1/charts/hourly")["items"]
    hour = newest[0]["hour"]
    assert read.told(f"/v1/charts/hourly?at={hour.replace(':00:00Z', ':59:59%2B00:00')}")["items"] == newest
    assert [each["rank"] for each in newest] == list(range(1, len(newest) + 1))


def test_nobody_is_told_apart_from_a_wrong_question(read: Service) -> None:
    assert read.ask("/v1/users/nobody/stats")[0] == 404
    assert read.ask("/v1/users/nobody/recommendations")[0] == 404
    assert read.ask("/v1/kpis?region=Sweden")[0] == 422
    assert "limit" in read.ask("/v1/regions?limit=501")[1]["error"]


def test_a_listener_whose_id_has_slashes_can_be_addressed(read: Service, folder: Path) -> None:
    path = f"/v1/users/{quote(SLASHED, safe='')}"
    stats = read.told(f"{path}/stats")
    asked = f"select '{SLASHED}', count(*) from gold.fct_plays where user_id = '{SLASHED}'"
    assert [(stats["user_id"], stats["plays"])] == in_warehouse(folder, asked)
    recommended = walked(read, f"{path}/recommendations?limit=3")
    asked = f"select count(*) from gold.recommendations where user_id = '{SLASHED}'"
    assert [(len(recommended),)] == in_warehouse(folder, asked)
    assert len(recommended) > 3


def test_who_has_it_is_told_so_until_a_new_snapshot_is_there(read: Service, folder: Path) -> None:
    paths = ("/v1/kpis", f"{USER}/stats", "/v1/trends/hourly?limit=500")
    status, before, headers = read.ask(paths[0])
    assert (status, read.ask(paths[0], if_none_match=headers["etag"])[0]) == (200, 304)
    assert read.ask("/v1/users/nobody/stats", if_none_match='"other"')[0] == 404
    asked: list[tuple[int, Any, dict[str, str]]] = []
    with ThreadPoolExecutor(4) as readers:
        futures = [readers.submit(read.ask, paths[number % 3]) for number in range(150)]
        with duckdb.connect(str(folder / "warehouse.duckdb")) as warehouse:
            warehouse.execute("update gold.daily_listening_stats set plays = plays + 1")
        publish(folder / "warehouse.duckdb", folder / "snapshots")
        futures += [readers.submit(read.ask, paths[number % 3]) for number in range(150)]
        asked = [future.result() for future in futures]
    assert {status for status, _, _ in asked} == {200}
    until(lambda: read.ask(paths[0], if_none_match=headers["etag"])[0] == 200)
    after = read.told(paths[0])
    assert after["snapshot"] > before["snapshot"]
    assert after["current"]["plays"] == before["current"]["plays"] + 28  # a day each
    names = {document["snapshot"] for _, document, _ in asked}
    assert names <= {before["snapshot"], after["snapshot"]}
    assert read.metric("backbeat_serve_snapshots_total") == 2


def test_elsewhere_it_asks_for_keys_and_begins_without_a_snapshot(tmp_path: Path, folder: Path) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    tokens = {user: keys.create(user or "all", ("read",), user_id=user)[1] for user in ("", "sim-000007")}
    settings = {"snapshots": tmp_path / "snapshots", "serve_address": "0.0.0.0", "serve_follow_seconds": 0.1}  # noqa: S104
    with service("serve", tmp_path, **settings) as running:
        port = running.address.rpartition(":")[2]
        here = Service(running.process, f"127.0.0.1:{port}", running.journal)
        head = {user: {"authorization": f"Bearer {token}"} for user, token in tokens.items()}
        assert here.ask("/readyz")[0] == 503
        assert "backbeat publish" in here.ask("/v1/kpis", **head[""])[1]["error"]
        publish(folder / "warehouse.duckdb", tmp_path / "snapshots")
        until(lambda: here.ask("/readyz")[0] == 200)
        assert here.ask("/v1/kpis")[0] == 401
        answers = {(user, path): here.ask(path, **head[user])[0] for user in tokens for path in PATHS}
        assert list(answers.values()) == [200, 200, 200, 200, 403, 403]
        code, journal = here.end()
    assert (code, journal[-1]["event"]) == (0, "serve_stopped")


PATHS = (f"{USER}/stats", "/v1/users/sim-000008/stats", "/v1/kpis")
