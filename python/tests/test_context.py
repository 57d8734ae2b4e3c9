"""Scopes in threads, tasks, generators; traces in and out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import Any

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


def test_one_scope_is_entered_by_several_tasks_and_threads(lines: Lines) -> None:
    shared = logloom.context(component="cart")

    async def main() -> None:
        both = asyncio.Event(), asyncio.Event()

        async def first() -> dict[str, object]:
            with shared:
                both[0].set()
                await both[1].wait()
            return logloom.current_context()

        async def second() -> dict[str, object]:
            await both[0].wait()
            with logloom.context(task=2):
                with shared:
                    both[1].set()
                    await asyncio.sleep(0)
                return logloom.current_context()

        assert await asyncio.gather(first(), second()) == [{}, {"task": 2}]

    asyncio.run(main())
    is_in, may_go = Event(), Event()

    def work() -> dict[str, object]:
        with logloom.context(thread=1), shared:
            is_in.set()
            may_go.wait(30)
        return logloom.current_context()

    with ThreadPoolExecutor(1) as pool:
        with shared:
            found = pool.submit(work)
            assert is_in.wait(30)
        assert logloom.current_context() == {}
        may_go.set()
        assert found.result(30) == {}
    with shared, logloom.context(a=1), shared:
        pass
    assert logloom.current_context() == {}


def test_scopes_that_are_left_in_another_order_leave_nothing(lines: Lines) -> None:
    first, second, third = (logloom.context(**{name: 1}) for name in "abc")
    with logloom.context(outer=1):
        for one in (first, second, third):
            one.__enter__()
        for one in (first, third, second):
            one.__exit__(None, None, None)
        assert logloom.current_context() == {"outer": 1}
        first.__exit__(None, None, None)
        assert logloom.current_context() == {"outer": 1}
    assert logloom.current_context() == {}


def test_a_consumer_is_not_within_its_generator(lines: Lines) -> None:
    @logloom.context(job="a")
    def numbers() -> Generator[int, int, str]:
        got = yield 1
        log.info("in a", got=got)
        with logloom.context(step=2):
            try:
                yield got
            except ValueError:
                log.info("thrown in", still=1)
                yield 3
        return "end"

    @logloom.context(job="b")
    def letters() -> Iterator[str]:
        yield from "ab"

    for _ in zip(numbers(), letters(), strict=False):
        assert logloom.current_context() == {}
    assert logloom.current_context() == {}
    one = numbers()
    assert next(one) == 1 and one.send(7) == 7 and one.throw(ValueError()) == 3
    with logloom.context(other=1):
        assert next(one, "over") == "over"
        assert logloom.current_context() == {"other": 1}

    def delegating() -> Iterator[object]:
        yield (yield from numbers())

    assert list(delegating()) == [1, None, "end"]
    read = [line for line in lines() if line["message"] == "thrown in"]
    assert (read[0]["job"], read[0]["step"]) == ("a", 2)


def test_asynchronous_generators_are_forwarded_whole(lines: Lines) -> None:
    from contextlib import asynccontextmanager

    from logloom.web import log_api_call

    told: list[str] = []

    async def transaction() -> AsyncGenerator[int, int]:
        told.append("begin")
        try:
            got = yield 1
            told.append(f"got {got}")
            yield 2
        except ValueError:
            told.append("rollback")
            raise
        finally:
            told.append("closed")

    async def use(decorate: Callable[[Any], Any]) -> None:
        decorated = decorate(transaction)
        with pytest.raises(ValueError):
            async with asynccontextmanager(decorated)():
                raise ValueError
        one = decorated()
        assert [await one.asend(None), await one.asend(5)] == [1, 2]
        await one.aclose()
        async for _ in decorated():
            break
        assert logloom.current_context() == {}

    reraising = logloom.get_logger("x").catch(ValueError, reraise=True)
    for decorate in (logloom.context(job="a"), logloom.trace(), reraising, log_api_call):
        told.clear()
        asyncio.run(use(decorate))
        assert told[:6] == ["begin", "rollback", "closed", "begin", "got 5", "closed"], decorate
        assert told[6:] == ["begin", "closed"]
