"""What a request is refused with as a whole: a status, one sentence, and when to come again."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from starlette.responses import Response


class RefusalError(Exception):
    """Nothing of the request was taken; `retry_after` is in whole seconds."""

    def __init__(self, status: HTTPStatus, error: str, retry_after: int | None = None) -> None:
        super().__init__(error)
        self.status, self.error, self.retry_after = status, error, retry_after

    def response(self) -> Response:
        """The answer, in the shape that ListenBrainz's errors have too."""
        headers = {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = 'Bearer realm="backbeat"'
        body = orjson.dumps({"code": int(self.status), "error": self.error})
        return Response(body, self.status, headers, "application/json")
