"""Start the Streamlit app in place of this process, so that signals and exit codes are its own."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from contracts.errors import BackbeatError
from contracts.settings import Settings
from serving.build import ROOT, child_environment
from serving.log_in import prepare
from serving.settings import AppSettings

SCRIPT = ROOT / "streamlit_app" / "app.py"


def command(port: int, address: str, *, open_browser: bool, secrets: Path | None = None) -> list[str]:
    """The Streamlit command line; `secrets` is its file about the log-in.

    Without one it answers to this machine's names only: else a page elsewhere could name itself so that a
    browser here takes our address for its own.
    """
    hosts = ("localhost", "127.0.0.1", "::1", address)
    return [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(SCRIPT),
        f"--server.port={port}",
        f"--server.address={address}",
        f"--server.headless={'false' if open_browser else 'true'}",
        "--server.showEmailPrompt=false",
        *([f"--secrets.files={secrets}"] if secrets else [f"--server.allowedHosts={host}" for host in hosts]),
    ]


def environment(settings: Settings, inherited: Mapping[str, str], root: Path = ROOT) -> dict[str, str]:
    """The app's environment: where the snapshots lie, the project's own packages first, where it began."""
    paths = [str(root), *filter(None, [inherited.get("PYTHONPATH")])]
    return {
        **child_environment(settings, inherited),
        "PYTHONPATH": os.pathsep.join(paths),
        "BACKBEAT_APP_FOLDER": str(Path(inherited.get("BACKBEAT_APP_FOLDER", ".")).resolve()),
    }


def check_port(port: int, address: str) -> None:
    """Raise BackbeatError if nothing can listen at `address`:`port`."""
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BackbeatError(f"cannot listen at {address}:{port} ({reason}): choose another --port") from error


def run(settings: AppSettings, port: int, address: str, *, open_browser: bool) -> None:
    """Become the Streamlit server. Does not return."""
    secrets = prepare(settings, port, address)
    check_port(port, address)
    line = command(port, address, open_browser=open_browser, secrets=secrets)
    variables = environment(settings, os.environ)
    os.chdir(ROOT)  # Streamlit reads .streamlit/config.toml from where it runs
    os.execve(line[0], line, variables)  # noqa: S606 - our own interpreter, no shell
