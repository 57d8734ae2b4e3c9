"""Structured logging that costs its caller less than a microsecond and loses nothing.

``init()`` starts it, ``get_logger()`` gives a logger, keyword arguments are fields::

    import logloom

    logloom.init(service="shop")
    log = logloom.get_logger(__name__)
    log.info("user {user_id} signed in", user_id=42, latency_ms=7.5)
"""

from __future__ import annotations

import atexit
import importlib
import os
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Generic, TypeGuard, TypeVar, cast

from . import _core
from ._context import context, current_context, in_context, submit, trace, traceparent
from ._core import Logger, Masker, __version__, get_logger, log_dir, metrics

if TYPE_CHECKING:
    from . import agent as agent
    from . import compat as compat
    from . import config as config
    from . import migrate as migrate
    from . import web as web
    from ._formatter import JSONFormatter
    from ._metrics import MetricsRegistry
    from ._stdlib import AsyncQueueHandler, Handler, install, uninstall
    from .config import ConfigError, dict_config

__all__ = [
    "AsyncQueueHandler",
    "ConfigError",
    "Handler",
    "JSONFormatter",
    "Logger",
    "Masker",
    "MetricsRegistry",
    "__version__",
    "context",
    "current_context",
    "dict_config",
    "flush",
    "get_logger",
    "in_context",
    "init",
    "install",
    "lazy",
    "log_dir",
    "metrics",
    "set_level",
    "shutdown",
    "submit",
    "trace",
    "traceparent",
    "uninstall",
]

T = TypeVar("T")

# Loaded when they are asked for: ``logging`` alone takes longer to load than all of this package.
_LATER = {
    "AsyncQueueHandler": "_stdlib",
    "ConfigError": "config",
    "Handler": "_stdlib",
    "JSONFormatter": "_formatter",
    "MetricsRegistry": "_metrics",
    "dict_config": "config",
    "install": "_stdlib",
    "uninstall": "_stdlib",
}

_MODULES = ("agent", "compat", "config", "migrate", "web")

Setting = (
    str
    | int
    | float
    | bool
    | Iterable[str]
    | Iterable[Mapping[str, "Setting"]]
    | Mapping[str, "Setting"]
)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return importlib.import_module(f"logloom.{name}")
        try:
            module = _LATER[name]
        except KeyError:
            raise AttributeError(f"module 'logloom' has no attribute {name!r}") from None
        value = getattr(importlib.import_module(f"logloom.{module}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        special = (name for name in globals() if name.startswith("__"))
        return sorted({*special, *__all__, *_MODULES})


class lazy(Generic[T]):  # noqa: N801 - wraps a value
    """A value that is made only when its record is kept: ``log.debug("state", all=lazy(dump))``."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make

    def __call__(self) -> T:
        return self._make()

    def __str__(self) -> str:
        return str(self._make())


if hasattr(os, "register_at_fork"):
    # A fork child logs on its own with its first record; its parent's records stay its parent's.
    os.register_at_fork(
        before=_core.before_fork,
        after_in_parent=_core.after_fork_in_parent,
    )
# Finalisers and other modules may log after this: that is drained when the process ends.
atexit.register(_core.flush, 2.0)


def _json(value: object) -> str:
    # Loaded where it is needed only: the package is to be imported quickly.
    from json import dumps  # noqa: PLC0415

    return dumps(value)


# Keys with a value that cannot be used, and why.
_Wrong = list[tuple[str, str]]


def _is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(value, Mapping)


def _is_many(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray))


def _refuse(wrong: _Wrong, key: str, value: object, wanted: str) -> None:
    kind = type(value).__name__
    wrong.append((key, f"{wanted} is wanted, not one of type {kind}; the value is not used"))


def _flat(settings: object, wrong: _Wrong, prefix: str = "") -> list[tuple[str, str]]:
    if not _is_mapping(settings):
        _refuse(wrong, prefix.rstrip(".") or "settings", settings, "a mapping")
        return []
    flat: list[tuple[str, str]] = []
    for key, value in settings.items():
        if not isinstance(key, str):
            _refuse(wrong, f"{prefix}{key!r}", key, "a name")
            continue
        name = prefix + key
        if _is_mapping(value):
            flat += _flat(value, wrong, name + ".")
        elif isinstance(value, bool):
            flat.append((name, "true" if value else "false"))
        elif isinstance(value, (str, int, float)):
            flat.append((name, str(value)))
        elif not _is_many(value):
            _refuse(wrong, name, value, "a text, a number or a list")
        else:
            items = list(value)
            names = [item for item in items if isinstance(item, str)]
            try:
                # A list of rules stands as in a file, on one line.
                text = ",".join(names) if len(names) == len(items) else _json(items)
            except (TypeError, ValueError) as error:
                wrong.append((name, f"{error}; the value is not used"))
                continue
            flat.append((name, text))
    return flat


def _text(key: str, value: object, wrong: _Wrong) -> str | None:
    if value is None or isinstance(value, str):
        return value
    _refuse(wrong, key, value, "a text")
    return None


def _path(key: str, value: object, wrong: _Wrong) -> str | None:
    if value is None:
        return None
    try:
        return os.fsdecode(cast("str", value))
    except TypeError:
        _refuse(wrong, key, value, "a path")
        return None


def _names(key: str, value: object, wrong: _Wrong) -> list[str]:
    if isinstance(value, str):
        return [value]
    if not _is_many(value):
        _refuse(wrong, key, value, "a list of names")
        return []
    items = list(value)
    for item in items:
        if not isinstance(item, str):
            _refuse(wrong, key, item, "a name")
    return [item for item in items if isinstance(item, str)]


def _levels(value: object, wrong: _Wrong) -> list[tuple[str, int | str]]:
    if value is None:
        return []
    if not _is_mapping(value):
        _refuse(wrong, "levels", value, "a mapping")
        return []
    for name in value:
        if not isinstance(name, str):
            _refuse(wrong, f"levels.{name!r}", name, "the name of a logger")
    # What is no level is told by who takes it.
    return [
        (name, cast("int | str", level)) for name, level in value.items() if isinstance(name, str)
    ]


def init(
    *,
    service: str | None = None,
    dir: str | PathLike[str] | None = None,
    level: int | str | None = None,
    levels: Mapping[str, int | str] | None = None,
    mask: str | Iterable[str] = (),
    config: str | PathLike[str] | None = None,
    settings: Mapping[str, Setting] | None = None,
) -> None:
    """Starts logging, over what ``logloom.yaml`` and the environment say.

    ``service`` names the program, ``dir`` is the directory of the log, ``level`` the lowest level that is
    kept (INFO by default) and ``levels`` those of single loggers and all beneath them. ``mask`` has
    further names of fields whose values are never kept. ``config`` is the configuration file, in place of
    one that is found; ``settings`` has any of its keys, nested or with dots:
    ``settings={"store": {"retention": {"days": 30}}}``.

    A setting that is wrong does not stop the program: it is told on the standard error and in the log.
    What a handler has started by itself gives way to it, and so does what was begun before a fork. Raises
    ``RuntimeError`` when ``init()`` was called before in this process, unless ``shutdown()`` was, too.
    """
    wrong: _Wrong = []
    place = (
        _text("service", service, wrong),
        _path("store.dir", dir, wrong),
        _path("config", config, wrong),
    )
    by_module = _levels(levels, wrong)
    if level is not None:
        by_module.append(("", level))
    keys = [] if settings is None else _flat(settings, wrong)
    names = _names("mask.fields", mask, wrong)
    _core.start(place, keys, by_module, names, None, False, wrong)


def flush(timeout: float = 2.0) -> bool:
    """Waits until everything logged so far is in the log, at most ``timeout`` seconds.

    Returns whether it is; what is not is written later.
    """
    return _core.flush(timeout)


def shutdown() -> bool:
    """Flushes and stops; later records are counted and not kept. ``init()`` may be called again.

    A program need not call it: the end of the process flushes, and what even a kill leaves is written by
    the next start.
    """
    return _core.stop()


def set_level(level: int | str, logger: str | None = None) -> None:
    """Sets the lowest level that is kept, for all loggers or for ``logger`` and all beneath it."""
    _core.set_level(level, logger)
