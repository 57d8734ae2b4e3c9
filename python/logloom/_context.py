"""Fields for the records of a scope: ``with context(request_id=...)``, threads, traces."""

from __future__ import annotations

import contextvars
import functools
from collections.abc import AsyncGenerator, Callable, Generator
from types import CodeType, TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from . import _core

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

# Flags of code objects; the module ``inspect`` takes longer to load than all of this package.
_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200

_scope = _core._scope


def code_kind(function: Callable[..., Any]) -> str:
    """What calling it gives: ``coroutine``, ``async generator``, ``generator``, or else ``plain``."""
    code: CodeType | None = getattr(function, "__code__", None)
    flags = 0 if code is None else code.co_flags
    if flags & _COROUTINE:
        return "coroutine"
    if flags & _ASYNC_GENERATOR:
        return "async generator"
    return "generator" if flags & _GENERATOR else "plain"


class context:  # noqa: N801 - used as a statement, like ``contextlib.suppress``
    """Adds fields to every record of a scope, on this thread and in tasks begun within it.

    A context manager, also for ``async with``, and a decorator of functions, coroutines and
    generators. May be entered again and by several tasks at once. ``trace_id``, ``span_id``,
    ``session_id`` and ``request_id`` are fields like any other, with places of their own in a line.
    Fields beyond 512 bytes in all are left out whole, the ids last.
    """

    __slots__ = ("_fields", "_tokens")

    def __init__(self, **fields: object) -> None:
        self._fields = fields
        self._tokens: list[contextvars.Token[_core.Scope | None]] = []

    def _inner(self) -> _core.Scope:
        outer = _scope.get()
        if outer is None:
            return _core.scope(self._fields)
        return outer.with_fields(self._fields)

    def _again(self) -> context:
        """The same scope with a stack of its own, so that calls at the same time do not meet."""
        copy = type(self).__new__(type(self))
        for base in type(self).__mro__:
            for name in getattr(base, "__slots__", ()):
                setattr(copy, name, getattr(self, name))
        copy._tokens = []
        return copy

    def __enter__(self) -> context:
        self._tokens.append(_scope.set(self._inner()))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:  # noqa: SIM105 - loading contextlib would cost more than all the rest
            _scope.reset(self._tokens.pop())
        except ValueError:
            # A generator that is closed by another task: that task's scope is not ours to change.
            pass

    async def __aenter__(self) -> context:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, function: F) -> F:
        kind = code_kind(function)
        if kind == "coroutine":

            @functools.wraps(function)
            async def coroutine(*args: Any, **named: Any) -> Any:
                with self._again():
                    return await function(*args, **named)

            return cast(F, coroutine)
        if kind == "async generator":

            @functools.wraps(function)
            async def async_generator(*args: Any, **named: Any) -> AsyncGenerator[Any, Any]:
                with self._again():
                    async for value in function(*args, **named):
                        yield value

            return cast(F, async_generator)
        if kind == "generator":

            @functools.wraps(function)
            def generator(*args: Any, **named: Any) -> Generator[Any, Any, Any]:
                with self._again():
                    return cast(Any, (yield from function(*args, **named)))

            return cast(F, generator)

        @functools.wraps(function)
        def plain(*args: Any, **named: Any) -> Any:
            with self._again():
                return function(*args, **named)

        return cast(F, plain)


class trace(context):  # noqa: N801
    """A scope within a trace.

    Without ``traceparent``, a child span of the trace that is there, or a new trace. With one, a child
    span of the caller's: what a server does with the header of a request. A header that is not valid
    begins a new trace, as W3C asks.
    """

    __slots__ = ("_traceparent",)

    def __init__(self, traceparent: str | None = None, **fields: object) -> None:
        super().__init__(**fields)
        self._traceparent = traceparent

    def _inner(self) -> _core.Scope:
        inner = super()._inner()
        if self._traceparent is not None:
            try:
                return inner.with_traceparent(self._traceparent).with_child_span()
            except ValueError:
                return inner.with_new_trace()
        return inner.with_child_span() if "trace_id" in inner.fields() else inner.with_new_trace()


def current_context() -> dict[str, Any]:
    """The fields of the scope that is there."""
    scope = _scope.get()
    return {} if scope is None else scope.fields()


def traceparent() -> str | None:
    """The W3C header to send on; ``None`` outside a trace, or when its ids are not W3C's."""
    scope = _scope.get()
    return None if scope is None else scope.traceparent()


def in_context(function: Callable[P, T]) -> Callable[P, T]:
    """``function``, which will run in the context of this very place on whichever thread::

    Thread(target=logloom.in_context(work)).start()
    """
    captured = contextvars.copy_context()

    @functools.wraps(function)
    def run(*args: P.args, **named: P.kwargs) -> T:
        # A context can be run by one thread at a time; a copy costs next to nothing.
        return captured.copy().run(function, *args, **named)

    return run


def submit(
    executor: Executor, function: Callable[P, T], /, *args: P.args, **named: P.kwargs
) -> Future[T]:
    """``executor.submit`` that takes the context along."""
    return executor.submit(in_context(function), *args, **named)
