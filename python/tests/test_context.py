"""Scopes in threads, tasks, generators; traces in and out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest
from conftest import Lines

import logloom

log = logloom.get_logger("test.context")
HEADER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_scopes_nest_and_end(lines: Lines) -> None:
    with logloom.context(request_id="r", user="ann", password="hunter2"):
        with logloom.context(user="bob"):
            log.info("inner", user_agent="x")
            assert logloom.current_context()["user"] == "bob"
        log.info("outer")
    log.info("none")
    inner, outer, none = lines()
    assert (inner["user"], inner["request_id"], inner["password"]) == ("bob", "r", "[MASKED]")
    assert outer["user"] == "ann"
    assert "user" not in none and logloom.current_context() == {}


def test_tasks_have_their_own_scopes(lines: Lines) -> None:
    async def work(number: int) -> None:
        async with logloom.context(task=number):
            for _ in range(20):
                log.info("step", of=number)
                await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(*(work(number) for number in range(20)))

    asyncio.run(main())
    read = lines()
    assert len(read) == 400 and all(line["task"] == line["of"] for line in read)


def test_threads_take_the_context_they_are_given(lines: Lines) -> None:
    def work(where: str) -> None:
        log.info("work", where=where)

    with logloom.context(request_id="r"):
        with ThreadPoolExecutor(2) as pool:
            logloom.submit(pool, work, "pool").result()
            pool.submit(work, "bare").result()
        thread = Thread(target=logloom.in_context(work), args=("thread",))
        thread.start()
        thread.join()
    found = {line["where"]: line.get("request_id") for line in lines()}
    assert found == {"pool": "r", "bare": None, "thread": "r"}


def test_decorators_of_every_kind(lines: Lines) -> None:
    scope = logloom.context(request_id="r")

    @scope
    def plain(depth: int = 1) -> int:
        log.info("plain")
        return plain(depth - 1) if depth else 7

    @scope
    async def coroutine() -> int:
        log.info("coroutine")
        return 8

    @scope
    def generator() -> Iterator[int]:
        log.info("generator")
        yield 9

    @scope
    async def async_generator() -> AsyncIterator[int]:
        log.info("async generator")
        yield 10

    async def main() -> list[int]:
        return [await coroutine(), *[value async for value in async_generator()]]

    assert (plain(), asyncio.run(main()), list(generator())) == (7, [8, 10], [9])
    assert all(line["request_id"] == "r" for line in lines()) and len(lines()) == 5
    assert logloom.current_context() == {}


def test_traces_come_in_and_go_out(lines: Lines) -> None:
    with logloom.trace(HEADER, request_id="r"):
        log.info("served")
        sent = logloom.traceparent()
        with logloom.trace():
            log.info("child")
    with logloom.trace("00-zz"):
        log.info("new")
    assert logloom.traceparent() is None
    served, child, new = lines()
    assert served["trace_id"] == child["trace_id"] == HEADER.split("-")[1]
    assert (served["parent_span_id"], served["request_id"]) == ("00f067aa0ba902b7", "r")
    assert child["parent_span_id"] == served["span_id"]
    assert sent == f"00-{served['trace_id']}-{served['span_id']}-01"
    assert new["trace_id"] != served["trace_id"]


def test_many_threads_lose_nothing(lines: Lines) -> None:
    def work(number: int) -> None:
        with logloom.context(worker=number):
            for step in range(2_000):
                log.info("step", of=number, step=step)

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read = lines()
    assert len(read) == 16_000 and all(line["worker"] == line["of"] for line in read)
    assert {(line["of"], line["step"]) for line in read} == {
        (number, step) for number in range(8) for step in range(2_000)
    }


def test_code_of_a_value_does_not_change_the_context_of_its_record(lines: Lines) -> None:
    class Row:
        def __str__(self) -> str:
            with logloom.context(request_id="inner"):
                log.info("inner")
            return "row"

    with logloom.context(request_id="outer"):
        log.info("outer %s", Row())
        log.info("outer {row!s:>4}", row=Row())
    log.info("none", row=Row())
    told = [
        (line["message"], line.get("request_id")) for line in lines() if line["message"] != "inner"
    ]
    assert told == [("outer row", "outer"), ("outer  row", "outer"), ("none", None)]


def test_what_a_value_logs_in_a_scope_of_its_own_changes_nothing_around_it(lines: Lines) -> None:
    class Row:
        def __str__(self) -> str:
            with logloom.context(request_id="inner", table="rows"):
                log.info("asked")
            return "row"

    with logloom.context(request_id="outer"):
        log.info("found %s", Row())
        log.info("found", row=Row())
        log.error("found", row=logloom.lazy(lambda: str(Row())))
        log.info("found {:>5}", Row(), exc_info=ValueError(Row()))
    log.info("found %s", Row())
    found = [line for line in lines() if line["message"].startswith("found")]
    assert [line.get("request_id") for line in found] == ["outer"] * 4 + [None]
    assert not any("table" in line for line in found)


def test_greenlets_in_code_of_values_are_told_apart(lines: Lines) -> None:
    greenlet = pytest.importorskip("greenlet")
    waiting = []

    class Row:
        def __init__(self, number: int) -> None:
            self.number = number

        def __str__(self) -> str:
            waiting.append(greenlet.getcurrent())
            main.switch()
            return f"row {self.number}"

    def job(number: int) -> None:
        with logloom.context(request_id=f"r{number}"):
            log.info("job %s", Row(number), number=number)

    main = greenlet.getcurrent()
    for number in range(10):
        greenlet.greenlet(job).switch(number)
    for each in waiting[::2] + waiting[1::2]:
        each.switch()
    found = {line["number"]: line for line in lines()}
    assert {number: line["message"] for number, line in found.items()} == {
        number: f"job row {number}" for number in range(10)
    }
    assert all(line["request_id"] == f"r{number}" for number, line in found.items())
