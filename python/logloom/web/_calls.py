"""``@log_api_call``: a record for each call of a function."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable
from types import CodeType
from typing import Any, ParamSpec, TypeVar, cast, overload

import logloom

from .._context import forwarding
from .._place import log_at, log_error

P = ParamSpec("P")
T = TypeVar("T")


@overload
def log_api_call(function: Callable[P, T], /) -> Callable[P, T]: ...
@overload
def log_api_call(
    *,
    args: bool = ...,
    result: bool = ...,
    slow_ms: float = ...,
    level: int | str = ...,
    logger: str | None = ...,
) -> Callable[[Callable[P, T]], Callable[P, T]]: ...
def log_api_call(
    function: Callable[..., Any] | None = None,
    /,
    *,
    args: bool = False,
    result: bool = False,
    slow_ms: float = 1000.0,
    level: int | str = "INFO",
    logger: str | None = None,
) -> Any:
    """Logs each call with its duration, an exception as ERROR, one longer than ``slow_ms`` as WARNING.

    ``args`` and ``result`` tell what it was called with and what it gave, secrets masked as in any record.
    The exception is raised again. For functions, coroutines, and generators of both kinds, which are told when
    they end. ``logger`` is the function's module by default.
    """
    if function is None:
        return functools.partial(
            _wrapped,
            with_args=args,
            with_result=result,
            slow_ms=slow_ms,
            level=level,
            logger=logger,
        )
    return _wrapped(function, args, result, slow_ms, level, logger)


class _Call:
    def __init__(self, told: _Told, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        self._told = told
        self._args = args
        self._named = named
        self._started = time.perf_counter_ns()
        self.result: Any = None

    def __enter__(self) -> _Call:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        told = self._told
        duration = (time.perf_counter_ns() - self._started) / 1e6
        level = told.level
        if duration > told.slow_ms:
            level = "WARN"
        more: dict[str, Any] = {}
        if told.with_args:
            more["args"] = told.arguments(self._args, self._named)
        if told.with_result and error is None:
            more["result"] = self.result
        more.update(event="api.call", call=told.name, duration_ms=round(duration, 3))
        message = "{call} took {duration_ms} ms"
        if isinstance(error, Exception):
            log_error(told.logger.log, error, "ERROR", message, place=told.place, **more)
        elif told.place is not None:
            log_at(told.place, told.logger.log, level, message, **more)
        else:
            told.logger.log(level, message, stacklevel=3, **more)


class _Told:
    def __init__(
        self,
        function: Callable[..., Any],
        with_args: bool,
        with_result: bool,
        slow_ms: float,
        level: int | str,
        logger: str | None,
    ) -> None:
        self.name = function.__qualname__
        code: CodeType | None = getattr(function, "__code__", None)
        # Where it stands: who calls it is an event loop as often as not.
        self.place = code and (code.co_filename, code.co_firstlineno, code.co_name)
        self.logger = logloom.get_logger(logger or function.__module__)
        self.with_args = with_args
        self.with_result = with_result
        self.slow_ms = slow_ms
        self.level = level
        self._signature = inspect.signature(function) if with_args else None

    def arguments(self, args: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        """The arguments by their names, so that those with secret names are masked."""
        assert self._signature is not None
        try:
            bound = self._signature.bind(*args, **named).arguments
        except TypeError:
            return {"args": args, **named}
        return {name: value for name, value in bound.items() if name not in ("self", "cls")}


def _wrapped(
    function: Callable[..., Any],
    with_args: bool,
    with_result: bool,
    slow_ms: float,
    level: int | str,
    logger: str | None,
) -> Callable[..., Any]:
    told = _Told(function, with_args, with_result, slow_ms, level, logger)
    wrapper: Callable[..., Any]
    if inspect.iscoroutinefunction(function):

        async def coroutine(*args: Any, **named: Any) -> Any:
            with _Call(told, args, named) as call:
                call.result = await function(*args, **named)
            return call.result

        wrapper = coroutine
    elif inspect.isasyncgenfunction(function):
        wrapper = forwarding(function, lambda args, named: _Call(told, args, named))
    elif inspect.isgeneratorfunction(function):

        def generator(*args: Any, **named: Any) -> Any:
            with _Call(told, args, named) as call:
                call.result = cast(Any, (yield from function(*args, **named)))
            return call.result

        wrapper = generator
    else:

        def plain(*args: Any, **named: Any) -> Any:
            with _Call(told, args, named) as call:
                call.result = function(*args, **named)
            return call.result

        wrapper = plain
    return cast("Callable[..., Any]", functools.wraps(function)(wrapper))
