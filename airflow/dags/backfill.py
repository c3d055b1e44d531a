"""### Backfill: days made anew

Makes every incremental table's rows of a week anew from silver: after a rule was changed, or a day looks
wrong. Twice gives the same. Choose the weeks with Airflow's own backfill, in the UI or by

    airflow backfill create --dag-id backfill --from-date 2026-11-02 --to-date 2026-11-15

One run is one week, Monday to Monday: weeks whose Monday lies in the range are made. Each is one `dbt build`.
On Mondays it makes the week before by itself, which repairs what nobody has noticed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow.sdk import CronDataIntervalTimetable, dag, task

from orchestration.parts import GOLD, WAREHOUSE_POOL, dag_arguments
from orchestration.steps import publish, quality_gate, rebuild


@task(pool=WAREHOUSE_POOL, outlets=[GOLD])
def week(
    data_interval_start: datetime | None = None, data_interval_end: datetime | None = None
) -> dict[str, Any]:
    """Make the days of the interval anew."""
    if data_interval_start is None or data_interval_end is None:
        return {"nodes": 0}
    return rebuild((data_interval_start.date(), data_interval_end.date()))


@dag(
    dag_id="backfill",
    schedule=CronDataIntervalTimetable("0 0 * * 1", timezone="UTC"),
    **dag_arguments("backfill", docs=__doc__),
)
def backfill() -> None:
    """The flow of a range of days."""
    week() >> quality_gate() >> publish()


backfill()
