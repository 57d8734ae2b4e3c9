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
from collections.abc import Mapping
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
    """The log in place of files: each record says in its field ``stream`` which of them it was for."""

    def __init__(self, streams: Mapping[str, int | str] | None = None) -> None:
        """``streams`` are the names of the handlers that it stands for, with their levels."""
        super().__init__()
        self._streams = {name: _number(level) for name, level in (streams or {}).items()}
        self.setLevel(min(self._streams.values(), default=logging.NOTSET))

    def emit(self, record: logging.LogRecord) -> None:
        names = [name for name, level in self._streams.items() if level <= record.levelno]
        attributes = record.__dict__
        before = attributes.get("stream")
        attributes["stream"] = names[0] if len(names) == 1 else names
        try:
            super().emit(record)
        finally:
            # Other handlers see the record as it was.
            if before is None:
                del attributes["stream"]
            else:
                attributes["stream"] = before


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
    has days and retention of its own. A record for several of them is in the log once. Formatters of classes named
    ``JsonFormatter`` become :class:`logloom.JSONFormatter`. Raises :class:`ConfigError`, before anything has
    changed, where a key or a name is wrong.
    """
    left_out: list[str] = []
    if isinstance(source, Mapping):
        given = _copied(source)
    elif Path(source).suffix == ".properties":
        given, left_out = _read_properties(Path(source))
    else:
        given = _read(Path(source))
    config, notes = _mapped(given)
    logging.config.dictConfig(config)
    return left_out + notes


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
        raise ConfigError(f"{path}: cannot be read: {error}") from error


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


def _check(place: str, keys: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in keys:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
            raise ConfigError(f"{place}{key}: is not known{hint}")


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
    notes: list[str] = []
    for name, formatter in _sections(config, "formatters").items():
        if "()" not in formatter:
            _check(f"formatters.{name}.", formatter, _FORMATTER)
        _map_formatter(formatter)
    handlers = _sections(config, "handlers")
    files = {name: handlers[name] for name in handlers if _is_file(handlers[name])}
    for name, handler in files.items():
        unused = [key for key in _OF_FILES if key in handler]
        if unused:
            notes.append(f"handlers.{name}: the log takes the place of {', '.join(unused)}")
    loggers = [(f"loggers.{name}.", one) for name, one in _sections(config, "loggers").items()]
    if isinstance(config.get("root"), dict):
        loggers.append(("root.", config["root"]))
    for place, logger in loggers:
        _check(place, logger, _LOGGER)
        _map_logger(place, logger, handlers, files)
    for name in files:
        del handlers[name]
    return config, notes


def _last(path: object) -> str:
    return str(path).rpartition(".")[2]


def _is_file(handler: Section) -> bool:
    name = _last(handler.get("class", handler.get("()", "")))
    return name.endswith(_FILE_CLASSES)


def _map_formatter(formatter: Section) -> None:
    for key in ("class", "()"):
        if _last(formatter.get(key, "")) in _JSON_FORMATTERS:
            formatter[key] = "logloom.JSONFormatter"


def _map_logger(
    place: str, logger: Section, handlers: dict[str, Section], files: dict[str, Section]
) -> None:
    given: object = logger.get("handlers") or []
    if not isinstance(given, list):
        raise ConfigError(f"{place}handlers: must be a list of names")
    names = cast("list[str]", given)
    for name in names:
        if name not in handlers:
            near = difflib.get_close_matches(str(name), handlers, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ConfigError(f"{place}handlers: {name!r} is no handler of this file{hint}")
    own = [name for name in names if name in files]
    if not own:
        return
    levels = {name: files[name].get("level", logging.NOTSET) for name in own}
    filters = [one for name in own for one in files[name].get("filters", [])]
    combined = "logloom:" + "+".join(own)
    handlers[combined] = {"()": StreamHandler, "streams": levels}
    if filters:
        handlers[combined]["filters"] = sorted(set(filters))
    kept = [name for name in names if name not in files]
    logger["handlers"] = [*kept, combined]


__all__ = ["AsyncQueueHandler", "ConfigError", "StreamHandler", "dict_config"]
