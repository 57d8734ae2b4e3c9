"""The trace and the id of a request go on to the services that are asked meanwhile::

httpx.Client(event_hooks={"request": [propagate]})
httpx.AsyncClient(event_hooks={"request": [propagate_async]})
session = requests.Session()
session.auth = propagate_requests
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

import logloom

_VISIBLE = re.compile(r"[!-~]{1,128}")


def headers() -> dict[str, str]:
    """The headers to send: ``traceparent`` and ``x-request-id``, as far as there are such.

    An id that no header can hold, since it has other signs than visible ones of ASCII, stays here.
    """
    found: dict[str, str] = {}
    traceparent = logloom.traceparent()
    if traceparent is not None:
        found["traceparent"] = traceparent
    request_id = logloom.current_context().get("request_id")
    if request_id is not None and _VISIBLE.fullmatch(str(request_id)):
        found["x-request-id"] = str(request_id)
    return found


def add_headers(target: MutableMapping[str, Any]) -> None:
    """Adds them where the caller has set none."""
    for name, value in headers().items():
        target.setdefault(name, value)


def propagate(request: Any) -> None:
    """A hook of httpx: ``httpx.Client(event_hooks={"request": [propagate]})``."""
    add_headers(request.headers)


async def propagate_async(request: Any) -> None:
    """The same for ``httpx.AsyncClient``."""
    add_headers(request.headers)


def propagate_requests(request: Any) -> Any:
    """For ``session.auth`` of requests, where no other is needed: it changes headers only."""
    add_headers(request.headers)
    return request
