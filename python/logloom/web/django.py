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
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from typing import Any

import logloom

from .._context import _scope as records
from ._request import Options, Request, client_address, current, enter_scope, request_id

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
        told.request_bytes = int(length) if length.isdigit() else 0
        return told

    def _answered(
        self, told: Request, request: HttpRequest, response: HttpResponse
    ) -> HttpResponse:
        told.status = response.status_code
        response.headers[self.options.request_id_header] = told.request_id
        _look(told, request)
        if not getattr(response, "streaming", False):
            told.sent(len(response.content))
            told.end()
        elif response.is_async:
            response.streaming_content = _stream_async(told, response.streaming_content)
        else:
            response.streaming_content = _stream(told, response.streaming_content)
        return response

    def _failed(self, told: Request, request: HttpRequest, error: BaseException) -> None:
        if isinstance(error, Exception):
            told.error = error
        else:
            told.is_client_gone = True
        _look(told, request)
        told.end()


@contextlib.contextmanager
def _told(told: Request) -> Generator[None, None, None]:
    """Ends the record with the body, however that ends: whole, with an error, or closed by the client's going."""
    try:
        yield
    except Exception as error:
        told.error = error
        raise
    except BaseException:
        told.is_client_gone = True
        raise
    finally:
        told.end()


def _stream(told: Request, parts: Iterator[bytes]) -> Iterator[bytes]:
    with _told(told):
        for part in parts:
            yield part
            told.sent(len(part))


async def _stream_async(told: Request, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    with _told(told):
        async for part in parts:
            yield part
            told.sent(len(part))


def _look(told: Request, request: HttpRequest) -> None:
    match = getattr(request, "resolver_match", None)
    if match is not None:
        told.route = match.route
    # The user is loaded from the database when it is first asked for: only one that was loaded is told.
    user = request.__dict__.get("_cached_user") or request.__dict__.get("_acached_user")
    if user is not None and getattr(user, "is_authenticated", False):
        told.user_id = user.pk


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
    logger (``__`` for a dot). Starts the library if it does not run.
    """
    global _is_told
    given = os.environ if environ is None else environ
    level = given.get("LOG_LEVEL", "INFO").upper()
    try:
        logging.Handler().setLevel(level)
    except ValueError:
        warnings.warn(f"LOG_LEVEL={level} is no level; INFO holds", stacklevel=2)
        level = "INFO"
    if _is_on(given, "LOGGING_ENABLE_REDIS") and not _is_told:
        _is_told = True
        warnings.warn(
            "LOGGING_ENABLE_REDIS is set, but there is no output to Redis yet; the log has all records",
            stacklevel=2,
        )
    if logloom.log_dir() is None:
        logloom.init(service=service, dir=given.get("LOGGING_DIR"), level=level)
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
        if name.startswith(prefix)
    }
    # Each request has a record of its own.
    loggers.setdefault("django.server", {"level": "WARNING"})
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": formatters,
        "handlers": handlers,
        "loggers": loggers,
        "root": {"handlers": list(handlers), "level": level},
    }


def _is_on(given: Mapping[str, str], name: str) -> bool:
    return given.get(name, "").strip().lower() in ("1", "true", "yes", "on")
