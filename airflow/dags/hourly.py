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
from orchestration.steps import adopt, fresh, publish, quality_gate, transform, validate, what_is_there


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
    sound = validate()
    fresh(hourly=True) >> sound
    if SETTINGS.airflow_dbt == "task":
        sound >> transform(hourly=True) >> quality_gate() >> publish()
        return
    from orchestration.models import model_tasks  # noqa: PLC0415 -- Cosmos, which takes seconds to parse

    # Tests are tasks there too: one that fails stops what comes behind it, `adopt` and `publish` among it.
    read = what_is_there()
    sound >> read >> model_tasks() >> adopt(read) >> publish()


hourly()
