"""Sampling through the three doors, by configuration and by ``init``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Line, Lines, lines_of

import logloom

Start = Callable[[dict[str, Any]], Lines]
COUNT = 1_000


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    def with_sample(sample: dict[str, Any]) -> Lines:
        settings: dict[str, Any] = {"sample": sample, "overflow.default": "block"}
        logloom.init(dir=tmp_path, service="test", level="DEBUG", settings=settings)

        def read() -> list[Line]:
            logloom.shutdown()
            return lines_of(tmp_path)

        return read

    yield with_sample
    logloom.shutdown()


def told(lines: list[Line]) -> dict[str, int]:
    reports = [line for line in lines if line.get("event") == "logloom.sampling"]
    return {line["rule"]: line["left_out"] for line in reports}


def count(lines: list[Line], level: str) -> int:
    return sum(line["level"] == level and "event" not in line for line in lines)


def check(lines: list[Line]) -> None:
    assert count(lines, "WARN") == COUNT
    left_out = told(lines)
    for level in ("DEBUG", "INFO"):
        kept = count(lines, level)
        assert 40 <= kept <= 180
        assert left_out[level] == COUNT - kept


def test_own_loggers(start: Start) -> None:
    read = start({"enabled": True})
    log = logloom.get_logger("shop.own")
    for number in range(COUNT):
        log.debug("a step", number=number)
        log.info("user {user} came", user=number)
        log.warning("careful", number=number)
    assert log.is_enabled_for("INFO")
    check(read())


def test_the_standard_library(start: Start) -> None:
    read = start({"DEBUG": 0.1, "INFO": 0.1})
    logloom.install(level=logging.DEBUG)
    log = logging.getLogger("shop.standard")
    try:
        for number in range(COUNT):
            log.debug("step %d", number)
            log.info("user %s came", number, extra={"user": number})
            log.warning("careful")
    finally:
        logloom.uninstall()
    check(read())


def test_a_handler(start: Start) -> None:
    read = start({"enabled": True})
    log = logging.getLogger("shop.handler")
    handler = logloom.Handler()
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    try:
        for number in range(COUNT):
            log.debug("step %d", number)
            log.info("user %s came", number, extra={"user": number})
            log.warning("careful")
    finally:
        log.removeHandler(handler)
    check(read())


def test_rules_by_logger_and_first_of_each_place(start: Start) -> None:
    rules = [
        {"name": "burst", "loggers": ["shop.noisy"], "first": 3, "every": 100, "interval": "1h"},
        {"name": "paid", "messages": ["paid *"], "rate": 0},
    ]
    read = start({"rules": rules})
    noisy, shop = logloom.get_logger("shop.noisy.part"), logloom.get_logger("shop")
    for number in range(500):
        noisy.info("again", number=number)
        shop.info("paid {sum}", sum=number)
        shop.info("came")
        shop.error("paid {sum}", sum=number)
    lines = read()
    numbers = [line["number"] for line in lines if line["message"] == "again"]
    assert numbers == [0, 1, 2, 102, 202, 302, 402]
    assert told(lines) == {"burst": 493, "paid": 500}
    assert sum(line["message"] == "came" for line in lines) == 500
    assert sum(line["level"] == "ERROR" for line in lines) == 500


def test_a_trace_is_there_whole_or_not_at_all(start: Start) -> None:
    read = start({"INFO": 0.5})
    log = logloom.get_logger("shop.traces")
    for number in range(100):
        with logloom.context(trace_id=f"order-{number}"):
            for _ in range(3):
                log.info("a step of it")
    traces: dict[str, int] = {}
    for line in read():
        if "trace_id" in line:
            traces[line["trace_id"]] = traces.get(line["trace_id"], 0) + 1
    assert set(traces.values()) == {3}
    assert 20 <= len(traces) <= 80


def test_the_registry_counts(start: Start) -> None:
    start({"INFO": 0})
    log = logloom.get_logger("shop.counted")
    for _ in range(7):
        log.info("left out")
    assert 'logloom_sampling_left_out_total{rule="INFO"} 7' in logloom.MetricsRegistry().expose()


def test_a_fork_child_counts_for_itself(program: Callable[..., tuple[list[Line], str]]) -> None:
    text = """
import os, sys
import logloom
logloom.init(dir=sys.argv[1], service="test", settings={"sample.INFO": 0})
log = logloom.get_logger("shop")
for _ in range(50):
    log.info("left out")
child = os.fork()
for _ in range(100 if child == 0 else 20):
    log.info("left out")
log.warning("here")
logloom.shutdown()
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
    lines, _ = program(text)
    left_out = [line["left_out"] for line in lines if line.get("event") == "logloom.sampling"]
    assert sorted(left_out) == [70, 100]
    assert sum(line["message"] == "here" for line in lines) == 2
