"""Configurations in log4j's properties, of either generation, as the dictionaries that ``logging`` takes.

Comes in: the text of a ``log4j.properties`` or ``log4j2.properties``. Goes out: formatters, handlers, loggers and
root, which ``logloom.dict_config`` then takes like any other; appenders that write files become the log there. What
has no counterpart is named in a note.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

Section = dict[str, Any]

# A level of log4j as `logging` counts.
_LEVELS: dict[str, int | str] = {
    "ALL": 1,
    "TRACE": 5,
    "DEBUG": "DEBUG",
    "INFO": "INFO",
    "WARN": "WARNING",
    "WARNING": "WARNING",
    "ERROR": "ERROR",
    "FATAL": "CRITICAL",
    "CRITICAL": "CRITICAL",
    "OFF": 1000,
}

_HANDLERS = {
    "console": "logging.StreamHandler",
    "file": "logging.FileHandler",
    "randomaccessfile": "logging.FileHandler",
    "rollingfile": "logging.handlers.RotatingFileHandler",
    "rollingrandomaccessfile": "logging.handlers.RotatingFileHandler",
    "dailyrollingfile": "logging.handlers.TimedRotatingFileHandler",
}

# What a pattern's conversions are called in `logging`.
_CONVERSIONS = {
    "d": "asctime",
    "date": "asctime",
    "p": "levelname",
    "level": "levelname",
    "c": "name",
    "logger": "name",
    "m": "message",
    "msg": "message",
    "message": "message",
    "t": "threadName",
    "tn": "threadName",
    "thread": "threadName",
    "F": "filename",
    "file": "filename",
    "L": "lineno",
    "line": "lineno",
    "M": "funcName",
    "method": "funcName",
    "C": "module",
    "class": "module",
    "pid": "process",
    "processId": "process",
}

_CONVERSION = re.compile(r"%(?:(%)|(-?\d{0,3})\d*(?:\.-?\d+)?([a-zA-Z]+)(?:\{[^}]*\})*|)")

# Longest value: what names itself or others many times over grows without bounds.
_VALUE_MAX = 65_536


class PropertiesError(ValueError):
    """What is wrong with a file of properties, and where."""


def configuration(
    text: str, environment: Mapping[str, str] = os.environ
) -> tuple[Section, list[str]]:
    """The configuration that the properties mean, and notes on what is left out."""
    entries = dict(_entries(text))
    values = {key: _filled(key, entries, environment) for key in entries}
    old = {key[6:]: value for key, value in values.items() if key.startswith("log4j.")}
    if any(key.partition(".")[0] in ("rootLogger", "rootCategory") for key in old):
        return _First(old).read()
    if any(key.startswith(("rootLogger", "appender.", "logger.")) for key in values):
        return _Second(values).read()
    raise PropertiesError(
        "neither log4j.rootLogger nor rootLogger is set: these are no settings of log4j"
    )


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Keys and values, as java.util.Properties reads them."""
    whole = ""
    for line in text.splitlines():
        line = line.lstrip()
        if not whole and (not line or line[0] in "#!"):
            continue
        ends = len(line) - len(line.rstrip("\\"))
        if ends % 2 == 1:
            whole += line[:-1]
            continue
        yield _entry(whole + line)
        whole = ""
    if whole:
        yield _entry(whole)


def _entry(line: str) -> tuple[str, str]:
    found = re.match(r"((?:\\.|[^\\=:\s])*)\s*[=:]?\s*(.*)", line, re.S)
    key, value = found.groups() if found else (line, "")
    return _unescaped(key), _unescaped(value).rstrip()


def _unescaped(text: str) -> str:
    escapes = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}

    def one(found: re.Match[str]) -> str:
        code, sign = found.groups()
        return chr(int(code, 16)) if code else escapes.get(sign, sign)

    return re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", one, text, flags=re.S)


def _filled(place: str, entries: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """``${name}`` is another entry, a property of log4j 2, or a variable of the environment."""
    length = 0

    def one(found: re.Match[str]) -> str:
        nonlocal length
        put = filling(found)
        length += len(put)
        if length > _VALUE_MAX:
            raise PropertiesError(
                f"{place}: is longer than {_VALUE_MAX} characters when its names are filled in; "
                "does it name itself?"
            )
        return put

    def filling(found: re.Match[str]) -> str:
        name, _, default = found[1].partition(":-")
        plain = name.partition(":")[2] or name
        for source, key in ((entries, name), (entries, f"property.{plain}"), (environment, plain)):
            if key in source:
                return source[key]
        return default if default else found[0]

    value = entries[place]
    for _ in range(8):
        length = 0
        filled = re.sub(r"\$\{([^{}]+)\}", one, value)
        if filled == value:
            break
        value = filled
    return value


def _level(text: str, place: str) -> int | str:
    level = _LEVELS.get(text.strip().upper())
    if level is None:
        raise PropertiesError(f"{place}: {text!r} is no level; known are {', '.join(_LEVELS)}")
    return level


def _pattern(pattern: str) -> str:
    """A pattern of log4j as a format of ``logging``; what it has no name for is left out."""

    def one(found: re.Match[str]) -> str:
        percent, width, letters = found.groups()
        if percent or not letters:
            return "%%"
        for end in range(len(letters), 0, -1):
            name = _CONVERSIONS.get(letters[:end])
            if name:
                kind = "d" if name in ("lineno", "process") else "s"
                return f"%({name}){width}{kind}" + letters[end:]
        # The end of a line is the handler's own.
        return letters[1:] if letters.startswith("n") else ""

    return _CONVERSION.sub(one, pattern).strip()


def _bytes(text: str) -> int:
    found = re.fullmatch(r"\s*(\d{1,18})\s*([KMG]?)B?\s*", text, re.I)
    if not found:
        return 0
    thousands = " KMG".index(found[2].upper() or " ")
    return int(found[1]) << 10 * thousands


class _Reading:
    """What both generations have in common: the dictionary that is made."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.notes: list[str] = []
        self.config: Section = {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {},
            "handlers": {},
            "loggers": {},
        }

    def handler(self, name: str, kind: str, settings: Section) -> None:
        """Takes an appender over, or notes that it is left out."""
        short = kind.rpartition(".")[2].removesuffix("Appender").lower()
        if short not in _HANDLERS:
            self.notes.append(f"appender {name}: {kind} has no counterpart and is left out")
            return
        handler: Section = {"class": _HANDLERS[short]}
        pattern = settings.pop("pattern", "")
        if pattern:
            # A pattern may be a text alone, which ``logging`` takes for a mistake.
            self.config["formatters"][name] = {"format": _pattern(pattern), "validate": False}
            handler["formatter"] = name
        if short == "console":
            is_error = settings.get("target", "").upper().endswith("ERR")
            handler["stream"] = f"ext://sys.{'stderr' if is_error else 'stdout'}"
        else:
            handler["filename"] = settings.get("file", name)
            if settings.get("size"):
                handler["maxBytes"] = _bytes(settings["size"])
        if settings.get("level"):
            handler["level"] = _level(settings["level"], f"appender {name}")
        self.config["handlers"][name] = handler

    def known(self, names: list[str], place: str) -> list[str]:
        """Those of the appenders that were taken over."""
        for name in names:
            if name not in self.config["handlers"] and not any(
                note.startswith(f"appender {name}:") for note in self.notes
            ):
                raise PropertiesError(f"{place}: there is no appender {name!r}")
        return [name for name in names if name in self.config["handlers"]]

    def section(self, level: str, names: list[str], place: str) -> Section:
        section: Section = {"handlers": self.known(names, place)}
        if level and level.upper() not in ("INHERITED", "NULL"):
            section["level"] = _level(level, place)
        return section


class _First(_Reading):
    """log4j 1: ``log4j.rootLogger=INFO, file``."""

    def read(self) -> tuple[Section, list[str]]:
        names = {key.split(".")[1] for key in self.values if key.startswith("appender.")}
        for name in sorted(names):
            of = {key.lower(): value for key, value in self.under(f"appender.{name}.")}
            kind = self.values.get(f"appender.{name}")
            if kind is None:
                raise PropertiesError(f"log4j.appender.{name}: has no class")
            settings = {
                "pattern": of.get("layout.conversionpattern", ""),
                "target": of.get("target", ""),
                "file": of.get("file", ""),
                "size": of.get("maxfilesize", ""),
                "level": of.get("threshold", ""),
            }
            self.handler(name, kind, settings)
        for key, value in self.values.items():
            head, _, rest = key.partition(".")
            if head in ("rootLogger", "rootCategory"):
                self.config["root"] = self.logger(value, f"log4j.{key}")
            elif head in ("logger", "category") and rest:
                self.config["loggers"][rest] = self.logger(value, f"log4j.{key}")
        for key, value in self.under("additivity."):
            self.config["loggers"].setdefault(key, {})["propagate"] = value.lower() != "false"
        return self.config, self.notes

    def under(self, start: str) -> Iterator[tuple[str, str]]:
        for key, value in self.values.items():
            if key.startswith(start):
                yield key[len(start) :], value

    def logger(self, value: str, place: str) -> Section:
        level, *names = (part.strip() for part in value.split(","))
        return self.section(level, [name for name in names if name], place)


class _Second(_Reading):
    """log4j 2: ``rootLogger.level = info``."""

    def read(self) -> tuple[Section, list[str]]:
        for key in sorted({self.part(key) for key in self.values if key.startswith("appender.")}):
            of = f"appender.{key}."
            kind = self.values.get(f"{of}type")
            if kind is None:
                raise PropertiesError(f"appender.{key}.type: is not set")
            settings = {
                "pattern": self.values.get(f"{of}layout.pattern", ""),
                "target": self.values.get(f"{of}target", ""),
                "file": self.values.get(f"{of}fileName", ""),
                "size": self.values.get(f"{of}policies.size.size", ""),
                "level": self.values.get(f"{of}filter.threshold.level", ""),
            }
            self.handler(self.values.get(f"{of}name", key), kind, settings)
        self.config["root"] = self.logger("rootLogger")
        for key in sorted({self.part(key) for key in self.values if key.startswith("logger.")}):
            name = self.values.get(f"logger.{key}.name")
            if name is None:
                raise PropertiesError(f"logger.{key}.name: is not set")
            logger = self.logger(f"logger.{key}")
            if self.values.get(f"logger.{key}.additivity", "").lower() == "false":
                logger["propagate"] = False
            self.config["loggers"][name] = logger
        return self.config, self.notes

    @staticmethod
    def part(key: str) -> str:
        return key.split(".")[1]

    def logger(self, place: str) -> Section:
        level, *names = (part.strip() for part in self.values.get(place, "").split(","))
        level = self.values.get(f"{place}.level", level)
        for key, value in self.values.items():
            if re.fullmatch(re.escape(place) + r"\.appenderRef\.[^.]+\.ref", key):
                names.append(value)
        return self.section(level, [name for name in names if name], place)
