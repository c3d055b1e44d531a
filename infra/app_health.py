"""Whether a Streamlit server that was just started answers."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from urllib.error import URLError

_SECONDS = 60


def await_health(url: str, child: subprocess.Popen[bytes]) -> None:
    """Return once the server at `url` is healthy; RuntimeError where it ended or is silent for a minute."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):  # noqa: S310 - our own server
                return
        except (URLError, OSError):
            time.sleep(0.1)  # no event tells that a port is open
    raise RuntimeError(f"Streamlit did not answer at {url}")
