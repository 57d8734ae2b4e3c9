"""``Logger.catch``: exceptions of a block or a function become records."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ._context import code_kind, forwarding
from ._place import log_error

if TYPE_CHECKING:
    from ._core import Logger

F = TypeVar("F", bound=Callable[..., Any])


class Catch:
    """A context manager and a decorator of functions, coroutines and generators."""

    def __init__(
        self,
        logger: Logger,
        exception: type[BaseException] | tuple[type[BaseException], ...],
        *,
        message: str,
        level: int | str,
        reraise: bool,
        default: object,
    ) -> None:
        self._logger = logger
        self._exception = exception
        self._message = message
        self._level = level
        self._reraise = reraise
        self._default = default

    def __enter__(self) -> Catch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if error is None or not isinstance(error, self._exception):
            return False
        log_error(self._logger.log, error, self._level, self._message)
        return not self._reraise

    async def __aenter__(self) -> Catch:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        return self.__exit__(kind, error, traceback)

    def __call__(self, function: F) -> F:
        kind = code_kind(function)
        if kind == "coroutine":

            @functools.wraps(function)
            async def coroutine(*args: Any, **named: Any) -> Any:
                with self:
                    return await function(*args, **named)
                return self._default

            return cast(F, coroutine)
        if kind == "async generator":
            return cast(
                F, functools.wraps(function)(forwarding(function, lambda args, named: self))
            )
        if kind == "generator":

            @functools.wraps(function)
            def generator(*args: Any, **named: Any) -> Generator[Any, Any, Any]:
                with self:
                    return cast(Any, (yield from function(*args, **named)))
                return self._default

            return cast(F, generator)

        @functools.wraps(function)
        def plain(*args: Any, **named: Any) -> Any:
            with self:
                return function(*args, **named)
            return self._default

        return cast(F, plain)


def catch(
    logger: Logger,
    exception: Any = Exception,
    message: str = "an exception was caught",
    level: int | str = "ERROR",
    reraise: bool = False,
    default: object = None,
) -> Any:
    """What ``Logger.catch`` gives; with a function in place of the exception, the function decorated."""

    def made(kinds: Any) -> Catch:
        return Catch(logger, kinds, message=message, level=level, reraise=reraise, default=default)

    if isinstance(exception, (type, tuple)):
        return made(cast(Any, exception))
    return made(Exception)(exception)
