"""What is done with a batch of events and with a scrobbler's listens, from the request to its answer."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from contracts.web.key import Key, Scope
from contracts.web.refusal import RefusalError
from producer.collector import metrics, submission
from producer.collector.body import read_body
from producer.collector.delivery import Failure
from producer.collector.gate import Gate
from producer.collector.judge import Circumstances, Rejected, judge
from producer.collector.listen import Listener
from producer.collector.outlet import RETRY_AFTER_S, Outlet
from producer.collector.record import Record
from producer.collector.settings import CollectorSettings
from producer.collector.split import split

Answer = dict[str, Any]
JSON = "application/json"


class Intake:
    """Takes requests in; whatever `RefusalError` it raises, nothing of the request was taken."""

    def __init__(self, settings: CollectorSettings, gate: Gate, outlet: Outlet) -> None:
        self._settings, self._gate, self._outlet = settings, gate, outlet
        self._skew = timedelta(seconds=settings.collector_skew_seconds)

    async def events(self, request: Request) -> Response:
        """`POST /v1/events`: an answer for each event; 503 when Kafka has not acknowledged one of them."""
        key, body = await self._read(request, "events")
        most = self._settings.collector_request_events
        raws = split(body, request.headers.get("content-type", ""), most)
        self._gate.spend(key, len(raws))
        by = Circumstances(datetime.now(UTC), self._skew, key.user_id)
        verdicts = [judge(raw, by) for raw in raws]
        failures = await self._send([verdict for verdict in verdicts if isinstance(verdict, Record)])
        answers = _answers(verdicts, failures)
        tally = _count(verdicts, answers)
        complete = not tally["unacknowledged"]
        content = {status: tally[status] for status in ("accepted", "rejected", "unacknowledged")}
        headers = {} if complete else {"Retry-After": str(RETRY_AFTER_S)}
        status = HTTPStatus.OK if complete else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(orjson.dumps({**content, "events": answers}), status, headers, JSON)

    async def listens(self, request: Request) -> Response:
        """`POST /1/submit-listens`: all of them or none; submitted again, each still counts once."""
        key, body = await self._read(request, "listens")
        kind, listens = submission.parse(body)
        self._gate.spend(key, len(listens))
        listener = Listener(key.user_id, datetime.now(UTC), self._skew)
        records = submission.records(kind, listens, listener)
        failures = await self._send(records)
        done = {"accepted": len(records) - len(failures), "unacknowledged": len(failures)}
        metrics.count({(records[0].topic, status): number for status, number in done.items()}, Counter())
        if failures:
            raise RefusalError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Kafka has not acknowledged the listens: submit them again.",
                RETRY_AFTER_S,
            )
        return Response(b'{"status":"ok"}', HTTPStatus.OK, self._gate.limits(key), JSON)

    async def _read(self, request: Request, scope: Scope) -> tuple[Key, bytes]:
        """Whose request it is, and its body, which is not asked for in vain."""
        key = self._gate.admit(request.headers, scope)
        self._outlet.check()
        limits = self._settings
        try:
            body = await read_body(
                request.headers,
                request.stream(),
                limits.collector_body_bytes,
                limits.collector_unpacked_bytes,
                limits.collector_read_seconds,
            )
        except ClientDisconnect as error:
            raise RefusalError(HTTPStatus.BAD_REQUEST, "the client went away") from error
        metrics.BODY_BYTES.inc(len(body))
        return key, body

    async def _send(self, records: Sequence[Record]) -> Mapping[int, Failure]:
        return await self._outlet.send(records) if records else {}


def _answers(verdicts: Sequence[Record | Rejected], failures: Mapping[int, Failure]) -> list[Answer]:
    """An answer for each verdict; `failures` count the records among them."""
    answers: list[Answer] = []
    sent = 0
    for index, verdict in enumerate(verdicts):
        answer: Answer = {"index": index, "event_id": verdict.event_id, "status": "accepted"}
        if isinstance(verdict, Rejected):
            answer["status"] = "rejected"
            answer["errors"] = [{"code": fault.code, "field": fault.field} for fault in verdict.faults]
        else:
            if failures and (failure := failures.get(sent)):
                permanent = failure.permanent
                answer["status"] = "rejected" if permanent else "unacknowledged"
                answer["errors"] = [{"code": "too_large" if permanent else "not_acknowledged", "field": ""}]
            sent += 1
        answers.append(answer)
    return answers


def _count(verdicts: Sequence[Record | Rejected], answers: Sequence[Answer]) -> Counter[str]:
    """How many of each status; told to the metrics too."""
    statuses = [answer["status"] for answer in answers]
    topics = [verdict.topic for verdict in verdicts]
    rejected = (answer for answer in answers if answer["status"] == "rejected")
    codes = Counter(error["code"] for answer in rejected for error in answer["errors"])
    metrics.count(Counter(zip(topics, statuses, strict=True)), codes)
    return Counter(statuses)


class Stopwatch:
    """How long a request took, and what became of it."""

    def __init__(self, route: str) -> None:
        self._route, self._began = route, time.monotonic()

    def ended(self, status: int) -> None:
        """Tell the metrics."""
        metrics.REQUESTS.labels(self._route, str(status)).inc()
        metrics.SECONDS.labels(self._route).observe(time.monotonic() - self._began)
