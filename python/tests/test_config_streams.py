"""``dict_config``: which records are in the log for which files, and what is refused."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Lines

import logloom

NAMES = ("shop", "shop.pay", "shop.pay.card")


@pytest.fixture
def clean() -> Iterator[None]:
    """``logging`` as it was, afterwards."""
    root = logging.root
    before, level = root.handlers[:], root.level
    yield
    for logger in [root, *(logging.getLogger(name) for name in NAMES)]:
        logger.handlers.clear()
        logger.filters.clear()
        logger.propagate = True
        logger.setLevel(level if logger is root else logging.NOTSET)
    for handler in before:
        root.addHandler(handler)


def file(**more: Any) -> dict[str, Any]:
    return {"class": "logging.FileHandler", "filename": "app.log", **more}


def configured(**config: Any) -> list[str]:
    return logloom.dict_config({"version": 1, "disable_existing_loggers": False, **config})


class Starting(logging.Filter):
    """Keeps messages that start so."""

    def __init__(self, start: str) -> None:
        super().__init__()
        self.start = start
        self.asked: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        self.asked.append(record.getMessage())
        return record.getMessage().startswith(self.start)


def shown(lines: Lines) -> list[tuple[str, Any]]:
    return [(line["message"], line["stream"]) for line in lines()]


def test_a_filter_holds_for_its_own_file_alone(lines: Lines, clean: None) -> None:
    configured(
        filters={"audit": {"()": Starting, "start": "audit"}},
        handlers={"all": file(), "audit": file(filters=["audit"])},
        root={"level": "INFO", "handlers": ["all", "audit"]},
    )
    logging.getLogger("shop").info("plain")
    logging.getLogger("shop").info("audit: signed in")
    assert shown(lines) == [("plain", "all"), ("audit: signed in", ["all", "audit"])]
    (one,) = (handler for handler in logging.root.handlers if handler.filters)
    (asked,) = one.filters
    assert isinstance(asked, Starting) and asked.asked == ["plain", "audit: signed in"]


def test_a_record_for_files_of_a_logger_and_of_those_above_is_in_the_log_once(
    lines: Lines, clean: None
) -> None:
    configured(
        handlers={"app": file(), "pay": file(), "errors": file(level="ERROR")},
        loggers={"shop.pay": {"handlers": ["pay"]}, "shop": {"handlers": ["errors"]}},
        root={"level": "INFO", "handlers": ["app"]},
    )
    logging.getLogger("shop.pay.card").info("paid")
    logging.getLogger("shop.pay").error("refused", extra={"stream": "own"})
    logging.getLogger("shop").info("seen")
    logging.getLogger("shop").propagate = False
    logging.getLogger("shop.pay").info("no further")
    assert shown(lines) == [
        ("paid", ["pay", "app"]),
        ("refused", ["pay", "errors", "app"]),
        ("seen", "app"),
        ("no further", "pay"),
    ]


def test_other_handlers_see_the_record_as_it_was(lines: Lines, clean: None) -> None:
    seen: list[dict[str, Any]] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(dict(record.__dict__))
            if record.getMessage() == "outer":
                logging.getLogger("shop.pay").info("from within a handler")

    configured(
        handlers={"pay": file(), "app": file(), "seen": {"()": Keeping}},
        loggers={"shop.pay": {"handlers": ["pay", "seen"]}},
        root={"level": "INFO", "handlers": ["app"]},
    )
    logging.getLogger("shop.pay").info("outer")
    assert not any("stream" in one for one in seen)
    both = ["pay", "app"]
    assert shown(lines) == [("outer", both), ("from within a handler", both)]


def test_files_stand_behind_the_memory_of_another_handler(lines: Lines, clean: None) -> None:
    memory = {"class": "logging.handlers.MemoryHandler", "capacity": 10, "target": "app"}
    configured(
        handlers={"memory": memory, "app": file()},
        root={"level": "INFO", "handlers": ("memory",)},
    )
    logging.getLogger("shop").info("kept back")
    assert lines() == []
    logging.getLogger("shop").error("now")
    assert shown(lines) == [("kept back", "app"), ("now", "app")]


@pytest.mark.skipif(
    sys.version_info < (3, 12), reason="logging knows handlers of a queue from 3.12"
)
def test_files_stand_behind_a_queue(lines: Lines, clean: None) -> None:
    queue = {"class": "logging.handlers.QueueHandler", "handlers": ["app"]}
    configured(
        handlers={"queue": queue, "app": file()}, root={"level": "INFO", "handlers": ["queue"]}
    )
    (handler,) = (
        one for one in logging.root.handlers if isinstance(one, logging.handlers.QueueHandler)
    )
    listener: Any = getattr(handler, "listener")  # noqa: B009 - unknown to the types of 3.10
    listener.start()
    logging.getLogger("shop").info("by the queue")
    listener.stop()
    assert shown(lines) == [("by the queue", "app")]


def test_a_level_is_changed_alone(lines: Lines, clean: None) -> None:
    configured(handlers={"app": file()}, root={"level": "INFO", "handlers": ["app"]})
    logloom.dict_config(
        {"version": 1, "incremental": True, "handlers": {"app": {"level": "ERROR"}}}
    )
    logging.getLogger("shop").info("below")
    logging.getLogger("shop").error("above")
    assert shown(lines) == [("above", "app")]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (
            {"handlers": {"a": {"class": "logging.FileHandler", "filname": "x"}}},
            "handlers.a.filname: is not known; did you mean 'filename'?",
        ),
        (
            {"handlers": {"a": file(formatter="jsom")}, "formatters": {"json": {}}},
            "handlers.a.formatter: 'jsom' is no formatter of this file; did you mean 'json'?",
        ),
        (
            {"handlers": {"a": file(filters=["audti"])}, "filters": {"audit": {}}},
            "handlers.a.filters: 'audti' is no filter of this file; did you mean 'audit'?",
        ),
        (
            {"handlers": {"a": file(level="INOF")}},
            "handlers.a.level: 'INOF' is no level; did you mean 'INFO'?",
        ),
        ({"root": {"level": "INOF"}}, "root.level: 'INOF' is no level; did you mean 'INFO'?"),
        ({"loggers": {"a": {"level": 1.5}}}, "loggers.a.level: 1.5 is no level"),
        (
            {"handlers": {"a": {"class": "logging.StremHandler"}}},
            "handlers.a.class: 'logging.StremHandler' cannot be found; "
            "did you mean 'logging.StreamHandler'?",
        ),
        ({"handlers": {"a": {"class": "nowhere.Handler"}}}, "No module named 'nowhere'"),
        ({"formatters": {"a": {"class": "nowhere.Formatter"}}}, "formatters.a.class: 'nowhere."),
        ({"root": {"handlers": "a"}}, "root.handlers: must be a list of names"),
    ],
)
def test_what_is_wrong_is_told_before_anything_has_changed(
    lines: Lines, clean: None, config: dict[str, Any], told: str
) -> None:
    handler = logging.NullHandler()
    logging.getLogger("shop").addHandler(handler)
    with pytest.raises(logloom.ConfigError) as caught:
        configured(**config)
    assert told in str(caught.value)
    assert logging.getLogger("shop").handlers == [handler]


def test_what_logging_refuses_is_told_with_its_reason(lines: Lines, clean: None) -> None:
    with pytest.raises(logloom.ConfigError, match="handler 'a'.*unexpected keyword.*'strem'"):
        configured(handlers={"a": {"class": "logging.StreamHandler", "strem": 1}})


def test_settings_of_a_class_of_ones_own_are_named(lines: Lines, clean: None) -> None:
    own = {"class": "shop.log.BestFileHandler", "filename": "a", "shards": 4}
    notes = configured(handlers={"a": own}, root={"handlers": ["a"]})
    assert notes == ["handlers.a: the log takes the place of filename, shards"]


def test_references_are_left_to_logging(lines: Lines, clean: None) -> None:
    configured(
        handlers={
            "app": file(level="ext://logging.ERROR"),
            "null": {"class": "logging.NullHandler", "level": "cfg://root.level"},
        },
        root={"level": "INFO", "handlers": ["app", "null"]},
    )
    logging.getLogger("shop").info("below")
    logging.getLogger("shop").error("above")
    assert shown(lines) == [("above", "app")]
