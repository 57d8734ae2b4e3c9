"""``dict_config``: a configuration of ``logging`` whose files become the log.

A dictionary in the form of ``logging.config.dictConfig``, a file with one in YAML or JSON, or the properties of log4j
come in. Handlers that
write files, and handlers and formatters of other libraries, are replaced by this library's; all else is as
``logging`` has it. Loaded by ``logloom.dict_config`` and by programs that import it.
"""

from __future__ import annotations

import difflib
import json
import logging
import logging.config
import sys
import weakref
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, cast

from . import _core, _properties
from ._stdlib import AsyncQueueHandler, Handler

Section = dict[str, Any]

_TOP = (
    "version",
    "formatters",
    "filters",
    "handlers",
    "loggers",
    "root",
    "incremental",
    "disable_existing_loggers",
)
_FORMATTER = ("format", "datefmt", "style", "validate", "class", "()", "defaults")
_LOGGER = ("level", "handlers", "filters", "propagate")

# What a file of its own needed, and the store does its own way.
_OF_FILES = (
    "filename",
    "base_path",
    "mode",
    "encoding",
    "delay",
    "errors",
    "maxBytes",
    "backupCount",
    "when",
    "interval",
    "utc",
    "atTime",
    "compression",
)
_OF_ALL = ("class", "()", ".", "level", "filters", "formatter")
_FILE_CLASSES = (
    "FileHandler",
    "RotatingFileHandler",
    "TimedRotatingFileHandler",
    "WatchedFileHandler",
    "RollingFileAppender",
)
_JSON_FORMATTERS = ("JsonFormatter", "JSONFormatter")


class ConfigError(ValueError):
    """What is wrong with a configuration, and where."""


class StreamHandler(Handler):
    """The log in place of one file: the field ``stream`` of its records names it.

    Where a record first meets one of them, it is written for all that it will reach by propagation.
    """

    def __init__(self, stream: str = "") -> None:
        """``stream`` is the name of the handler that it stands for."""
        super().__init__()
        self._stream = stream

    def handle(self, record: logging.LogRecord) -> Any:
        met = _met(record)
        if self._stream in met:
            return True
        met.add(self._stream)
        own = self._kept(record)
        kept = [] if own is None else [(self._stream, own)]
        for other in _on_the_way(record, self):
            if other._stream not in met and record.levelno >= other.level:
                met.add(other._stream)
                passed = other._kept(record)
                kept += [] if passed is None else [(other._stream, passed)]
        # A filter may hand on a record of its own.
        for one in {id(passed): passed for _, passed in kept}.values():
            _write(one, [name for name, passed in kept if passed is one])
        return own is not None

    def _kept(self, record: logging.LogRecord) -> logging.LogRecord | None:
        kept: Any = self.filter(record)
        if not kept:
            return None
        return kept if isinstance(kept, logging.LogRecord) else record

    def emit(self, record: logging.LogRecord) -> None:
        _write(record, [self._stream])


# The streams that a record has met. Not in the record: formatters of others show what is there.
_MET: weakref.WeakKeyDictionary[logging.LogRecord, set[str]] = weakref.WeakKeyDictionary()


def _met(record: logging.LogRecord) -> set[str]:
    try:
        return _MET.setdefault(record, set())
    except TypeError:  # a record of a class whose instances cannot be keys
        return set()


def _on_the_way(record: logging.LogRecord, first: StreamHandler) -> list[StreamHandler]:
    """The streams that the loggers of a record have, if ``first`` is among them; else it came another way."""
    found: list[StreamHandler] = []
    known = logging.root.manager.loggerDict.get(record.name)
    at = known if isinstance(known, logging.Logger) else logging.root
    logger: logging.Logger | None = at
    while logger is not None:
        found += [handler for handler in logger.handlers if isinstance(handler, StreamHandler)]
        logger = logger.parent if logger.propagate else None
    return found if first in found else []


def _write(record: logging.LogRecord, names: list[str]) -> None:
    attributes = record.__dict__
    has_own = "stream" in attributes
    before = attributes.get("stream")
    attributes["stream"] = names[0] if len(names) == 1 else names
    try:
        _core.handle(record)
    finally:
        # Other handlers see the record as it was.
        if has_own:
            attributes["stream"] = before
        else:
            del attributes["stream"]


def _number(level: int | str) -> int:
    """The number of a level, as handlers of ``logging`` take it."""
    handler = logging.Handler()
    handler.setLevel(level)
    return handler.level


def dict_config(source: str | PathLike[str] | Mapping[str, Any]) -> list[str]:
    """Configures ``logging`` from a dictionary or a file; returns notes on what has changed its meaning.

    Files are YAML or JSON, or, where their name ends in ``.properties``, those of log4j 1 and 2.

    Handlers that write files (those of ``logging`` and classes named like them) become the log: their records
    carry the handler's name in the field ``stream``, and what rotates and keeps files is not used, since the store
    has days and retention of its own. A record for several of them, of its logger and of those above, is in the log
    once. Formatters of classes named ``JsonFormatter`` become :class:`logloom.JSONFormatter`.

    Raises :class:`ConfigError`, before anything has changed, where a key, a name, a level or a class is wrong; and
    with the reason, where ``logging`` refuses an argument of a handler.
    """
    left_out: list[str] = []
    if isinstance(source, Mapping):
        given = _copied(source)
    elif Path(source).suffix == ".properties":
        given, left_out = _read_properties(Path(source))
    else:
        given = _read(Path(source))
    config, notes = _mapped(given)
    try:
        logging.config.dictConfig(config)
    except (ValueError, TypeError, AttributeError, ImportError) as error:
        raise ConfigError(_reason(error)) from error
    return left_out + notes


def _reason(error: BaseException) -> str:
    """What ``logging`` says, and why: it keeps the reason in the causes."""
    told: list[str] = []
    at: BaseException | None = error
    while at is not None and len(told) < 8:
        before = at.__cause__
        if isinstance(at, KeyError) and at.__context__ is not None:
            # Its second try for handlers of older Pythons: the first one's failure says what is wrong.
            before = at.__context__
        elif str(at) not in told:
            told.append(str(at) or type(at).__name__)
        at = before
    return ": ".join(told)


def _copied(given: Mapping[str, Any]) -> Section:
    """Its sections may be changed; what they hold stays the caller's."""
    copy: Section = {}
    for key, value in given.items():
        is_section = isinstance(value, Mapping)
        copy[key] = _copied(cast("Mapping[str, Any]", value)) if is_section else value
    return copy


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path}: cannot be read: {reason}") from error


def _read_properties(path: Path) -> tuple[Section, list[str]]:
    try:
        return _properties.configuration(_text(path))
    except _properties.PropertiesError as error:
        raise ConfigError(f"{path}: {error}") from error


def _read(path: Path) -> Section:
    try:
        read = json.loads(_core.yaml_to_json(_text(path)))
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(read, dict):
        raise ConfigError(f"{path}: holds no keys; the first line is usually 'version: 1'")
    return cast(Section, read)


def _hint(name: object, known: Iterable[str]) -> str:
    """The nearest of the known names."""
    near = difflib.get_close_matches(str(name), list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _check(place: str, keys: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in keys:
        if key not in known:
            hint = _hint(key, known) or f"; known are {', '.join(known)}"
            raise ConfigError(f"{place}{key}: is not known{hint}")


def _is_reference(value: object) -> bool:
    """Whether ``logging`` looks it up elsewhere: ``ext://sys.stdout``, ``cfg://handlers.mail``."""
    return isinstance(value, str) and "://" in value


def _check_level(place: str, section: Section) -> None:
    level: object = section.get("level")
    if level is None or _is_reference(level):
        return
    try:
        _number(cast("int | str", level))
    except (ValueError, TypeError):
        hint = _hint(str(level).upper(), ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
        raise ConfigError(f"{place}level: {level!r} is no level{hint}") from None


def _check_class(place: str, section: Section) -> None:
    """That a class can be found is known before anything has changed."""
    name: object = section.get("class")
    if not isinstance(name, str) or _is_reference(name):
        return
    try:
        logging.config.BaseConfigurator({}).resolve(name)
    except Exception as error:  # whatever the import of a module raises
        module, _, last = name.rpartition(".")
        among = dir(sys.modules[module]) if module in sys.modules else ()
        near = difflib.get_close_matches(last, among, 1)
        hint = f"; did you mean '{module}.{near[0]}'?" if near else f": {_reason(error)}"
        raise ConfigError(f"{place}class: {name!r} cannot be found{hint}") from error


def _check_names(place: str, key: str, section: Section, known: Section, kind: str) -> None:
    """Names of handlers or filters that are defined elsewhere in the configuration."""
    given: object = section.get(key) or []
    if _is_reference(given):
        return
    if not isinstance(given, (list, tuple)):
        raise ConfigError(f"{place}{key}: must be a list of names")
    for name in cast("Iterable[object]", given):
        # Filters may be objects themselves, from Python 3.11 on.
        if isinstance(name, str) and name not in known and not _is_reference(name):
            raise ConfigError(
                f"{place}{key}: {name!r} is no {kind} of this file{_hint(name, known)}"
            )


def _sections(config: Section, name: str) -> dict[str, Section]:
    found: object = config.get(name) or {}
    if not isinstance(found, dict):
        raise ConfigError(f"{name}: must hold named sections")
    sections = cast("dict[str, Any]", found)
    for key, section in sections.items():
        if not isinstance(section, dict):
            raise ConfigError(f"{name}.{key}: must hold keys, not {section!r}")
    return sections


def _mapped(config: Section) -> tuple[Section, list[str]]:
    _check("", config, _TOP)
    formatters, filters = _sections(config, "formatters"), _sections(config, "filters")
    handlers, loggers = _sections(config, "handlers"), _sections(config, "loggers")
    for name, formatter in formatters.items():
        if "()" not in formatter:
            _check(f"formatters.{name}.", formatter, _FORMATTER)
        _map_formatter(formatter)
        _check_class(f"formatters.{name}.", formatter)
    is_whole = not config.get("incremental", False)
    notes: list[str] = []
    for name, handler in handlers.items():
        place = f"handlers.{name}."
        _check_level(place, handler)
        if is_whole:
            _check_names(place, "filters", handler, filters, "filter")
            _check_formatter(place, handler, formatters)
            handlers[name] = _map_handler(name, handler, notes)
    places = [(f"loggers.{name}.", one) for name, one in loggers.items()]
    if isinstance(config.get("root"), dict):
        places.append(("root.", config["root"]))
    for place, logger in places:
        _check(place, logger, _LOGGER)
        _check_level(place, logger)
        if is_whole:
            _check_names(place, "handlers", logger, handlers, "handler")
            _check_names(place, "filters", logger, filters, "filter")
    return config, notes


def _check_formatter(place: str, handler: Section, formatters: Section) -> None:
    name: object = handler.get("formatter")
    if isinstance(name, str) and name and name not in formatters and not _is_reference(name):
        hint = _hint(name, formatters)
        raise ConfigError(f"{place}formatter: {name!r} is no formatter of this file{hint}")


def _map_handler(name: str, handler: Section, notes: list[str]) -> Section:
    """A handler that writes a file becomes one that writes to the log; others stay."""
    place = f"handlers.{name}."
    if not _is_file(handler):
        _check_class(place, handler)
        return handler
    if str(handler.get("class", "")).startswith("logging."):
        _check(place, handler, (*_OF_ALL, *_OF_FILES))
    unused = [key for key in _OF_FILES if key in handler]
    unused += [key for key in handler if key not in (*_OF_ALL, *_OF_FILES)]
    if unused:
        notes.append(f"handlers.{name}: the log takes the place of {', '.join(unused)}")
    kept: Section = {key: handler[key] for key in ("level", "filters") if key in handler}
    return {"()": StreamHandler, "stream": name, **kept}


def _last(path: object) -> str:
    return str(path).rpartition(".")[2]


def _is_file(handler: Section) -> bool:
    name = _last(handler.get("class", handler.get("()", "")))
    return name.endswith(_FILE_CLASSES)


def _map_formatter(formatter: Section) -> None:
    for key in ("class", "()"):
        if _last(formatter.get(key, "")) in _JSON_FORMATTERS:
            formatter[key] = "logloom.JSONFormatter"


__all__ = ["AsyncQueueHandler", "ConfigError", "StreamHandler", "dict_config"]
