"""``JSONFormatter``: a record of ``logging`` as the line that the log has, for handlers that write elsewhere."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any, cast

from . import _core

_OWN = {"message", "asctime", *logging.LogRecord("", 0, "", 0, "", (), None).__dict__}
_LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}

MASK = "[MASKED]"

# The moment and the level are the formatter's own and no secrets; neither are the numbers of the line's own parts.
_OWN_PARTS = ("service", "module", "message", "file", "line", "function", "thread", "process")
_EXEMPT = ("timestamp", "level")

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_TEXT_OR_NUMBER = re.compile(_TEXT.pattern + r"|-?\d[\d.eE+-]*")


class JSONFormatter(logging.Formatter):
    """One line of JSON for each record, in the order and with the names of the log, secrets hidden.

    ``mask`` has further names of secret fields, ``patterns`` regular expressions of which each match is
    replaced by ``[MASKED]``, in every text and name of the line and in the numbers of its fields;
    ``personal`` sorts of personal data (``email``, ``phone`` ...). ``service`` stands in each line; ``labels``
    is an object with fixed values. Fields of ``extra`` and of the context follow the message. Levels are
    spelt as Python does, or as the log does with ``python_levels=False``.

    In a ``dictConfig``: ``"()": "logloom.JSONFormatter"``, or ``"class"`` without arguments. Format strings of
    other formatters are accepted and not used.
    """

    def __init__(
        self,
        fmt: str | None = None,
        datefmt: str | None = None,
        style: str = "%",
        validate: bool = True,
        *,
        service: str | None = None,
        labels: Mapping[str, object] | None = None,
        mask: Iterable[str] = (),
        patterns: Iterable[str | re.Pattern[str]] = (),
        personal: Iterable[str] = (),
        python_levels: bool = True,
    ) -> None:
        super().__init__()
        self._service = service
        self._labels = dict(labels) if labels else None
        self._masker = _core.Masker(list(mask), list(personal))
        self._patterns = [re.compile(pattern) for pattern in patterns]
        self._has_python_levels = python_levels

    def format(self, record: logging.LogRecord) -> str:
        line = self.fields(record)
        if not self._patterns:
            return self._masker.json(line)
        exempt = {key: line.pop(key) for key in _EXEMPT}
        own = {key: line.pop(key) for key in _OWN_PARTS if key in line}
        parts = [self._masker.json(exempt)]
        # After the masks, which make texts of exceptions and objects: what is written is what is searched.
        parts.append(_TEXT.sub(self._hidden_token, self._masker.json(own)))
        if line:
            parts.append(_TEXT_OR_NUMBER.sub(self._hidden_token, self._masker.json(line)))
        return "{" + ",".join(part[1:-1] for part in parts) + "}"

    def _hidden_token(self, found: re.Match[str]) -> str:
        token = found[0]
        text: str = json.loads(token) if token[0] == '"' else token
        hidden = self._hidden(text)
        return token if hidden == text else _quoted(hidden)

    def fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """What the line of a record has, before secrets of known names and shapes are hidden."""
        moment = _moment(record.created)
        line: dict[str, Any] = {
            "timestamp": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "level": self._level(record.levelname),
        }
        if self._service is not None:
            line["service"] = self._service
        line["module"] = record.name
        line["message"] = self._hidden(_message(record))
        line["file"] = record.pathname
        line["line"] = record.lineno
        line["function"] = record.funcName
        line["thread"] = record.threadName
        line["process"] = record.process
        scope = _core._scope.get()
        if scope is not None:
            line.update(self._clean(scope.fields()))
        own = {key: value for key, value in record.__dict__.items() if key not in _OWN}
        line.update({f"{key}_" if key in line else key: own[key] for key in self._clean(own)})
        if self._labels is not None:
            line.setdefault("labels", self._labels)
        error = _exception(record.exc_info)
        if error is not None:
            line["exception"] = error
        elif record.exc_text:
            line["exception"] = self._hidden(record.exc_text)
        if record.stack_info:
            line["stack"] = record.stack_info
        return line

    def _level(self, name: str) -> str:
        return name if self._has_python_levels else _LEVELS.get(name, name)

    def _hidden(self, text: str) -> str:
        for pattern in self._patterns:
            text = pattern.sub(MASK, text)
        return text

    def _clean(self, fields: dict[str, Any]) -> dict[str, Any]:
        if not self._patterns:
            return fields
        return {
            key: self._hidden(value) if isinstance(value, str) else value
            for key, value in fields.items()
        }


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    try:
        quoted.encode()
    except UnicodeEncodeError:  # a lone surrogate, which a line of UTF-8 cannot have
        return json.dumps(text)
    return quoted


def _moment(created: float) -> datetime:
    """When it was made; now, where the record has no time that a calendar knows."""
    try:
        return datetime.fromtimestamp(created, timezone.utc)
    except (ValueError, OverflowError, OSError, TypeError):
        return datetime.now(timezone.utc)


def _exception(given: object) -> BaseException | None:
    """That of a record, which has what its maker gave: a triple, an exception, or ``True``."""
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        found = [
            part for part in cast("tuple[object, ...]", given) if isinstance(part, BaseException)
        ]
        return found[0] if found else None
    return sys.exc_info()[1] if given else None


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception as error:  # what a formatter raises is printed, and the record lost
        return f"{record.msg} [UNFORMATTED {record.args!r}: {type(error).__name__}: {error}]"
