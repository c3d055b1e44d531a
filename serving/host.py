"""Whether a host is this machine."""

from __future__ import annotations

import ipaddress


def is_local(host: str) -> bool:
    """Whether only this machine reaches `host`, a name or an address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
