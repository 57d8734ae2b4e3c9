"""Door (c): a record of ``logging``, whatever was done to it."""

from __future__ import annotations

import copy
import logging
from typing import Any

import pytest
from conftest import Line, Lines

import logloom


class Odd:
    def __init__(self) -> None:
        self.record: logging.LogRecord | None = None

    def __str__(self) -> str:
        # A value whose own code takes the record apart while it is being logged.
        if self.record is not None:
            self.record.__dict__.clear()
        return "odd"


CALLS: list[tuple[Any, Any]] = [
    ("plain", ()),
    ("100%", ()),
    ("%s and %d", ("a", 3)),
    ("%r of %5.1f", ("a", 3.25)),
    ("{} is text", ("unused",)),
    ("%s", (Odd(),)),
    ("%(user)s", ({"user": "ann"},)),
    ("too few %s %s", ("one",)),
    ("%d" * 9, tuple(range(9))),
    (17, ()),
    (Odd(), ()),
    ("lone \ud800", ()),
    (None, ()),
]


def shown(line: Line) -> Line:
    """What must not depend on how a record came in."""
    return {key: value for key, value in line.items() if key not in ("timestamp", "template")}


@pytest.mark.parametrize("extra", [{}, {"user": "ann", "password": "hunter2"}])
@pytest.mark.parametrize("call", CALLS, ids=lambda call: repr(call[0])[:20])
def test_a_record_is_the_same_by_both_ways(
    lines: Lines, call: tuple[Any, Any], extra: dict[str, Any]
) -> None:
    handler = logloom.Handler()
    record = logging.LogRecord("test.c", logging.ERROR, "shop.py", 7, *call, None)
    record.__dict__.update(extra)
    other = copy.copy(record)
    # Attributes in another order are looked up by name.
    other.__dict__["name"] = other.__dict__.pop("name")
    handler.handle(record)
    handler.handle(record)
    handler.handle(other)
    first, again, by_name = map(shown, lines())
    assert first == again == by_name
    assert first["level"] == "ERROR" and (first["file"], first["line"]) == ("shop.py", 7)
    assert first.get("user") == extra.get("user")
    assert "hunter2" not in str(first)


def test_values_may_take_the_record_apart(lines: Lines) -> None:
    odd = Odd()
    record = logging.LogRecord("test.c", logging.INFO, "shop.py", 7, "%s %s", (odd, "b"), None)
    odd.record = record
    logloom.Handler().handle(record)
    assert [line["message"] for line in lines()] == ["odd b"]


def test_attributes_of_formatters_are_no_fields_and_lost_ones_no_matter(lines: Lines) -> None:
    handler = logloom.Handler()
    record = logging.LogRecord("test.c", logging.INFO, "shop.py", 7, "%s", ("a",), None)
    logging.Formatter("%(asctime)s %(message)s").format(record)
    handler.handle(record)
    del record.threadName
    record.tenant = "x"
    handler.handle(record)
    first, second = map(shown, lines())
    assert "tenant" not in first and second.pop("tenant") == "x"
    assert first == second


def test_filters_and_changed_handlers_are_asked(lines: Lines) -> None:
    seen: list[str] = []

    class Told(logloom.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage())
            super().emit(record)

    def record(message: str) -> logging.LogRecord:
        return logging.LogRecord("test.c", logging.INFO, "shop.py", 7, message, (), None)

    Told().handle(record("by a subclass"))
    handler = logloom.Handler()
    handler.addFilter(lambda record: "secret" not in record.getMessage())
    handler.handle(record("secret"))
    handler.handle(record("let through"))
    handler.filters.clear()
    handler.handle(record("secret no more"))
    handler.emit = lambda record: seen.append("changed")  # type: ignore[method-assign]
    handler.handle(record("unseen"))
    assert seen == ["by a subclass", "changed"]
    expected = ["by a subclass", "let through", "secret no more"]
    assert [line["message"] for line in lines()] == expected


def test_levels_of_the_library_count(lines: Lines) -> None:
    logloom.set_level("ERROR", "test.c")
    handler = logloom.Handler()
    for level in (logging.INFO, logging.ERROR):
        handler.handle(logging.LogRecord("test.c", level, "shop.py", 7, "m", (), None))
    assert [line["level"] for line in lines()] == ["ERROR"]


def test_one_record_is_wanted(lines: Lines) -> None:
    with pytest.raises(TypeError, match="one record"):
        logloom.Handler().handle()  # type: ignore[call-arg]
