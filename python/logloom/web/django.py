"""Middleware and settings for Django, for both of its chains (WSGI and ASGI)::

MIDDLEWARE = ["logloom.web.django.LoggingMiddleware", ...]
LOGGING = logloom.web.django.logging_settings(service="shop")
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import logging
import os
import re
import warnings
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from typing import Any, cast

import logloom

from .. import _core
from .._context import _scope as records
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
from ._servers import accesses_by_the_root

_LENGTH = re.compile(r"[0-9]{1,18}")

# Django has no types of its own; what is used of it is little.
HttpRequest = Any
HttpResponse = Any


class LoggingMiddleware:
    """A record for each request, and the fields of the request on all records made meanwhile.

    Stands first in ``MIDDLEWARE``. ``LOGLOOM`` in the settings may hold the :class:`logloom.web.Options`.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.options = _options()
        self.logger = logloom.get_logger(self.options.logger)
        self._is_async = inspect.iscoroutinefunction(get_response)
        if self._is_async:
            importlib.import_module("asgiref.sync").markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        if self._is_async:
            return self._async(request)
        told = self._begin(request)
        token = current.set(told)
        before = enter_scope(told, request.headers.get("traceparent"))
        try:
            told.begin()
            return self._answered(told, request, self.get_response(request))
        except BaseException as error:
            self._failed(told, request, error)
            raise
        finally:
            current.reset(token)
            records.reset(before)

    async def _async(self, request: HttpRequest) -> HttpResponse:
        told = self._begin(request)
        token = current.set(told)
        before = enter_scope(told, request.headers.get("traceparent"))
        try:
            told.begin()
            return self._answered(told, request, await self.get_response(request))
        except BaseException as error:
            self._failed(told, request, error)
            raise
        finally:
            current.reset(token)
            records.reset(before)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Django answers it by itself; this is where it is seen."""
        told = current.get()
        if told is not None:
            told.error = exception

    def _begin(self, request: HttpRequest) -> Request:
        headers, meta = request.headers, request.META
        forwarded = headers.get("x-forwarded-for")
        told = Request(
            self.options,
            self.logger,
            method=request.method or "",
            path=request.path,
            query=meta.get("QUERY_STRING", ""),
            request_id=request_id(headers.get(self.options.request_id_header)),
            ip=client_address(meta.get("REMOTE_ADDR"), forwarded, self.options.trusted_hops),
            user_agent=headers.get("user-agent"),
        )
        length = str(meta.get("CONTENT_LENGTH") or "0")
        told.request_bytes = int(length) if _LENGTH.fullmatch(length) else 0
        return told

    def _answered(
        self, told: Request, request: HttpRequest, response: HttpResponse
    ) -> HttpResponse:
        told.status = response.status_code
        if told.status is not None and told.status < 500:
            # An exception that has become an answer: Http404, PermissionDenied.
            told.error = None
        response.headers[self.options.request_id_header] = told.request_id
        _look(told, request)
        if not getattr(response, "streaming", False):
            told.sent(len(response.content))
            told.end()
            return response
        within = _Within(told)
        if response.is_async:
            response.streaming_content = _stream_async(within, response.streaming_content)
        else:
            response.streaming_content = _stream(within, response.streaming_content)
        closers: Any = getattr(response, "_resource_closers", None)
        if isinstance(closers, list):
            _close_within(within, cast("list[Callable[[], object]]", closers))
        return response

    def _failed(self, told: Request, request: HttpRequest, error: BaseException) -> None:
        if isinstance(error, Exception):
            told.error = error
        else:
            told.is_client_gone = True
        _look(told, request)
        told.end()


class _Within:
    """The fields of a request on what is done for its answer after the middleware has returned it."""

    def __init__(self, told: Request) -> None:
        self.told = told
        self._scope = records.get()
        self._before: list[tuple[Request | None, _core.Scope | None]] = []

    def __enter__(self) -> None:
        self._before.append((current.get(), records.get()))
        current.set(self.told)
        records.set(self._scope)

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        request, scope = self._before.pop()
        current.set(request)
        records.set(scope)


@contextlib.contextmanager
def _told(within: _Within) -> Generator[None, None, None]:
    """Ends the record with the body, however that ends: whole, with an error, or closed by the client's going."""
    told = within.told
    try:
        yield
    except Exception as error:
        told.error = error
        raise
    except BaseException:
        told.is_client_gone = True
        raise
    finally:
        with within:
            told.end()


# A part is made within the fields of the request; what the server does with it is not.
_END: Any = object()


def _stream(within: _Within, parts: Iterable[bytes]) -> Iterator[bytes]:
    with _told(within):
        source = iter(parts)
        while True:
            with within:
                part = next(source, _END)
            if part is _END:
                return
            yield part
            within.told.sent(len(part))


async def _stream_async(within: _Within, parts: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    with _told(within):
        source = aiter(parts)
        while True:
            with within:
                part = await anext(source, _END)
            if part is _END:
                return
            yield part
            within.told.sent(len(part))


def _close_within(within: _Within, closers: list[Callable[[], object]]) -> None:
    """What the closing of an answer runs has the fields of the request, and ends its record if nothing else has."""

    def closing(close: Callable[[], object]) -> Callable[[], object]:
        def closed() -> object:
            with within:
                return close()

        return closed

    def end() -> None:
        # The body was never asked for, or was left in the middle.
        if not within.told.is_ended:
            within.told.is_client_gone = True
            within.told.end()

    closers[:] = [closing(close) for close in (*closers, end)]


def _look(told: Request, request: HttpRequest) -> None:
    match = getattr(request, "resolver_match", None)
    if match is not None:
        told.route = match.route
    # The user is loaded from the database when it is first asked for: only one that was loaded is told.
    user = request.__dict__.get("_cached_user") or request.__dict__.get("_acached_user")
    if user is not None:
        told.user_id = user_id(user, ("pk",))


def _options() -> Options:
    settings = importlib.import_module("django.conf").settings
    given: Any = getattr(settings, "LOGLOOM", None)
    return given if isinstance(given, Options) else Options()


_is_told = False


def logging_settings(
    *, service: str | None = None, environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A value for ``LOGGING``: everything goes to the log, by the switches of the environment.

    ``LOG_LEVEL`` is the level (INFO), ``LOGGING_CONSOLE=true`` also prints records on the standard error,
    ``LOGGING_JSON=true`` as JSON, ``LOGGING_DIR`` is the directory, ``LOGGING_LEVEL_<LOGGER>`` the level of one
    logger (``__`` for a dot). Starts the library; what a server has started by itself gives way to what is asked
    for here, what the program has started by ``init()`` stays.
    """
    global _is_told
    given = os.environ if environ is None else environ
    level = given.get("LOG_LEVEL", "INFO").upper()
    if not _is_level("LOG_LEVEL", level, "INFO holds"):
        level = "INFO"
    if _is_on(given, "LOGGING_ENABLE_REDIS") and not _is_told:
        _is_told = True
        warnings.warn(
            "LOGGING_ENABLE_REDIS is set, but there is no output to Redis yet; the log has all records",
            stacklevel=2,
        )
    has_wish = bool({"LOGGING_DIR", "LOG_LEVEL"} & given.keys())
    start(has_wish, service=service, dir=given.get("LOGGING_DIR"), level=level)
    handlers: dict[str, Any] = {"logloom": {"class": "logloom.Handler"}}
    formatters: dict[str, Any] = {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "json": {"class": "logloom.JSONFormatter"},
    }
    if _is_on(given, "LOGGING_CONSOLE"):
        formatter = "json" if _is_on(given, "LOGGING_JSON") else "plain"
        handlers["console"] = {"class": "logging.StreamHandler", "formatter": formatter}
    prefix = "LOGGING_LEVEL_"
    loggers = {
        name[len(prefix) :].lower().replace("__", "."): {"level": value.upper()}
        for name, value in given.items()
        if name.startswith(prefix) and _is_level(name, value)
    }
    # Each request has a record of its own.
    for name in ("django.server", *accesses_by_the_root()):
        loggers.setdefault(name, {"level": "WARNING"})
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": formatters,
        "handlers": handlers,
        "loggers": loggers,
        "root": {"handlers": list(handlers), "level": level},
    }


def _is_level(name: str, value: str, instead: str = "it is left out") -> bool:
    try:
        logging.Handler().setLevel(value.upper())
    except ValueError:
        warnings.warn(f"{name}={value} is no level; {instead}", stacklevel=3)
        return False
    return True


def _is_on(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "").strip().lower()
    is_on = value in ("1", "true", "yes", "on")
    if not is_on and value not in ("", "0", "false", "no", "off"):
        warnings.warn(f"{name}={value} is neither true nor false; false holds", stacklevel=3)
    return is_on
