"""Downloads from a server's log to gold: imported, landed and counted as the IAB's guidelines v2.3 ask."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from consumer.store import store_for
from producer.importers.batch import Batch
from producer.importers.context import Context
from producer.importers.dropped_file import find
from producer.importers.pseudonym import Pseudonyms
from producer.importers.report import total
from tests.dbt_process import WITHOUT_TESTS, WITHOUT_UNIT_TESTS, DbtProcess
from tests.importing import Sent
from tests.warehouse_builder import Warehouse, differences

HEADER = "time,ip,user_agent,method,url,status,range,bytes,referer\n"
# Ten minutes at 64 kbit/s; the first minute is 480,000 bytes.
EPISODE_BYTES = 4_800_000
POD = "Overcast/3.0 (+http://overcast.fm/)"
MODELS = ["--select", "+podcast_downloads", "--indirect-selection", "cautious"]

# 5.5.1 of the guidelines: the same address, agent and episode from Monday, 16 November 2026, on.
VECTOR = ["2026-11-16T22:00:00Z", "2026-11-17T03:00:00Z", "2026-11-17T22:15:00Z", "2026-11-18T23:15:00Z"]


def request(
    time: str, ip: str, agent: str = POD, *, episode: str = "ep-1", method: str = "GET", status: int = 200,
    span: str = "", sent: int = EPISODE_BYTES,
) -> str:  # fmt: skip
    url = f"https://prefix.example/track/host.example/{episode}.mp3?token=secret"
    return f'{time},{ip},"{agent}",{method},{url},{status},{span},{sent},\n'


def ten_fetches_by_six_agents() -> str:
    """5.5.4: one address, ten fetches, six agents: six downloads."""
    return "".join(
        request(f"2026-11-20T1{turn}:00:00Z", "203.0.113.9", f"Player/{turn % 6}", episode="ep-2")
        for turn in range(10)
    )


def pieces() -> str:
    """One listener in pieces that reach the minute together, one whose pieces overlap, one that only asks."""
    day = "2026-11-20T12:00:0"
    return "".join(
        [
            request(f"{day}0Z", "198.51.100.1", span="bytes=0-1", status=206, sent=2, episode="ep-3"),
            request(
                f"{day}1Z", "198.51.100.1", span="bytes=0-299999", status=206, sent=300_000, episode="ep-3"
            ),
            request(
                f"{day}2Z", "198.51.100.1", span="bytes=300000-", status=206, sent=180_000, episode="ep-3"
            ),
            request(
                f"{day}0Z", "198.51.100.2", span="bytes=0-299999", status=206, sent=300_000, episode="ep-3"
            ),
            request(
                f"{day}1Z", "198.51.100.2", span="bytes=1-479998", status=206, sent=479_998, episode="ep-3"
            ),
            request(f"{day}0Z", "198.51.100.3", method="HEAD", sent=0, episode="ep-3"),
            request(f"{day}0Z", "198.51.100.4", agent="Examplebot/2.1", episode="ep-3"),
            # Two addresses of one household: their first 64 bits are the same.
            request(f"{day}0Z", "2001:db8:1:2:aaaa::1", episode="ep-3"),
            request(f"{day}1Z", "2001:db8:1:2:bbbb::2", episode="ep-3"),
        ]
    )


def bring_in(warehouse: Warehouse, folder: Path, name: str, text: str) -> tuple[int, int, int]:
    """Import a log into the warehouse's lake: rows in, accepted, rejected."""
    log = folder / name
    log.write_text(HEADER + text)
    files, _ = find([log])
    context = Context(Pseudonyms(b"key"), datetime(2026, 11, 21, tzinfo=UTC))
    batch = Batch(files, store_for(str(warehouse.lake.root)), context)
    batch.publish(Sent())
    batch.settle()
    report = total(batch.reports)
    return report.rows_in, report.accepted, report.rejected


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {
        "vector.csv": "".join(request(time, "192.0.2.7") for time in VECTOR),
        "later.csv": request(VECTOR[1], "192.0.2.7") + ten_fetches_by_six_agents() + pieces(),
    }


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory, logs: dict[str, str], dbt: DbtProcess) -> Warehouse:
    """The logs landed and built one after the other; the second repeats a row of the first."""
    folder = tmp_path_factory.mktemp("split")
    warehouse = Warehouse(folder, dbt)
    episodes = warehouse.lake.root / "landing/episodes/0a.csv"
    episodes.parent.mkdir(parents=True)
    header = "episode_id,podcast_id,podcast_title,episode_title,released_on,duration_ms,source\n"
    rows = "".join(f"ep-{n},show-1,Talk,Episode {n},2026-03-01,600000,simulator\n" for n in (1, 2, 3))
    episodes.write_text(header + rows)
    assert bring_in(warehouse, folder, "vector.csv", logs["vector.csv"]) == (4, 4, 0)
    warehouse.dbt("build", *MODELS, *WITHOUT_TESTS)
    assert bring_in(warehouse, folder, "later.csv", logs["later.csv"]) == (20, 20, 0)
    warehouse.dbt("build", *MODELS, *WITHOUT_UNIT_TESTS)
    return warehouse


def test_the_guidelines_example_counts_as_they_say(split: Warehouse) -> None:
    begun = split.rows(
        "select window_kind, downloaded_at from silver.silver_podcast_downloads "
        "where is_download and episode_id = 'ep-1' order by all"
    )
    counts = {kind: [0] * len(VECTOR) for kind, _ in begun}
    times = [datetime.fromisoformat(time).replace(tzinfo=None) for time in VECTOR]
    for kind, moment in begun:
        counts[kind][times.index(moment)] = 1
    assert counts == {"calendar": [1, 1, 0, 1], "first_touch": [1, 0, 1, 1], "last_touch": [1, 0, 0, 1]}


def test_downloads_per_episode_and_day(split: Warehouse) -> None:
    rows = split.rows(
        "select episode_id, download_date::varchar, downloads, downloads_first_touch, downloads_last_touch, "
        "requests, filtered_requests from gold.podcast_downloads order by all"
    )
    assert rows == [
        ("ep-1", "2026-11-16", 1, 1, 1, 1, 0),
        ("ep-1", "2026-11-17", 1, 1, 0, 2, 0),
        ("ep-1", "2026-11-18", 1, 1, 1, 1, 0),
        ("ep-2", "2026-11-20", 6, 6, 6, 10, 0),
        # In pieces, and the household; not the overlap (479,999 bytes), the probe, the HEAD, the bot.
        ("ep-3", "2026-11-20", 2, 2, 2, 9, 3),
    ]


def test_no_address_and_no_query_reaches_the_lake(split: Warehouse) -> None:
    landed = "".join(path.read_text() for path in (split.lake.root / "landing/podcast_downloads").iterdir())
    assert "podcast_downloads-" in landed
    for told in ("192.0.2", "203.0.113", "198.51.100", "2001:db8", "secret"):
        assert told not in landed


def test_two_runs_give_what_one_run_gives(
    split: Warehouse, tmp_path: Path, logs: dict[str, str], dbt: DbtProcess
) -> None:
    whole = Warehouse(tmp_path, dbt)
    for kind in ("episodes", "podcast_downloads"):
        source, target = (w.lake.root / "landing" / kind for w in (split, whole))
        target.mkdir(parents=True)
        for path in source.iterdir():
            (target / path.name).write_bytes(path.read_bytes())
    whole.dbt("build", *MODELS, *WITHOUT_TESTS)
    tables = [t for t in whole.tables("silver", "gold") if "podcast" in t or "download" in t]
    assert len(tables) >= 5
    assert differences(whole.path, split.path, tables) == {}
