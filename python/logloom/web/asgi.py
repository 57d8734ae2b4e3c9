"""Middleware for ASGI: FastAPI, Starlette, Django and all others.

It wraps ``receive`` and ``send`` and nothing else, so that streams stay streams and what the client does is seen::

    app.add_middleware(LoggingMiddleware)           # FastAPI, Starlette
    application = LoggingMiddleware(application)    # any other
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, MutableMapping
from contextvars import Token
from types import CoroutineType
from typing import Any, cast

import logloom

from .._context import _scope as records
from .._stdlib import Handler
from ._request import (
    Options,
    Request,
    client_address,
    current,
    enter_scope,
    request_id,
    start,
    user_id,
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


# What says that a request has a body, or that its client waits for leave to send one.
_BODY = frozenset((b"content-length", b"transfer-encoding", b"expect"))


class LoggingMiddleware:
    """A record for each request, and the fields of the request on all records made meanwhile."""

    def __init__(self, app: Application, options: Options | None = None) -> None:
        self.app = app
        self.options = options or Options()
        self.logger = logloom.get_logger(self.options.logger)
        self._id_header = self.options.request_id_header.lower().encode("latin-1")
        self._wanted = frozenset(
            (self._id_header, b"user-agent", b"traceparent", b"x-forwarded-for", *_BODY)
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
        root = str(scope.get("root_path", ""))
        incoming = _Incoming(receive, has_body=not _BODY.isdisjoint(headers))

        async def receive_counted() -> Message:
            # Not by a method of its own, which would be one more coroutine for each request.
            if incoming.early:
                message = incoming.early.pop(0)
            else:
                incoming.asking += 1
                try:
                    message = await receive()
                finally:
                    incoming.asking -= 1
                incoming.is_read |= not message.get("more_body", False)
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
            is_last = kind == "http.response.body" and not message.get("more_body", False)
            if is_last and incoming.is_client_gone():
                request.is_client_gone = True
            try:
                await send(message)
            except OSError:
                request.is_client_gone = True
                raise
            if kind == "http.response.body":
                request.sent(len(message.get("body", b"")))
            if is_last:
                _look(request, scope, root)
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
                _look(request, scope, root)
                request.end()
            _leave(token, before)

    async def _websocket(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = _headers(scope, self._wanted)
        request = self._request(scope, headers)
        token = current.set(request)
        root = str(scope.get("root_path", ""))
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
            elif message["type"] == "websocket.http.response.start":
                # A denial with an answer of its own.
                request.status = message["status"]
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
            # Frameworks raise it where nobody receives the going of the client: that is how a connection ends.
            if ended.get("by") != "client" or type(error).__name__ != "WebSocketDisconnect":
                request.error = error
            raise
        finally:
            _look(request, scope, root)
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
            _leave(token, before)

    async def _lifespan(self, scope: Message, receive: Receive, send: Send) -> None:
        async def send_watched(message: Message) -> None:
            kind = str(message["type"])
            if kind.endswith(".failed"):
                phase = kind.split(".")[1]
                why = str(message.get("message", ""))
                self.logger.error("{phase} failed", event="asgi.lifespan", phase=phase, why=why)
            await send(message)

        await self.app(scope, receive, send_watched)


class _Incoming:
    """What a client sends, and whether it is still there though nobody asks."""

    __slots__ = ("_receive", "asking", "early", "is_read")

    def __init__(self, receive: Receive, has_body: bool) -> None:
        self._receive = receive
        # Of a body that the application has not read nothing is read here either.
        self.is_read = not has_body
        self.asking = 0
        self.early: list[Message] = []

    def is_client_gone(self) -> bool:
        """Whether the server has its going ready to be told; never waits."""
        if not self.is_read or self.asking or not _is_asyncio():
            return False
        # The first may be the end of a request without a body.
        while len(self.early) < 2:
            message = _ready(self._receive)
            if message is None:
                return False
            self.early.append(message)
            if message["type"] == "http.disconnect":
                return True
        return False


def _is_asyncio() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _ready(receive: Receive) -> Message | None:
    """The next message if the server has it already: one step of the call, which is given up if it would wait."""
    call = receive()
    # The usual one first: to ask an abstract class takes longer.
    if type(call) is not CoroutineType and not isinstance(call, Coroutine):
        return None
    step = cast(Any, call)
    try:
        step.send(None)
    except StopIteration as end:
        message: Message = end.value
        return message
    except Exception:
        return None
    try:
        step.close()
    except Exception:
        return None
    return None


def _leave(request: Token[Request | None], scope: Token[Any]) -> None:
    try:
        current.reset(request)
        records.reset(scope)
    except ValueError:
        # A task that is destroyed is left from elsewhere: there is nothing to give back there.
        pass


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


def _look(request: Request, scope: Message, root: str) -> None:
    """Takes what routing and authentication have left in the scope; ``root`` is its path of before."""
    path = getattr(scope.get("route"), "path", None)
    if request.route is None and isinstance(path, str):
        mounted = str(scope.get("root_path", ""))
        mounted = mounted[len(root) :] if mounted.startswith(root) else ""
        request.route = _route(path, mounted, scope.get("path_params") or {})
    user = scope.get("user")
    if request.user_id is None and user is not None:
        request.user_id = user_id(user, ("pk", "id", "identity", "username", "display_name"))


def _route(path: str, mounted: str, params: Mapping[str, object]) -> str:
    """The path of a route behind the prefix of its mount, in which values of parameters are names again."""
    parts = mounted.split("/")
    for name, value in params.items():
        if f"{{{name}" not in path and str(value) in parts:
            parts[parts.index(str(value))] = f"{{{name}}}"
    return "/".join(parts) + path


def setup_fastapi_logging(
    app: Any, *, options: Options | None = None, service: str | None = None, **settings: Any
) -> None:
    """Starts the library, sends ``logging`` to it, and adds the middleware to ``app``, once.

    ``service`` and ``settings`` are arguments of :func:`logloom.init`: what a server has started by itself gives
    way to them, what the program has started by ``init()`` stays. uvicorn's own access records are left out,
    since each request has its own record, unless ``server_logging(access=True)`` has asked for them; its errors
    stay.
    """
    start(bool(settings), service=service, **settings)
    logloom.install()
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        if name == "uvicorn.access" and any(isinstance(one, Handler) for one in logger.handlers):
            continue
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
    added = getattr(app, "user_middleware", ())
    if not any(getattr(one, "cls", None) is LoggingMiddleware for one in added):
        app.add_middleware(LoggingMiddleware, options=options)
