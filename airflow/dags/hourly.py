"""### Hourly: what landed becomes what people see

Is the lake fresh → do the new objects fit the contract → `dbt build` of what an hour changes → does a test
object → publish. Runs at the full hour, and when `landing` has imported something. A run that finds nothing
new skips the rest and is green.

**A missed hour** is caught up: a run takes all that is new, so the first of several does the work. **A failed
run** publishes nothing: readers keep the last good snapshot. Look at the failing task's log, then clear it.
"""

from __future__ import annotations

from airflow.sdk import AssetOrTimeSchedule, CronDataIntervalTimetable, dag

from orchestration.parts import BRONZE, SETTINGS, dag_arguments, deadline
from orchestration.steps import fresh, publish, quality_gate, transform, validate


@dag(
    dag_id="hourly",
    schedule=AssetOrTimeSchedule(
        timetable=CronDataIntervalTimetable("0 * * * *", timezone="UTC"), assets=[BRONZE]
    ),
    deadline=deadline(SETTINGS.airflow_deadline_minutes),
    **dag_arguments("hourly", docs=__doc__, catchup=SETTINGS.airflow_since is not None),
)
def hourly() -> None:
    """The flow of an hour."""
    fresh(hourly=True) >> validate() >> transform(hourly=True) >> quality_gate() >> publish()


hourly()
