"""Doors (b) and (c): the standard ``logging``."""

from __future__ import annotations

import collections
import logging
import logging.config
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest
from conftest import Lines

import logloom

log = logging.getLogger("test.stdlib")


@pytest.fixture
def installed(lines: Lines) -> Iterator[Lines]:
    """``logging`` as it is after ``install()``, without pytest's own handlers in the chain."""
    root = logging.root
    before, level = root.handlers[:], root.level
    logloom.install(level=logging.DEBUG)
    yield lines
    logloom.uninstall()
    root.setLevel(level)
    for handler in before:
        root.addHandler(handler)


def messages(lines: Lines) -> list[str]:
    return [line["message"] for line in lines()]


def test_the_methods_are_native_and_the_loggers_what_they_were(installed: Lines) -> None:
    assert isinstance(log, logging.Logger) and isinstance(logging.root, logging.RootLogger)
    assert logging.getLogger("test.stdlib.later").parent is log
    assert type(log).info is not logging.Logger.info
    assert isinstance(log.handlers, list)


def test_levels_names_and_places(installed: Lines) -> None:
    log.debug("a %s %d", "b", 3)
    log.warning("100%")
    log.warning("user %(name)s", {"name": "ann"})
    log.log(logging.CRITICAL, "c")
    here = sys._getframe().f_lineno
    read = installed()
    assert [line["message"] for line in read] == ["a b 3", "100%", "user ann", "c"]
    assert [line["level"] for line in read] == ["DEBUG", "WARN", "WARN", "FATAL"]
    assert {line["module"] for line in read} == {"test.stdlib"}
    assert [(line["file"], line["line"]) for line in read] == [
        (__file__, here - step) for step in (4, 3, 2, 1)
    ]


def test_callers_behind_logging_itself_are_found(installed: Lines) -> None:
    logging.info("by the module")
    logging.LoggerAdapter(log, {"user": "ann"}).warning("by an adapter")

    def helper() -> None:
        log.info("above", stacklevel=2)

    helper()
    here = sys._getframe().f_lineno - 1
    first, second, third = installed()
    assert first["file"] == second["file"] == third["file"] == __file__
    assert (first["line"], second["line"], third["line"]) == (here - 6, here - 5, here)
    assert (first["module"], second["user"]) == ("root", "ann")


def test_extra_never_raises(installed: Lines) -> None:
    log.info("m {user}", extra={"user": "ann", "name": "n", "message": "x", "password": "hunter2"})
    line = installed()[0]
    assert (line["message"], line["user"], line["password"]) == ("m {user}", "ann", "[MASKED]")
    assert line["message_"] == "x"


def test_exceptions_and_stacks(installed: Lines) -> None:
    try:
        raise ValueError("bad")
    except ValueError:
        log.exception("failed %d", 1)
        log.error("told", exc_info=True)
        log.error("by triple", exc_info=sys.exc_info())
    log.error("nothing", exc_info=True)
    log.info("stack", stack_info=True)
    read = installed()
    assert [line["exception"]["type"] for line in read[:3]] == ["ValueError"] * 3
    assert read[0]["message"] == "failed 1" and "exception" not in read[3]
    assert read[4]["stack"]["frames"][0]["file"] == __file__


def test_whatever_is_logged_is_told(installed: Lines) -> None:
    log.info("bad %d", "x")
    log.info("too many", 1)
    log.info(ValueError("as a message"))
    log.info(["a", 1])
    read = messages(installed)
    assert "[UNFORMATTED" in read[0] and "[UNFORMATTED" in read[1]
    assert read[2:] == ["as a message", "['a', 1]"]


def test_levels_change_at_once(installed: Lines) -> None:
    for number in range(3):
        log.setLevel(logging.ERROR)
        log.info("off %d", number)
        log.setLevel(logging.NOTSET)
        log.info("on %d", number)
        logging.disable(logging.CRITICAL)
        log.critical("disabled %d", number)
        logging.disable(logging.NOTSET)
        log.disabled = True
        log.critical("disabled logger %d", number)
        log.disabled = False
        logging.root.handlers[0].setLevel(logging.ERROR)
        log.warning("below the handler %d", number)
        logging.root.handlers[0].setLevel(logging.NOTSET)
    assert messages(installed) == ["on 0", "on 1", "on 2"]


class Keeps(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def test_other_handlers_miss_nothing(installed: Lines) -> None:
    keeps = Keeps()
    log.info("before")
    log.addHandler(keeps)
    log.info("with %d", 1, extra={"user": "ann", "name": "no clash"})
    log.removeHandler(keeps)
    log.info("after")
    log.handlers.append(keeps)
    log.info("appended")
    log.handlers = []
    log.info("emptied")
    assert [record.getMessage() for record in keeps.records] == ["with 1", "appended"]
    assert messages(installed) == ["before", "with 1", "after", "appended", "emptied"]
    assert installed()[1]["user"] == "ann" and installed()[1]["file"] == __file__


def test_filters_factories_and_changed_methods_are_asked(
    installed: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_even(record: logging.LogRecord) -> bool:
        return bool(record.args and int(str(record.args[0])) % 2 == 0)  # type: ignore[index]

    log.addFilter(only_even)
    for number in range(4):
        log.info("%d", number)
    log.removeFilter(only_even)
    made: list[str] = []

    def factory(*args: object, **named: object) -> logging.LogRecord:
        made.append("record")
        return logging.LogRecord(*args, **named)  # type: ignore[arg-type]

    logging.setLogRecordFactory(factory)
    log.info("made")
    logging.setLogRecordFactory(logging.LogRecord)
    original = logging.Logger.callHandlers
    seen: list[str] = []

    def call_handlers(self: logging.Logger, record: logging.LogRecord) -> None:
        seen.append(record.getMessage())
        original(self, record)

    with monkeypatch.context() as patch:
        patch.setattr(logging.Logger, "callHandlers", call_handlers)
        log.info("patched")
    log.info("native")
    assert (made, seen) == (["record"], ["patched"])
    assert messages(installed) == ["0", "2", "made", "patched", "native"]


def test_context_reaches_the_standard_loggers(installed: Lines) -> None:
    with logloom.context(request_id="r"):
        log.info("in")
    log.info("out")
    assert [line.get("request_id") for line in installed()] == ["r", None]


def test_everything_is_given_back(installed: Lines) -> None:
    logloom.uninstall()
    assert type(log) is logging.Logger and type(logging.root) is logging.RootLogger
    assert type(log.handlers) is list and logging.getLoggerClass() is logging.Logger
    log.warning("not for us")
    assert installed() == []


def test_the_handler_in_a_dict_config(lines: Lines) -> None:
    root = logging.root
    before = root.handlers[:]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"log": {"class": "logloom.Handler", "level": "INFO"}},
            "loggers": {"test.stdlib": {"handlers": ["log"], "level": "DEBUG", "propagate": False}},
        }
    )
    try:
        log.debug("below")
        log.info("kept %s", "x", extra={"user": "ann"})
    finally:
        log.handlers.clear()
        log.propagate = True
        root.handlers[:] = before
    line = lines()[0]
    assert (line["message"], line["user"], line["module"]) == ("kept x", "ann", "test.stdlib")
    assert line["file"] == __file__ and len(lines()) == 1


LEVELS = """
import logging, os, sys
import logloom

os.environ["LOGLOOM__STORE__DIR"] = sys.argv[1]
way, level = sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None
if level:
    logloom.init(level=level, levels={"quiet": "ERROR"})
if way == "install":
    logloom.install(level="DEBUG")
else:
    logging.basicConfig(level="DEBUG", handlers=[logloom.Handler()])
logging.getLogger("x").debug("kept")
logging.getLogger("quiet").warning("by a rule")
logging.getLogger("x").warning("loud")
logloom.get_logger("own").debug("of the other door")
"""


@pytest.mark.parametrize("way", ["install", "handler"])
@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (None, ["kept", "by a rule", "loud"]),
        ("INFO", ["kept", "loud"]),
        ("WARNING", ["loud"]),
    ],
)
def test_the_levels_of_logging_decide(
    program: Any, way: str, level: str | None, expected: list[str]
) -> None:
    lines, errors = program(LEVELS, way, *([level] if level else []))
    assert ([line["message"] for line in lines], errors) == (expected, "")


def test_methods_that_were_changed_before_are_called(program: Callable[..., Any]) -> None:
    lines, errors = program(
        """
import logging, sys
seen = []
before = logging.Logger.callHandlers
def tracked(self, record):
    seen.append(record.getMessage())
    return before(self, record)
logging.Logger.callHandlers = tracked
import logloom
logloom.init(dir=sys.argv[1])
logloom.install()
logging.getLogger("shop").error("paid %d", 7)
assert seen == ["paid 7"], seen
"""
    )
    assert errors == "" and [line["message"] for line in lines] == ["paid 7"]


@pytest.mark.parametrize("name", ["_log", "handle", "makeRecord", "callHandlers", "findCaller"])
@pytest.mark.parametrize("where", ["logging.Logger", "class", "logger"])
def test_a_method_that_is_changed_after_the_first_record_is_called(
    installed: Lines, name: str, where: str
) -> None:
    log.info("before")
    target: Any = {"logging.Logger": logging.Logger, "class": type(log), "logger": log}[where]
    original = getattr(target, name)
    if where == "logging.Logger" and name == "makeRecord":
        original = logging.Logger.makeRecord
    calls: list[object] = []

    def changed(*arguments: Any, **named: Any) -> Any:
        calls.append(name)
        return original(*arguments, **named)

    with mock.patch.object(target, name, changed):
        log.info("changed")
        log.warning("changed")
    log.info("after")
    assert calls == [name] * 2
    assert messages(installed) == ["before", "changed", "changed", "after"]


@pytest.mark.parametrize("name", ["info", "warning", "exception", "log"])
def test_a_changed_verb_of_the_class_is_called(installed: Lines, name: str) -> None:
    level = [20] if name == "log" else []
    getattr(log, name)(*level, "before")
    with mock.patch.object(logging.Logger, name) as changed:
        getattr(log, name)(*level, "changed")
    getattr(log, name)(*level, "after")
    assert changed.call_count == 1
    assert messages(installed) == ["before", "after"]


@pytest.mark.parametrize("name", ["emit", "handle", "filter"])
@pytest.mark.parametrize("of_class", [False, True])
def test_a_changed_method_of_the_handler_is_called(
    installed: Lines, name: str, of_class: bool
) -> None:
    log.info("before")
    target = logloom.Handler if of_class else logging.root.handlers[0]
    with mock.patch.object(target, name, return_value=False) as changed:
        log.info("changed")
    log.info("after")
    assert changed.call_count == 1
    assert messages(installed) == ["before", "after"]


def test_methods_that_are_added_change_nothing(installed: Lines) -> None:
    log.info("before")
    with mock.patch.object(logging.Logger, "success", create=True):
        log.info("native")
    with mock.patch.object(logging.Logger, "filter", create=True, return_value=False) as changed:
        log.info("changed")
    assert changed.call_count == 1
    assert messages(installed) == ["before", "native"]


def test_a_level_that_is_set_at_the_manager_counts_at_once(installed: Lines) -> None:
    log.info("before")
    logging.root.manager.disable = 20
    try:
        log.info("held back")
        log.warning("kept")
    finally:
        logging.root.manager.disable = 0
    log.info("after")
    assert messages(installed) == ["before", "kept", "after"]


def test_extra_may_be_any_mapping(installed: Lines) -> None:
    class Own:
        def keys(self) -> list[str]:
            return ["a"]

        def __getitem__(self, key: str) -> int:
            return 1

    class Broken(Own):
        def __getitem__(self, key: str) -> int:
            raise RuntimeError

    mappings: list[Any] = [
        types.MappingProxyType({"a": 1}),
        collections.ChainMap({"a": 1}),
        collections.UserDict({"a": 1}),
        Own(),
        {"a": 1, "": 2},
    ]
    for mapping in [*mappings, Broken()]:
        log.info("x", extra=mapping)
    *found, broken = installed()
    assert [line["a"] for line in found] == [1] * len(mappings)
    assert found[-1]["_"] == 2 and not any("extra" in line for line in found)
    assert "a" not in broken and "Broken" in broken["extra"]
