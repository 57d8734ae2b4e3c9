"""Middleware for ASGI: FastAPI, Starlette, Django and all others.

It wraps ``receive`` and ``send`` and nothing else, so that streams stay streams and what the client does is seen::

    app.add_middleware(LoggingMiddleware)           # FastAPI, Starlette
    application = LoggingMiddleware(application)    # any other
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, cast

import logloom

from .._context import _scope as records
from ._request import Options, Request, client_address, current, enter_scope, request_id

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class LoggingMiddleware:
    """A record for each request, and the fields of the request on all records made meanwhile."""

    def __init__(self, app: Application, options: Options | None = None) -> None:
        self.app = app
        self.options = options or Options()
        self.logger = logloom.get_logger(self.options.logger)
        self._id_header = self.options.request_id_header.lower().encode("latin-1")
        self._wanted = frozenset(
            (self._id_header, b"user-agent", b"traceparent", b"x-forwarded-for")
        )

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http":
            await self._http(scope, receive, send)
        elif kind == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._lifespan(scope, receive, send)

    def _request(self, scope: Message, headers: dict[bytes, str]) -> Request:
        client = scope.get("client")
        peer = str(client[0]) if client else None
        return Request(
            self.options,
            self.logger,
            method=scope.get("method", "WEBSOCKET"),
            path=scope["path"],
            query=bytes(scope.get("query_string", b"")).decode("latin-1"),
            request_id=request_id(headers.get(self._id_header)),
            ip=client_address(peer, headers.get(b"x-forwarded-for"), self.options.trusted_hops),
            user_agent=headers.get(b"user-agent"),
        )

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = _headers(scope, self._wanted)
        request = self._request(scope, headers)
        token = current.set(request)

        async def receive_counted() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                request.request_bytes += len(message.get("body", b""))
            elif message["type"] == "http.disconnect" and not request.is_ended:
                request.is_client_gone = True
            return message

        async def send_counted(message: Message) -> None:
            kind = message["type"]
            if kind == "http.response.start":
                request.status = message["status"]
                own = (self._id_header, request.request_id.encode("latin-1"))
                others = [one for one in message.get("headers", ()) if one[0].lower() != own[0]]
                message["headers"] = [*others, own]
            try:
                await send(message)
            except OSError:
                request.is_client_gone = True
                raise
            if kind == "http.response.body":
                request.sent(len(message.get("body", b"")))
                if not message.get("more_body", False):
                    _look(request, scope)
                    request.end()

        before = enter_scope(request, headers.get(b"traceparent"))
        try:
            request.begin()
            await self.app(scope, receive_counted, send_counted)
        except asyncio.CancelledError:
            request.is_client_gone = True
            raise
        except Exception as error:
            if not request.is_client_gone:
                request.error = error
            raise
        finally:
            if not request.is_ended:
                _look(request, scope)
                request.end()
            current.reset(token)
            records.reset(before)

    async def _websocket(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = _headers(scope, self._wanted)
        request = self._request(scope, headers)
        token = current.set(request)
        counted: dict[str, int] = {"received": 0, "sent": 0}
        ended: dict[str, object] = {}

        async def receive_counted() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                counted["received"] += 1
                request.request_bytes += _size(message)
            elif message["type"] == "websocket.disconnect":
                ended.setdefault("code", message.get("code", 1005))
                ended.setdefault("by", "client")
            return message

        async def send_counted(message: Message) -> None:
            await send(message)
            if message["type"] == "websocket.accept":
                request.status = 101
            elif message["type"] == "websocket.send":
                counted["sent"] += 1
                request.sent(_size(message))
            elif message["type"] == "websocket.close":
                ended.setdefault("code", message.get("code", 1000))
                ended.setdefault("by", "server")
                if request.status is None:
                    request.status = 403

        before = enter_scope(request, headers.get(b"traceparent"))
        try:
            request.begin()
            await self.app(scope, receive_counted, send_counted)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            request.error = error
            raise
        finally:
            _look(request, scope)
            # How long a connection stays open says nothing of how slow it is.
            request.options = _patient(self.options)
            close = {"close_code": ended.get("code"), "closed_by": ended.get("by")}
            request.fields = {
                "messages_received": counted["received"],
                "messages_sent": counted["sent"],
                **{name: value for name, value in close.items() if value is not None},
                **request.fields,
            }
            request.end()
            current.reset(token)
            records.reset(before)

    async def _lifespan(self, scope: Message, receive: Receive, send: Send) -> None:
        async def send_watched(message: Message) -> None:
            kind = str(message["type"])
            if kind.endswith(".failed"):
                phase = kind.split(".")[1]
                why = str(message.get("message", ""))
                self.logger.error("{phase} failed", event="asgi.lifespan", phase=phase, why=why)
            await send(message)

        await self.app(scope, receive, send_watched)


def _patient(options: Options) -> Options:
    return dataclasses.replace(options, slow_ms=float("inf"))


def _headers(scope: Message, wanted: frozenset[bytes]) -> dict[bytes, str]:
    headers: dict[bytes, str] = {}
    given = cast("Iterable[tuple[bytes, bytes]]", scope.get("headers", ()))
    for name, value in given:
        if name not in wanted:
            continue
        text = value.decode("latin-1")
        # Proxies add lines of their own to this one.
        known = headers.get(name) if name == b"x-forwarded-for" else None
        headers[name] = text if known is None else f"{known},{text}"
    return headers


def _size(message: Message) -> int:
    data = message.get("bytes")
    return len(data) if data is not None else len((message.get("text") or "").encode())


def _look(request: Request, scope: Message) -> None:
    """Takes what routing and authentication have left in the scope."""
    route = scope.get("route")
    if request.route is None and route is not None:
        request.route = getattr(route, "path", None)
    user = scope.get("user")
    if request.user_id is None and user is not None and getattr(user, "is_authenticated", False):
        for name in ("pk", "id", "identity", "username", "display_name"):
            try:
                value = getattr(user, name, None)
            except NotImplementedError:
                continue
            if value is not None:
                request.user_id = value
                return


def setup_fastapi_logging(
    app: Any, *, options: Options | None = None, service: str | None = None, **settings: Any
) -> None:
    """Starts the library if it does not run, sends ``logging`` to it, and adds the middleware to ``app``.

    uvicorn's own access records are left out, since each request has its own record; its errors stay.
    ``settings`` are arguments of :func:`logloom.init`.
    """
    if logloom.log_dir() is None:
        logloom.init(service=service, **settings)
    logloom.install()
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
    app.add_middleware(LoggingMiddleware, options=options)
