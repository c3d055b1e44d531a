"""The broker and the S3 server that every engine is measured on, and the cores each side runs on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ACCESS_KEY, SECRET_KEY, REGION, BUCKET = "key", "secret", "us-east-1", "lake"


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Cores:
    """The cores of this machine: one for an engine, the others for the servers and for whoever measures."""

    all: tuple[int, ...]

    @property
    def engine(self) -> tuple[int, ...]:
        return self.all[:1]

    @property
    def rest(self) -> tuple[int, ...]:
        return self.all[1:] or self.all


def pinned(cores: Collection[int], command: list[str]) -> list[str]:
    """`command`, to run on `cores` alone where the system can do that."""
    taskset = shutil.which("taskset")
    return [taskset, "--cpu-list", ",".join(map(str, cores)), *command] if taskset else command


@dataclass(frozen=True)
class Stage:
    """Where the servers answer, and their process ids."""

    bootstrap: str
    endpoint: str
    folder: Path
    servers: dict[str, int]
    cores: Cores

    def spread(self, cores: Collection[int]) -> None:
        """Let every thread of the servers run on `cores`."""
        if taskset := shutil.which("taskset"):
            for pid in self.servers.values():
                everywhere = [
                    taskset,
                    "--all-tasks",
                    "--cpu-list",
                    "--pid",
                    ",".join(map(str, cores)),
                    str(pid),
                ]
                subprocess.run(everywhere, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A real Kafka and a real S3 server with their state in `folder`, which is removed in the end."""
    shutil.rmtree(folder, ignore_errors=True)
    cores = Cores(tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else (0,))
    homes = {"kafka": folder / "kafka", "s3": folder / "s3"}
    try:
        answers = {name: _start(name, home, cores) for name, home in homes.items()}
        servers = {name: int((home / "pid").read_text()) for name, home in homes.items()}
        yield Stage(answers["kafka"], answers["s3"], folder, servers, cores)
    finally:
        for name, home in homes.items():
            if home.exists():
                subprocess.run([str(ROOT / "infra" / f"{name}.sh"), "stop", str(home)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _start(name: str, home: Path, cores: Cores) -> str:
    script = [str(ROOT / "infra" / f"{name}.sh"), "start", str(home)]
    keys = {"BACKBEAT_S3_ACCESS_KEY_ID": ACCESS_KEY, "BACKBEAT_S3_SECRET_ACCESS_KEY": SECRET_KEY}
    command = pinned(cores.rest, script)
    done = subprocess.run(command, env={**os.environ, **keys}, stdout=subprocess.PIPE, text=True, check=True)
    say(f"  {name} at {done.stdout.strip()}")
    return done.stdout.strip()
