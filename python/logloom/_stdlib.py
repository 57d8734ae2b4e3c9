"""The standard ``logging`` at native speed, and handlers for those who configure it themselves.

A logger's methods are replaced by native ones, which look at nothing but a remembered decision. All that
could change it (levels, handlers, filters, parents, the record factory) tells the native part.
"""

from __future__ import annotations

import functools
import gc
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar

from . import _core

T = TypeVar("T")

_NEVER = 2**31


def _telling(name: str) -> Any:
    original = getattr(list, name)

    def change(self: Any, *args: Any, **named: Any) -> Any:
        try:
            return original(self, *args, **named)
        finally:
            _core.changed()

    change.__name__ = name
    return change


class _Watched(list[T]):
    """A list whose changes are told."""

    append = _telling("append")
    extend = _telling("extend")
    insert = _telling("insert")
    remove = _telling("remove")
    pop = _telling("pop")
    clear = _telling("clear")
    reverse = _telling("reverse")
    sort = _telling("sort")
    __setitem__ = _telling("__setitem__")
    __delitem__ = _telling("__delitem__")
    __iadd__ = _telling("__iadd__")
    __imul__ = _telling("__imul__")

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return (list, (list(self),))


class _Cache(dict[int, bool]):
    """What ``logging`` remembers of levels; it empties it when one changes."""

    def clear(self) -> None:
        super().clear()
        _core.changed()


def _plain(value: Any) -> Any:
    return value


# Attributes whose changes are told, and what they become.
_ATTRIBUTES: dict[str, Callable[[Any], Any]] = {
    "handlers": _Watched,
    "filters": _Watched,
    "_cache": _Cache,
    "disabled": _plain,
    "propagate": _plain,
    "parent": _plain,
}


# Methods that the records of a logger, and those of a handler, go through.
_METHODS = {
    "_log",
    "callHandlers",
    "filter",
    "findCaller",
    "handle",
    "isEnabledFor",
    "makeRecord",
}
_HANDLER_METHODS = {"emit", "filter", "handle", "_handle_filtered"}
_TOLD = {"level", *_METHODS, *_HANDLER_METHODS}


class _Telling:
    """Tells of attributes that are set; reading them costs what it always does."""

    def __setattr__(self, name: str, value: Any) -> None:
        wrap = _ATTRIBUTES.get(name)
        object.__setattr__(self, name, value if wrap is None else wrap(value))
        if wrap is not None or name in _TOLD:
            _core.changed()

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        _core.changed()


_RESERVED = {"message", "asctime", *logging.LogRecord("", 0, "", 0, "", (), None).__dict__}


class _Tolerant(logging.Logger):
    """Names of ``extra`` that a record uses itself get an underscore, where others raise."""

    def makeRecord(self, *args: Any, **named: Any) -> logging.LogRecord:
        # ``extra`` comes ninth in every version.
        extra = args[8] if len(args) > 8 else named.get("extra")
        if extra and not _RESERVED.isdisjoint(extra):
            extra = {f"{key}_" if key in _RESERVED else key: extra[key] for key in extra}
            if len(args) > 8:
                args = (*args[:8], extra, *args[9:])
            else:
                named["extra"] = extra
        return super().makeRecord(*args, **named)


class _Logger(_Telling, _Tolerant):
    """A logger with native methods."""


class _RootLogger(_Telling, _Tolerant, logging.RootLogger):
    """The root logger with native methods."""


class _Manager(logging.Manager):
    """A manager whose ``disable`` counts at once, also where it is set by itself."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        _core.changed()


class Handler(_Telling, logging.Handler):
    """Hands the records of ``logging`` to the log; a formatter is of no use to it.

    In a ``dictConfig``: ``"class": "logloom.Handler"``. Starts the library, with what file and environment
    say, if it does not run. Takes no lock: the native part needs none.
    """

    def __init__(self, level: int | str = logging.NOTSET) -> None:
        super().__init__(level)
        _start()

    def createLock(self) -> None:
        self.lock = None

    if TYPE_CHECKING:
        # Native, and given to the class below.
        def handle(self, record: logging.LogRecord) -> Any: ...

    def _handle_filtered(self, record: logging.LogRecord) -> Any:
        kept: Any = self.filter(record)
        if kept:
            # A filter may hand on another record, from Python 3.12 on.
            self.emit(kept if isinstance(kept, logging.LogRecord) else record)
        return kept

    def emit(self, record: logging.LogRecord) -> None:
        _core.handle(record)

    def flush(self) -> None:
        _core.flush(2.0)


class AsyncQueueHandler(Handler):
    """A :class:`Handler` that says what is done when more is logged than can be written.

    ``full_policy`` is ``Discard`` (the new record is dropped and counted), ``Block`` (the caller waits),
    ``DiscardLowLevel`` (INFO and below are dropped, the caller of a WARNING waits), ``DropOldest`` or
    ``BlockWithTimeout`` (at most ``timeout`` seconds, 3 by default); ``discard_low_level`` and the like are
    the same. Records of ERROR and CRITICAL are never dropped. It holds for the whole process, from here on:
    all handlers share the rings. Raises ``ValueError`` for an unknown policy.
    """

    def __init__(
        self,
        full_policy: str = "Discard",
        level: int | str = logging.NOTSET,
        timeout: float | None = None,
    ) -> None:
        super().__init__(level)
        _core.set_overflow(full_policy, timeout)


_PLAIN: list[type] = [Handler, AsyncQueueHandler]


def _entries(cls: type) -> dict[str, Any]:
    """The dictionary of a class itself, behind its read-only view."""
    found: dict[str, Any] = gc.get_referents(cls.__dict__)[0]
    return found


_core.install_handler(
    Handler, _entries(Handler), _PLAIN, logging.LogRecord("", 0, "", 0, "", (), None)
)


def _start() -> None:
    try:
        _core.start((None, None, None), [], [], [], None, True)
    except RuntimeError as error:
        if "already running" not in str(error):
            raise


def _decide(logger: logging.Logger) -> tuple[int, bool]:
    """From which level on a logger logs, and whether only native handlers would see its records."""
    if logger.disabled:
        return _NEVER, False
    threshold = max(logger.getEffectiveLevel(), logger.manager.disable + 1)
    own = logger.__dict__.keys() & _METHODS
    if type(logger) not in (_Logger, _RootLogger) or logger.filters or own:
        return threshold, False
    if logging.getLogRecordFactory() is not logging.LogRecord:
        return threshold, False
    handlers: list[logging.Handler] = []
    at: logging.Logger | None = logger
    while at is not None:
        handlers += at.handlers
        at = at.parent if at.propagate else None
    if len(handlers) != 1 or type(handlers[0]) not in _PLAIN or handlers[0].filters:
        return threshold, False
    if handlers[0].__dict__.keys() & _HANDLER_METHODS:
        return threshold, False
    return max(threshold, handlers[0].level), True


_set_factory = logging.setLogRecordFactory
_has_methods = False


@functools.wraps(_set_factory)
def _watch_factory(factory: Callable[..., logging.LogRecord]) -> None:
    _set_factory(factory)
    _core.changed()


_VERBS = ("debug", "info", "warning", "error", "critical", "exception", "log")


def _watched(
    cls: type, names: Iterable[str]
) -> tuple[dict[str, Any], list[tuple[str, Any]], list[str]]:
    """The dictionary of a class, those of the methods that it has, and those that it has not."""
    entries = _entries(cls)
    present = [(name, _original(cls, entries[name])) for name in names if name in entries]
    return entries, present, [name for name in names if name not in entries]


def _original(cls: type, method: Any) -> object:
    """The method, unless somebody has put another into a class of ``logging`` before: nothing is equal to that."""
    code = getattr(method, "__code__", None)
    is_own = code is None or code.co_filename == logging.getLevelName.__code__.co_filename
    return method if is_own or cls.__module__ != logging.__name__ else object()


def _all_watched() -> list[tuple[dict[str, Any], list[tuple[str, Any]], list[str]]]:
    loggers = (_Logger, _RootLogger, _Telling, _Tolerant, logging.RootLogger, logging.Logger)
    watched = [_watched(cls, sorted(_METHODS)) for cls in loggers]
    watched.append(_watched(logging.Filterer, ["filter"]))
    handlers = (Handler, AsyncQueueHandler)
    return watched + [_watched(cls, sorted(_HANDLER_METHODS)) for cls in handlers]


def _loggers() -> Iterable[logging.Logger]:
    yield logging.root
    for logger in list(logging.root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            yield logger


def _convert(logger: logging.Logger, to: type[logging.Logger], lists: bool) -> None:
    logger.__class__ = to
    wraps = _ATTRIBUTES if lists else {"handlers": list, "filters": list, "_cache": dict}
    for name, wrap in wraps.items():
        logger.__dict__[name] = wrap(logger.__dict__[name])


def install(*, level: int | str = logging.INFO, keep_handlers: bool = False) -> None:
    """Sends what is logged through the standard ``logging`` to the log, at native speed.

    Starts the library, with what file and environment say, if it does not run. The root logger gets a
    :class:`Handler` and this level; its handlers of before are removed, as ``basicConfig(force=True)`` does,
    unless ``keep_handlers``. Existing loggers and those to come get native methods. Where another handler, a
    filter, a record factory or a changed method of ``logging.Logger`` would see a record, that record takes
    the ordinary way, and nobody misses it. Loggers of classes of their own keep theirs, and are served by
    the handler.
    """
    global _has_methods
    _start()
    if not _has_methods:
        classes: list[type] = [_Logger, _RootLogger]
        source: str = logging.getLevelName.__code__.co_filename
        verbs = _watched(logging.Logger, _VERBS)
        _core.install_methods(classes, logging.Logger, _decide, _all_watched(), verbs, source)
        _has_methods = True
    root = logging.root
    if not keep_handlers:
        for handler in root.handlers[:]:
            root.removeHandler(handler)
    if not any(type(handler) in _PLAIN for handler in root.handlers):
        root.addHandler(Handler())
    root.setLevel(level)
    for logger in _loggers():
        if type(logger) is logging.Logger:
            _convert(logger, _Logger, True)
        elif type(logger) is logging.RootLogger:
            _convert(logger, _RootLogger, True)
    if logging.getLoggerClass() is logging.Logger:
        logging.setLoggerClass(_Logger)
    manager = root.manager
    if type(manager) is logging.Manager:
        manager.__class__ = _Manager
    logging.setLogRecordFactory = _watch_factory
    _core.changed()


def uninstall() -> None:
    """Gives ``logging`` back what :func:`install` took; the root logger is left without our handler."""
    for logger in _loggers():
        if type(logger) is _Logger:
            _convert(logger, logging.Logger, False)
        elif type(logger) is _RootLogger:
            _convert(logger, logging.RootLogger, False)
    for handler in logging.root.handlers[:]:
        if type(handler) in _PLAIN:
            logging.root.removeHandler(handler)
    if logging.getLoggerClass() is _Logger:
        logging.setLoggerClass(logging.Logger)
    is_watched = type(logging.root.manager) is _Manager
    if is_watched:
        manager: Any = logging.root.manager
        manager.__class__ = logging.Manager
    logging.setLogRecordFactory = _set_factory
    _core.changed()
