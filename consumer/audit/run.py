"""One audit from settings to a report."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import nullcontext
from pathlib import Path

from consumer.audit.auditor import Auditor
from consumer.audit.finding import Report
from consumer.audit.oracle import Oracle
from consumer.audit.progress import AuditProgress
from consumer.settings import SinkSettings
from consumer.store import store_for
from contracts.errors import BackbeatError
from contracts.events import TOPICS


def audit(
    settings: SinkSettings,
    topics: Collection[str] = (),
    *,
    offline: bool = False,
    complete: bool = False,
    grace: float = 5.0,
) -> Report:
    """Audit the lake of `settings`, against its Kafka unless `offline` or none is set.

    BackbeatError when either cannot be read, or when the lake is a folder that is not there: an audit of
    nothing proves nothing.
    """
    if "://" not in settings.lake and not Path(settings.lake).is_dir():
        raise BackbeatError(f"BACKBEAT_LAKE={settings.lake} is not there: nothing to audit")
    store = store_for(settings.lake, settings)
    ask = bool(settings.kafka_bootstrap) and not offline
    kafka = Oracle(settings, topics or tuple(TOPICS)) if ask else nullcontext()
    with kafka as oracle, AuditProgress() as progress:
        auditor = Auditor(store, oracle, settings.sink_name, progress)
        return auditor.run(topics, complete=complete, grace=grace)
