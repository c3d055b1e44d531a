"""The app's log-in by OpenID Connect: what Streamlit must be told of it, in a file for its owner's eyes."""

from __future__ import annotations

import json
from pathlib import Path
from secrets import token_urlsafe

import httpx

from contracts.errors import BackbeatError
from contracts.private_file import write_private
from serving.host import is_local
from serving.settings import AppSettings

_DISCOVERY = "/.well-known/openid-configuration"
_TIMEOUT_S = 10.0
_SHORTEST_SECRET = 32


def prepare(settings: AppSettings, port: int, address: str) -> Path | None:
    """Write Streamlit's secrets and return where they are; None where no log-in is configured.

    Raises BackbeatError where the settings do not suffice, the issuer does not answer, or the app would show
    everything to other machines.
    """
    if not settings.oidc_issuer:
        if not (is_local(address) or settings.app_open):
            raise BackbeatError(
                f"without a log-in the app listens on this machine only, not at {address}: set "
                "BACKBEAT_OIDC_ISSUER (docs/runbook.md, “Log-in”), or leave --address"
            )
        return None
    _check(settings)
    path = settings.app_secrets.resolve()
    write_private(path, rendered(settings, port), "BACKBEAT_APP_SECRETS")
    return path


def discovery_url(issuer: str) -> str:
    """Where an issuer describes itself."""
    return issuer.rstrip("/") + _DISCOVERY


def rendered(settings: AppSettings, port: int) -> str:
    """The `[auth]` of Streamlit's secrets.toml."""
    url = (settings.app_url or f"http://localhost:{port}").rstrip("/")
    values = {
        "redirect_uri": f"{url}/oauth2callback",
        "cookie_secret": settings.oidc_cookie_secret.get_secret_value() or token_urlsafe(48),
        "client_id": settings.oidc_client_id,
        "client_secret": settings.oidc_client_secret.get_secret_value(),
        "server_metadata_url": discovery_url(settings.oidc_issuer),
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]  # its strings are TOML's
    kwargs = f"client_kwargs = {{ scope = {json.dumps(settings.oidc_scopes)} }}"
    return "\n".join(["[auth]", *lines, kwargs]) + "\n"


def _check(settings: AppSettings) -> None:
    """Raise BackbeatError where a setting is missing, or the issuer is not there."""
    for name in ("oidc_client_id", "oidc_client_secret"):
        if not getattr(settings, name):
            raise BackbeatError(f"BACKBEAT_{name.upper()} is missing: BACKBEAT_OIDC_ISSUER asks for a log-in")
    if 0 < len(settings.oidc_cookie_secret.get_secret_value()) < _SHORTEST_SECRET:
        raise BackbeatError(f"BACKBEAT_OIDC_COOKIE_SECRET is shorter than {_SHORTEST_SECRET} characters")
    if settings.app_live_socket not in ("", "off") and not settings.live_key:
        raise BackbeatError(
            "BACKBEAT_APP_LIVE_SOCKET with a log-in takes BACKBEAT_LIVE_KEY: tickets for "
            "browsers are made of it (`backbeat keys create NAME --scope read`)"
        )
    url = discovery_url(settings.oidc_issuer)
    try:
        found = httpx.get(url, timeout=_TIMEOUT_S, follow_redirects=True).raise_for_status().json()["issuer"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        raise BackbeatError(f"BACKBEAT_OIDC_ISSUER: {url} tells of no issuer ({error})") from error
    if str(found).rstrip("/") != settings.oidc_issuer.rstrip("/"):
        raise BackbeatError(f"BACKBEAT_OIDC_ISSUER is {settings.oidc_issuer}, but it calls itself {found}")
