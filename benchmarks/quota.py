"""A part of a core for each process: what shows scaling on a machine with few cores (Linux, as root)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

_V1, _V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
# Short, so that a process is slowed down rather than stopped for a while.
_PERIOD_MICROSECONDS = 10_000


@contextmanager
def quota(share: float) -> Iterator[Path]:
    """A control group whose processes get at most `share` of one core, together; removed in the end.

    OSError where control groups cannot be made. The processes must have ended before.
    """
    group = (_V1 if _V1.is_dir() else _V2) / f"backbeat-{uuid4().hex[:8]}"
    group.mkdir()
    try:
        _limit(group, round(share * _PERIOD_MICROSECONDS))
        yield group
    finally:
        group.rmdir()


def _limit(group: Path, microseconds: int) -> None:
    if group.parent == _V1:
        (group / "cpu.cfs_period_us").write_text(f"{_PERIOD_MICROSECONDS}")
        (group / "cpu.cfs_quota_us").write_text(f"{microseconds}")
        return
    (group.parent / "cgroup.subtree_control").write_text("+cpu")
    (group / "cpu.max").write_text(f"{microseconds} {_PERIOD_MICROSECONDS}")


def join(group: Path, pid: int) -> None:
    """Put process `pid` and all that it will start into `group`."""
    (group / "cgroup.procs").write_text(f"{pid}")
