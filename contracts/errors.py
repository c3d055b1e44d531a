"""The error a person can act on: the front door prints its one line and exits with 1."""

from __future__ import annotations


class BackbeatError(Exception):
    """Something outside the code is wrong; the message names the file, setting or service."""
