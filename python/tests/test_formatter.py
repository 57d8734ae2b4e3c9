"""``JSONFormatter``: what a pattern or a name hides is nowhere in the line, and odd records have a line too."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from conftest import Lines

import logloom

SECRET = "EMP-2345"


def record(message: str = "m", **attributes: Any) -> logging.LogRecord:
    made = logging.LogRecord("shop", logging.INFO, "shop.py", 7, message, (), None)
    made.__dict__.update(attributes)
    return made


class Person:
    def __str__(self) -> str:
        return f"Ann ({SECRET})"


@pytest.mark.parametrize(
    "attributes",
    [
        {"staff": SECRET},
        {"staff": {"of": [SECRET, {"deep": f"x {SECRET}"}]}},
        {"staff": (SECRET,)},
        {"staff": {SECRET: 1}},
        {SECRET: "a name"},
        {"staff": Person()},
        {"exc_info": (ValueError, ValueError(f"no {SECRET}"), None)},
        {"exc_text": f"ValueError: {SECRET}"},
        {"stack_info": f"at {SECRET}"},
        {"threadName": SECRET, "name": SECRET, "funcName": SECRET, "pathname": SECRET},
    ],
)
def test_a_pattern_hides_in_every_part_of_the_line(
    lines: Lines, attributes: dict[str, Any]
) -> None:
    formatter = logloom.JSONFormatter(patterns=[r"EMP-\d+"], labels={"of": SECRET, SECRET: "x"})
    with logloom.context(owner=SECRET):
        text = formatter.format(record(f"paid {SECRET}", **attributes))
    assert SECRET not in text
    line = json.loads(text)
    assert line["message"] == "paid [MASKED]" and line["owner"] == "[MASKED]"
    assert list(line)[:3] == ["timestamp", "level", "module"]


def test_a_pattern_hides_numbers_of_fields_and_none_of_the_line(lines: Lines) -> None:
    formatter = logloom.JSONFormatter(patterns=[r"\d{4,}"])
    line = json.loads(formatter.format(record(card=4111111111111111, sum=17, lineno=12345)))
    assert (line["card"], line["sum"], line["line"]) == ("[MASKED]", 17, 12345)
    assert line["timestamp"].startswith("20")


def test_what_is_hidden_leaves_a_line_that_can_be_written(lines: Lines) -> None:
    formatter = logloom.JSONFormatter(patterns=["x"])
    line = formatter.format(record(a='x"\\ü', b="x\ud800"))
    assert json.loads(line.encode())["a"] == '[MASKED]"\\ü' and "ü" in line


def test_a_name_hides_in_every_part_of_the_line(lines: Lines) -> None:
    formatter = logloom.JSONFormatter(mask=["staff"], labels={"staff": SECRET})
    text = formatter.format(record(staff=SECRET, deep={"a": [{"staff": SECRET}]}))
    assert SECRET not in text


@pytest.mark.parametrize("created", [float("nan"), 1e20, float("-inf"), None])
def test_a_record_without_a_real_time_has_a_line(lines: Lines, created: Any) -> None:
    line = json.loads(logloom.JSONFormatter().format(record(created=created)))
    assert line["timestamp"].startswith("20")


def test_an_exception_is_taken_as_it_was_given(lines: Lines) -> None:
    formatter = logloom.JSONFormatter()
    try:
        raise ValueError("v")
    except ValueError as error:
        for given in (True, error, (type(error), error, None)):
            line = json.loads(formatter.format(record(exc_info=given)))
            assert line["exception"]["message"] == "v"
    for given in (True, (None, None, None), (), 5):
        assert "exception" not in json.loads(formatter.format(record(exc_info=given)))
