"""One request from its beginning to its end, and the record that it becomes."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Iterable
from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import Any

import logloom

from .. import _core
from .._context import _scope as scope
from .._core import Logger

_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

CLIENT_GONE = 499
"""The status of a request whose client did not wait for the answer, as nginx has it."""

current: ContextVar[Request | None] = ContextVar("logloom_request", default=None)


@dataclass(frozen=True)
class Options:
    """What is told of requests."""

    logger: str = "http"
    """Name of the logger."""
    request_id_header: str = "x-request-id"
    """Header that brings an id of the request and takes it back, in lower case."""
    trusted_hops: int = 0
    """Proxies of one's own in front: so many last entries of X-Forwarded-For are believed."""
    slow_ms: float = 1000.0
    """A request that takes longer is a WARNING at least."""
    quiet_paths: Collection[str] = ("/health", "/healthz", "/livez", "/readyz", "/ping", "/metrics")
    """Paths whose successful requests are told at DEBUG."""
    with_start: bool = False
    """Whether the beginning of a request is told as well, at DEBUG."""


def request_id(given: str | None) -> str:
    """An id that was given, if it is harmless, or a new one: a UUID of version 7."""
    if given is not None and _SAFE_ID.fullmatch(given):
        return given
    moment = f"{time.time_ns() // 1_000_000:012x}"
    random = os.urandom(10).hex()
    variant = "89ab"[int(random[3], 16) & 3]
    return f"{moment[:8]}-{moment[8:]}-7{random[:3]}-{variant}{random[4:7]}-{random[7:19]}"


def client_address(peer: str | None, forwarded: str | None, trusted_hops: int) -> str | None:
    """Who asks: the peer, or what the last trusted proxy says of its own peer."""
    if trusted_hops <= 0 or not forwarded:
        return peer
    addresses = [part.strip() for part in forwarded.split(",")]
    return addresses[-min(trusted_hops, len(addresses))] or peer


class Request:
    """A request while it is being answered."""

    __slots__ = (
        "_first_byte",
        "_started",
        "error",
        "fields",
        "ip",
        "is_client_gone",
        "is_ended",
        "logger",
        "method",
        "options",
        "path",
        "query",
        "request_bytes",
        "request_id",
        "response_bytes",
        "route",
        "status",
        "user_agent",
        "user_id",
    )

    def __init__(
        self,
        options: Options,
        logger: Logger,
        *,
        method: str,
        path: str,
        query: str,
        request_id: str,
        ip: str | None,
        user_agent: str | None,
    ) -> None:
        self.options = options
        self.logger = logger
        self.method = method
        self.path = path
        self.query = query
        self.request_id = request_id
        self.ip = ip
        self.user_agent = user_agent
        self.status: int | None = None
        self.request_bytes = 0
        self.response_bytes = 0
        self.route: str | None = None
        self.user_id: object = None
        self.is_client_gone = False
        self.error: BaseException | None = None
        self.fields: dict[str, object] = {}
        self.is_ended = False
        self._started = time.perf_counter_ns()
        self._first_byte: int | None = None

    def begin(self) -> None:
        """Tells that it has begun, if that is wanted."""
        if self.options.with_start:
            self.logger.debug(
                "{method} {path} begun",
                event="http.server.start",
                method=self.method,
                path=self.path,
            )

    def sent(self, count: int) -> None:
        """So many bytes of the answer have been sent."""
        if self._first_byte is None:
            self._first_byte = time.perf_counter_ns()
        self.response_bytes += count

    def end(self) -> None:
        """Tells of it, once."""
        if self.is_ended:
            return
        self.is_ended = True
        now = time.perf_counter_ns()
        duration = (now - self._started) / 1e6
        first = None if self._first_byte is None else (self._first_byte - self._started) / 1e6
        status = self._status()
        more: dict[str, object] = {}
        if self.query:
            more["query"] = self.query
        if self.route is not None:
            more["route"] = self.route
        if self.user_id is not None:
            more["user_id"] = self.user_id
        if self.fields:
            # Their names are the program's own, so many that they stand together.
            more["request"] = self.fields
        if self.error is not None:
            more["exc_info"] = self.error
        self.logger.log(
            self._level(status, duration),
            "{method} {path} {status}",
            event="http.server.request",
            method=self.method,
            path=self.path,
            status=status,
            duration_ms=round(duration, 3),
            ttfb_ms=None if first is None else round(first, 3),
            request_bytes=self.request_bytes,
            response_bytes=self.response_bytes,
            user_agent=self.user_agent,
            **more,
        )

    def _status(self) -> int:
        if self.is_client_gone and self.error is None:
            return CLIENT_GONE
        # An exception that nobody has answered is answered by the server.
        return 500 if self.status is None else self.status

    def _level(self, status: int, duration_ms: float) -> str:
        if self.error is not None or status >= 500:
            return "ERROR"
        if duration_ms > self.options.slow_ms:
            return "WARN"
        if status in (404, CLIENT_GONE):
            return "INFO"
        if status >= 400:
            return "WARN"
        return "DEBUG" if self.path in self.options.quiet_paths else "INFO"


def add_request_fields(**fields: object) -> None:
    """Adds fields to the record of the request that is being answered; outside of one it does nothing.

    They stand in its object ``request``.
    """
    request = current.get()
    if request is not None:
        request.fields.update(fields)


def user_id(user: object, names: Iterable[str]) -> object:
    """The first of these that a user has; none where asking fails, such as by a database that is gone."""
    try:
        if not getattr(user, "is_authenticated", False):
            return None
    except Exception:
        return None
    for name in names:
        try:
            value: object = getattr(user, name, None)
        except Exception:
            continue
        if value is not None:
            return value
    return None


def start(has_wish: bool, **wishes: Any) -> None:
    """Starts the library if it does not run, or where something is asked for that is not only the default.

    What a server has started by itself then gives way; what the program has started by ``init()`` stays.
    """
    if logloom.log_dir() is not None and not has_wish and wishes.get("service") is None:
        return
    try:
        logloom.init(**wishes)
    except RuntimeError:
        if logloom.log_dir() is None:
            raise


def enter_scope(request: Request, traceparent: str | None) -> Token[_core.Scope | None]:
    """Makes its fields those of every record, until the scope is reset to what it was."""
    fields: dict[str, object] = {"request_id": request.request_id}
    if request.ip is not None:
        fields["ip"] = request.ip
    return scope.set(_core.request_scope(scope.get(), fields, traceparent))
