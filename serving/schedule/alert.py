"""Tell people that a run failed: in the log, to a Slack-compatible webhook, by mail."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

import httpx

from serving.schedule.settings import AlertSettings

_LOG = logging.getLogger(__name__)
_TIMEOUT_S = 10


@dataclass(frozen=True)
class Alert:
    """What is told: one line, then what the failing model or task says, and where to look."""

    title: str
    error: str = ""
    link: str = ""

    @property
    def text(self) -> str:
        """All of it, a part a line."""
        return "\n".join(part for part in (self.title, self.error, self.link) if part)


def send(alert: Alert, settings: AlertSettings) -> list[str]:
    """Tell every channel that is set; what went wrong, a line each.

    Nothing is raised: a channel that is down must hide neither the failure nor the other channel.
    """
    _LOG.error("%s", alert.text)
    failed = []
    if settings.alert_webhook.get_secret_value():
        failed += _try("BACKBEAT_ALERT_WEBHOOK", lambda: _post(alert, settings))
    if settings.alert_email_to:
        failed += _try("BACKBEAT_ALERT_EMAIL_TO", lambda: _mail(alert, settings))
    return failed


def _try(name: str, act: Callable[[], None]) -> list[str]:
    try:
        act()
    except (httpx.HTTPError, httpx.InvalidURL, smtplib.SMTPException, OSError, ValueError) as error:
        # Not the error's own words: they may hold the webhook's address, which is a secret.
        told = f"{name}: {_reason(error)}"
        _LOG.warning("%s", told)
        return [told]
    return []


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"answered {error.response.status_code}"
    return type(error).__name__


def _post(alert: Alert, settings: AlertSettings) -> None:
    address = settings.alert_webhook.get_secret_value()
    httpx.post(address, json={"text": alert.text}, timeout=_TIMEOUT_S).raise_for_status()


def _mail(alert: Alert, settings: AlertSettings) -> None:
    message = EmailMessage()
    message["Subject"] = alert.title.splitlines()[0]
    message["From"] = settings.alert_email_from
    message["To"] = settings.alert_email_to
    message.set_content(alert.text)
    host, _, port = settings.alert_smtp.partition(":")
    secure = port == "465"
    client = smtplib.SMTP_SSL if secure else smtplib.SMTP
    with client(host, int(port or 25), timeout=_TIMEOUT_S) as server:
        if settings.alert_smtp_user:
            if not secure:
                server.starttls()
            server.login(settings.alert_smtp_user, settings.alert_smtp_password.get_secret_value())
        server.send_message(message)
