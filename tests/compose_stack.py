"""compose.yaml's services outside containers: their own commands, environments, secrets and health checks.

What a container would give is put in place: a volume is a folder that only who mounts it is given, a secret a
file in a folder of the service's own, another service's name this machine, a port a free one.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.servers import KafkaServer, PostgresServer, run
from tests.sink_harness import free_port

ROOT = Path(__file__).parents[1]
_OWN_PORTS = ("3001", "7070", "8040", "8041", "8042", "8501", "9464")


class Stack:
    """The services of compose.yaml, each started by its name; those that run are ended by `close`."""

    def __init__(self, folder: Path, kafka: KafkaServer, postgres: PostgresServer) -> None:
        self._folder = folder
        self._services: dict[str, Any] = json.loads(run("compose.sh", "model", str(ROOT / "compose.yaml")))[
            "services"
        ]
        self.secrets = folder / "secrets"
        run("secrets.sh", str(self.secrets))
        database = urlsplit(postgres.address)
        self.ports = {port: str(free_port()) for port in _OWN_PORTS}
        self._addresses = {"kafka:9092": kafka.address, "5432": str(database.port)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def stand_in(self, port: str, address: str) -> None:
        """Let a server of the test's own answer where a service would."""
        self.ports[port] = str(urlsplit(address).port)

    def address(self, port: str) -> str:
        """host:port of this machine that stands for a service's `port`."""
        return f"127.0.0.1:{self.ports[port]}"

    def environment(self, name: str) -> dict[str, str]:
        """All that the service finds in its environment: the image's, and what compose.yaml gives."""
        home = self._folder / name / "home"
        home.mkdir(parents=True, exist_ok=True)
        given = {
            key: "127.0.0.1" if value == "postgres" and key.endswith("HOST") else self._here(name, value)
            for key, value in self._services[name].get("environment", {}).items()
        }
        path = [self._programs(), str(Path(sys.executable).parent), os.environ["PATH"]]
        return {"HOME": str(home), "PATH": os.pathsep.join(path), "PYTHONPATH": str(ROOT), **given}

    def start(self, *names: str) -> None:
        """Start services that stay."""
        for name in names:
            with self.log(name).open("ab") as log:
                self._running[name] = subprocess.Popen(
                    self._line(name), cwd=ROOT, env=self.environment(name), stdout=log, stderr=log
                )

    def do(self, name: str, *line: str) -> str:
        """Run what ends: the service's command, or `line` in its place (`docker compose run`); its stdout."""
        done = subprocess.run(
            line or self._line(name),
            cwd=ROOT,
            env=self.environment(name),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, (name, done.stderr)
        return done.stdout

    def await_health(self, *names: str, seconds: float = 60) -> None:
        """Until the health check of each says that it is well."""
        give_up = time.monotonic() + seconds
        for name in names:
            _, *test = self._services[name]["healthcheck"]["test"]
            while self._ill(name, [self._here(name, part) for part in test]):
                told = self.log(name).read_text()[-2000:]
                assert self._running[name].poll() is None, (name, told)
                assert time.monotonic() < give_up, (name, told)
                time.sleep(0.2)  # as Docker asks: there is no event

    def _ill(self, name: str, test: list[str]) -> int:
        asked = subprocess.run(test, env=self.environment(name), capture_output=True, timeout=20, check=False)
        return asked.returncode

    def end(self) -> dict[str, int]:
        """Ask all that run to end, as `docker compose down` does: name → exit code, within their grace."""
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(30) for name, process in self._running.items()}

    def close(self) -> None:
        """End what still runs."""
        for process in self._running.values():
            process.kill()
            process.wait()

    def log(self, name: str) -> Path:
        """The file of what it says."""
        (self._folder / name).mkdir(parents=True, exist_ok=True)
        return self._folder / name / "log"

    def volume(self, name: str) -> Path:
        """The folder that is the volume."""
        path = self._folder / "volumes" / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _line(self, name: str) -> list[str]:
        service: Mapping[str, Any] = self._services[name]
        line = [*(service.get("entrypoint") or []), *service["command"]]
        return [self._here(name, part) for part in line]

    def _here(self, name: str, text: str) -> str:
        """`text` as it must read on this machine, for the service `name`."""
        places = {"/run/secrets": str(self._granted(name)), "/opt/backbeat": str(ROOT)}
        for mount in self._services[name].get("volumes", []):
            is_volume = mount["type"] == "volume"
            places[mount["target"]] = str(self.volume(mount["source"])) if is_volume else mount["source"]
        hosts = "|".join(self._services)
        text = re.sub(rf"//(?:{hosts}):", "//127.0.0.1:", text)
        for there, here in (self._addresses | self.ports).items():
            text = re.sub(rf"(?<![\d.]){re.escape(there)}\b", here, text)
        for there, here in places.items():
            text = re.sub(rf"(?<![\w.]){re.escape(there)}(?![\w-])", here, text)
        return text

    def _granted(self, name: str) -> Path:
        """The folder with the secrets that the service is given, and no others."""
        folder = self._folder / name / "secrets"
        folder.mkdir(parents=True, exist_ok=True)
        for secret in self._services[name].get("secrets", []):
            link = folder / secret["source"]
            if not link.exists():
                link.symlink_to(self.secrets / secret["source"])
        return folder

    def _programs(self) -> str:
        """A folder with the programs that the images bring beside Python: the S3 server, psql."""
        folder = self._folder / "bin"
        if not folder.exists():
            folder.mkdir()
            (folder / "versitygw").symlink_to(next((ROOT / "var" / "s3").glob("*+encoding-type/versitygw")))
            (folder / "psql").write_text(f'#!/bin/sh\nexec "{ROOT}/infra/postgres.sh" psql "$@"\n')
            (folder / "psql").chmod(0o755)
        return str(folder)
