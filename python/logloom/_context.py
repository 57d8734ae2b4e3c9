"""Fields for the records of a scope: ``with context(request_id=...)``, threads, traces."""

from __future__ import annotations

import contextvars
import functools
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from types import CodeType, TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from . import _core

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future
    from contextlib import AbstractContextManager

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


# What has been entered and not yet left: who, the scope of before, and what was entered before that.
_Entry = tuple["context", "_core.Scope | None", Any]

# The last one. In the context like the scope itself, so that tasks, threads and generators that share a
# ``context`` do not meet; an entry is never changed, since contexts are copied.
_entries: contextvars.ContextVar[_Entry | None] = contextvars.ContextVar(
    "logloom_entries", default=None
)


def _left(entries: _Entry | None, owner: context) -> _Entry | None:
    """The entries without the last one of this owner; what was entered above it goes back to where that came from."""
    above: list[_Entry] = []
    at = entries
    while at is not None and at[0] is not owner:
        above.append(at)
        at = at[2]
    if at is None:
        # Entered elsewhere, such as by a generator that another task closes: nothing here is its own.
        return entries
    rest: _Entry = (above.pop()[0], at[1], at[2])
    for one in reversed(above):
        rest = (one[0], one[1], rest)
    return rest


class context:  # noqa: N801 - used as a statement, like ``contextlib.suppress``
    """Adds fields to every record of a scope, on this thread and in tasks begun within it.

    A context manager, also for ``async with``, and a decorator of functions, coroutines and
    generators; what a generator's consumer logs between its values is not within. May be entered again and by
    several tasks at once. ``trace_id``, ``span_id``, ``session_id`` and ``request_id`` are fields like any
    other, with places of their own in a line. Fields beyond 512 bytes in all are left out whole, the ids last.
    """

    __slots__ = ("_fields",)

    def __init__(self, **fields: object) -> None:
        self._fields = fields

    def _inner(self, outer: _core.Scope | None) -> _core.Scope:
        if outer is None:
            return _core.scope(self._fields)
        return outer.with_fields(self._fields)

    def __enter__(self) -> context:
        outer = _scope.get()
        inner = self._inner(outer)
        _entries.set((self, outer, _entries.get()))
        _scope.set(inner)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        entries = _entries.get()
        if entries is not None and entries[0] is self:
            _scope.set(entries[1])
            _entries.set(entries[2])
        else:
            _entries.set(_left(entries, self))

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
                with self:
                    return await function(*args, **named)

            return cast(F, coroutine)
        if kind == "async generator":
            return cast(F, functools.wraps(function)(_stepped_async(self, function)))
        if kind == "generator":
            return cast(F, functools.wraps(function)(_stepped(self, function)))

        @functools.wraps(function)
        def plain(*args: Any, **named: Any) -> Any:
            with self:
                return function(*args, **named)

        return cast(F, plain)


class _Steps:
    """A scope that is entered for each step of a generator and left at each of its values."""

    __slots__ = ("_before", "_of", "_own")

    def __init__(self, of: context) -> None:
        self._of = of
        self._own: tuple[_core.Scope | None, _Entry | None] | None = None

    def __enter__(self) -> None:
        self._before = _scope.get(), _entries.get()
        scope, entries = self._own or (self._of._inner(self._before[0]), None)
        _scope.set(scope)
        _entries.set(entries)

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        # With what the generator has entered itself and not yet left.
        self._own = _scope.get(), _entries.get()
        scope, entries = self._before
        _scope.set(scope)
        _entries.set(entries)


def _stepped(scope: context, function: Callable[..., Any]) -> Callable[..., Any]:
    def generator(*args: Any, **named: Any) -> Generator[Any, Any, Any]:
        steps = _Steps(scope)
        inner: Generator[Any, Any, Any] = function(*args, **named)
        resume: Callable[[Any], Any] = inner.send
        sent: Any = None
        while True:
            try:
                with steps:
                    value = resume(sent)
            except StopIteration as end:
                return end.value
            try:
                sent = yield value
                resume = inner.send
            except GeneratorExit:
                with steps:
                    inner.close()
                raise
            except BaseException as thrown:
                sent, resume = thrown, inner.throw

    return generator


def _stepped_async(scope: context, function: Callable[..., Any]) -> Callable[..., Any]:
    async def async_generator(*args: Any, **named: Any) -> AsyncGenerator[Any, Any]:
        steps = _Steps(scope)
        inner: AsyncGenerator[Any, Any] = function(*args, **named)
        resume: Callable[[Any], Awaitable[Any]] = inner.asend
        sent: Any = None
        while True:
            try:
                with steps:
                    value = await resume(sent)
            except StopAsyncIteration:
                return
            try:
                sent = yield value
                resume = inner.asend
            except GeneratorExit:
                with steps:
                    await inner.aclose()
                raise
            except BaseException as thrown:
                sent, resume = thrown, inner.athrow

    return async_generator


def forwarding(
    function: Callable[..., Any],
    around: Callable[[tuple[Any, ...], dict[str, Any]], AbstractContextManager[Any]],
) -> Callable[..., Any]:
    """The asynchronous generator within what ``around`` gives for its arguments: what ``yield from`` would be."""

    async def async_generator(*args: Any, **named: Any) -> AsyncGenerator[Any, Any]:
        with around(args, named):
            inner: AsyncGenerator[Any, Any] = function(*args, **named)
            resume: Callable[[Any], Awaitable[Any]] = inner.asend
            sent: Any = None
            while True:
                try:
                    value = await resume(sent)
                except StopAsyncIteration:
                    return
                try:
                    sent = yield value
                    resume = inner.asend
                except GeneratorExit:
                    await inner.aclose()
                    raise
                except BaseException as thrown:
                    sent, resume = thrown, inner.athrow

    return async_generator


class trace(context):  # noqa: N801
    """A scope within a trace.

    Without ``traceparent``, a child span of the trace that is there, also of OpenTelemetry's, or a new trace.
    With one, a child span of the caller's: what a server does with the header of a request. A header that is
    not valid begins a new trace, as W3C asks.
    """

    __slots__ = ("_traceparent",)

    def __init__(self, traceparent: str | None = None, **fields: object) -> None:
        super().__init__(**fields)
        self._traceparent = traceparent

    def _inner(self, outer: _core.Scope | None) -> _core.Scope:
        inner = super()._inner(outer)
        if self._traceparent is not None:
            try:
                return inner.with_traceparent(self._traceparent).with_child_span()
            except ValueError:
                return inner.with_new_trace()
        if "trace_id" in inner.fields():
            return inner.with_child_span()
        span = _current_span()
        return (
            inner.with_new_trace()
            if span is None
            else inner.with_traceparent(span).with_child_span()
        )


def current_context() -> dict[str, Any]:
    """The fields of the scope that is there."""
    scope = _scope.get()
    return {} if scope is None else scope.fields()


def traceparent() -> str | None:
    """The W3C header to send on: of the scope, or of OpenTelemetry's current span where that has no trace.

    ``None`` outside a trace, or when its ids are not W3C's.
    """
    scope = _scope.get()
    if scope is not None and "trace_id" in scope.fields():
        return scope.traceparent()
    return _current_span()


def _current_span() -> str | None:
    """OpenTelemetry's, where the program has imported it; this package never does."""
    module: Any = sys.modules.get("opentelemetry.trace")
    try:
        found: Any = module.get_current_span().get_span_context()
        ids = int(found.trace_id), int(found.span_id), int(found.trace_flags) & 0xFF
    except Exception:  # not imported, or not yet whole
        return None
    if not (0 < ids[0] < 1 << 128 and 0 < ids[1] < 1 << 64):
        return None
    return "00-{:032x}-{:016x}-{:02x}".format(*ids)


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
