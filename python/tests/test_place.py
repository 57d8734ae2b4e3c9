"""Records that wrappers make stand at what they wrap, and headers go on only where they can."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator

import pytest
from conftest import Lines

import logloom
from logloom.web import log_api_call
from logloom.web.outgoing import headers

log = logloom.get_logger("test.place")


def line_of(function: object, text: str) -> int:
    source, first = inspect.getsourcelines(inspect.unwrap(function))  # type: ignore[arg-type]
    return first + next(number for number, line in enumerate(source) if text in line)


@log.catch
def plain() -> None:
    raise ValueError("v")


@log.catch
async def coroutine() -> None:
    raise ValueError("v")


@log.catch
def generator() -> Iterator[int]:
    yield 1
    raise ValueError("v")


@log.catch
@logloom.context(a=1)
async def async_generator() -> AsyncIterator[int]:
    yield 1
    raise ValueError("v")


def block() -> None:
    with log.catch():
        raise ValueError("v")


async def drain() -> None:
    async for _ in async_generator():
        pass


def test_what_is_caught_stands_where_it_came_up(lines: Lines) -> None:
    plain()
    asyncio.run(coroutine())
    list(generator())
    asyncio.run(drain())
    block()
    functions = (plain, coroutine, generator, async_generator, block)
    read = lines()
    assert [(one["file"], one["line"]) for one in read] == [
        (__file__, line_of(function, "raise ValueError")) for function in functions
    ]
    for one, function in zip(read, functions, strict=True):
        frames = one["exception"]["frames"]
        assert [frame["function"].rpartition(".")[2] for frame in frames] == [function.__name__]


def test_the_exception_keeps_its_frames_for_others(lines: Lines) -> None:
    @log.catch(reraise=True)
    def again() -> None:
        raise ValueError("v")

    with pytest.raises(ValueError) as caught:
        again()
    assert len(caught.traceback) == 3


def test_calls_stand_at_their_function(lines: Lines) -> None:
    @log_api_call
    def called(fails: bool) -> None:
        if fails:
            raise ValueError("v")

    @log_api_call
    def generated() -> Iterator[int]:
        yield 1

    called(False)
    with pytest.raises(ValueError):
        called(True)
    list(generated())
    first, second, third = lines()
    start = line_of(called, "@log_api_call")
    assert {(one["file"], one["line"]) for one in (first, second)} == {(__file__, start)}
    assert len(second["exception"]["frames"]) == 1
    assert third["line"] == line_of(generated, "@log_api_call")


@pytest.mark.parametrize("harmful", ["Bestellung für Ann", "a\r\nb: c", "", "x" * 129])
def test_an_id_that_no_header_can_hold_stays_here(lines: Lines, harmful: str) -> None:
    with logloom.context(request_id=harmful):
        assert headers() == {}
    with logloom.context(request_id=17):
        assert headers() == {"x-request-id": "17"}
