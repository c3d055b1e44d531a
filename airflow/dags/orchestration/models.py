"""dbt's models as tasks of their own, by Astronomer Cosmos: one build runs, each task follows its model.

For Snowflake, where models run side by side and the seconds that each task costs are not the warehouse's.
"""

from __future__ import annotations

import os
from typing import Any

from cosmos import DbtTaskGroup, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import ExecutionMode, LoadMode, TestBehavior

from orchestration.parts import SETTINGS, WAREHOUSE_POOL
from serving.build import ROOT

# Made by `dbt parse`; without it no DAG could be read.
MANIFEST = ROOT / os.environ.get("DBT_TARGET_PATH", "target") / "manifest.json"


def model_tasks() -> Any:
    """The group of tasks that stands where `transform` does."""
    return DbtTaskGroup(
        group_id="models",
        project_config=ProjectConfig(
            dbt_project_path=ROOT, manifest_path=MANIFEST, project_name="backbeat", install_dbt_deps=False
        ),
        profile_config=ProfileConfig(
            profile_name="backbeat",
            target_name=SETTINGS.target,
            profiles_yml_filepath=ROOT / "profiles.yml",
        ),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            select=["resource_type:model"],
            exclude=["tag:daily"],
            test_behavior=TestBehavior.AFTER_EACH,
            emit_datasets=False,
        ),
        # The build holds the warehouse's slot; the tasks that follow it only wait and look.
        execution_config=ExecutionConfig(
            execution_mode=ExecutionMode.WATCHER, setup_operator_args={"pool": WAREHOUSE_POOL}
        ),
        operator_args={"install_deps": False},
    )
