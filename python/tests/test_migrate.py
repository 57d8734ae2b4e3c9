"""Steps from another way of logging to this one."""

from __future__ import annotations

import io
import logging
import sys

import pytest
from conftest import Lines

import logloom
from logloom.migrate import DualHandler, ShareHandler, capture_print


def test_printed_lines_are_records(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    other = io.StringIO()
    with capture_print():
        print("a", 1, sep="-")
        print("two\nlines", end="")
        print("  ")
        print("trouble", file=sys.stderr)
        print("elsewhere", file=other)
        here = sys._getframe().f_lineno
    with capture_print(echo=False):
        print("silent")
    print("as before")
    shown = capsys.readouterr()
    assert shown.out == "a-1\ntwo\nlines  \nas before\n" and shown.err == "trouble\n"
    assert other.getvalue() == "elsewhere\n"
    read = lines()
    assert [(line["message"], line["level"]) for line in read] == [
        ("a-1", "INFO"),
        ("two", "INFO"),
        ("lines", "INFO"),
        ("trouble", "WARN"),
        ("silent", "INFO"),
    ]
    assert read[0]["module"] == __name__ and read[0]["printed"] is True
    assert (read[0]["file"], read[0]["line"]) == (__file__, here - 5)


def test_both_logs_have_every_record(lines: Lines) -> None:
    stream = io.StringIO()
    logger = logging.Logger("test.dual")
    logger.addHandler(DualHandler(logging.StreamHandler(stream)))
    for number in range(10):
        logger.info("record %d", number)
    expected = [f"record {number}" for number in range(10)]
    assert stream.getvalue().splitlines() == expected
    assert [line["message"] for line in lines()] == expected


def test_a_share_moves_over_trace_by_trace(lines: Lines) -> None:
    stream = io.StringIO()
    logger = logging.Logger("test.share")
    logger.addHandler(ShareHandler(logging.StreamHandler(stream), 0.3))
    for number in range(200):
        with logloom.trace():
            logger.info("%d begins", number)
            logger.info("%d ends", number)
    old = stream.getvalue().splitlines()
    new = [line["message"] for line in lines()]
    assert sorted(old + new) == sorted(f"{n} {w}" for n in range(200) for w in ("begins", "ends"))
    assert all(f"{text.split()[0]} ends" in new for text in new)
    assert 20 <= len(new) / 2 <= 110
    with pytest.raises(ValueError, match="between"):
        ShareHandler(logging.StreamHandler(stream), 1.5)
