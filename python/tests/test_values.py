"""Any object becomes a value, and none an exception."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import decimal
import enum
import json
import math
import pathlib
import uuid
from collections import OrderedDict, namedtuple
from typing import Any

import pytest
from conftest import Lines
from hypothesis import given
from hypothesis import strategies as st

import logloom
from logloom import _core

log = logloom.get_logger("test.values")


def value_of(value: object) -> Any:
    return json.loads(_core.to_json(value))


class Colour(enum.Enum):
    RED = "red"


class Number(enum.IntEnum):
    ONE = 1


@dataclasses.dataclass
class Point:
    x: int
    tags: list[str]


@dataclasses.dataclass
class Slotted:
    __slots__ = ("a",)
    a: int


Pair = namedtuple("Pair", "left right")


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no")


class WrongType:
    def __str__(self) -> str:
        return 7  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2**63, 2**63),
        (-(10**30), -(10**30)),
        (1.5, 1.5),
        ("é\n", "é\n"),
        ("a\ud800b", "a\\ud800b"),
        (b"\x00\xff", "AP8="),
        (bytearray(b"a"), "YQ=="),
        (memoryview(b"a"), "YQ=="),
        (Colour.RED, "red"),
        (Number.ONE, 1),
        (datetime.datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.timedelta(minutes=1), 60.0),
        (decimal.Decimal("1.10"), 1.1),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (pathlib.PurePosixPath("/a/b"), "/a/b"),
        (Point(1, ["a"]), {"x": 1, "tags": ["a"]}),
        (Slotted(2), {"a": 2}),
        (Pair(1, None), [1, None]),
        (OrderedDict(a=1), {"a": 1}),
        ({1: {"b": (True,)}}, {"1": {"b": [True]}}),
        ({"a"}, ["a"]),
        (Unprintable(), "[UNPRINTABLE test_values.Unprintable: RuntimeError]"),
        (WrongType(), "[UNPRINTABLE test_values.WrongType: TypeError]"),
        (type, "<class 'type'>"),
    ],
)
def test_kinds(value: object, expected: object) -> None:
    assert value_of(value) == expected


def test_cycles_and_depth_are_bounded() -> None:
    cycle: list[object] = [1]
    cycle.append({"again": cycle})
    assert value_of(cycle) == [1, {"again": "[CYCLE]"}]
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert "[TOO DEEP]" in _core.to_json(deep)
    while deep:
        deep = deep[0]  # type: ignore[assignment]


def test_large_values_are_cut_with_a_mark() -> None:
    assert value_of(list(range(100_000)))[-1] == "[TRUNCATED 90000 items]"
    many = value_of({str(number): number for number in range(20_000)})
    assert many["truncated"] == "[TRUNCATED 10000 items]"
    assert value_of("x" * (8 << 20)).endswith("[TRUNCATED 4194304 chars]")
    assert value_of(10**10_000).startswith("0x")


def test_a_long_text_is_in_the_log_with_its_mark(lines: Lines) -> None:
    log.info("long", text="é" * 1_000_000, small=1)
    line = lines()[0]
    assert line["small"] == 1 and "[TRUNCATED " in line["text"]


def test_an_object_may_log_while_it_is_logged(lines: Lines) -> None:
    class Talks:
        def __str__(self) -> str:
            log.info("inner", about=self)
            return "talks"

    log.info("outer", value=Talks(), after=1)
    read = lines()
    assert (read[-1]["message"], read[-1]["value"], read[-1]["after"]) == ("outer", "talks", 1)
    assert "[UNPRINTABLE" in read[0]["about"]


def test_a_dict_may_change_while_it_is_logged(lines: Lines) -> None:
    changing: dict[object, object] = {}

    class Changes:
        def __str__(self) -> str:
            changing[len(changing)] = 1
            return "changed"

    changing["a"] = Changes()
    changing["b"] = 1
    log.info("changing", value=changing)
    assert len(lines()) == 1


def test_ctrl_c_within_an_object_is_raised_and_the_record_kept(lines: Lines) -> None:
    class Interrupted:
        def __str__(self) -> str:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        log.info("interrupted", value=Interrupted())
    assert "KeyboardInterrupt" in lines()[0]["value"]


plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=20,
)


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and not math.isfinite(left):
        return True
    if isinstance(left, bytes):
        return isinstance(right, str)
    if type(left) is not type(right):
        return bool(left == right)
    if isinstance(left, dict):
        return len(left) == len(right) and all(
            any(same(value, found) for found in right.values()) for value in left.values()
        )
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


@given(plain)
def test_any_plain_value_comes_back(value: object) -> None:
    assert same(value, value_of(value))


def test_long_decimals_are_whole_and_no_other_numbers(lines: Lines) -> None:
    class Odd(decimal.Decimal):
        def __str__(self) -> str:
            return "ä" * 70_000

    log.info(
        "x",
        long=decimal.Decimal("1" * 70_000),
        exponent=decimal.Decimal("1" * 70_000 + "e9"),
        odd=Odd(1),
    )
    line = lines()[-1]
    assert line["long"] == "1" * 70_000
    assert line["exponent"].startswith("1.111") and line["exponent"].endswith("E+70008")
    assert line["odd"] == "ä" * 70_000


def test_scalars_that_python_has_none_of(lines: Lines) -> None:
    def made(name: str, item: Any, shown: str, number: float | None) -> Any:
        generic = type("generic", (), {"__module__": "numpy"})
        own: dict[str, Any] = {"__module__": "numpy", "__str__": lambda _: shown}
        own["item"] = (lambda self: self) if item is None else (lambda _: item)
        if number is not None:
            own["__float__"] = lambda _: number
        return type(name, (generic,), own)()

    log.info(
        "x",
        long=made("longdouble", None, "1.5", 1.5),
        complex=made("clongdouble", None, "(1+2j)", None),
        at=made("datetime64", 1577836800123456789, "2020-01-01T00:00:00.123456789", None),
        fine=made("timedelta64", 1500, "1500 nanoseconds", None),
        took=made("timedelta64", datetime.timedelta(seconds=2), "2 seconds", None),
    )
    line = lines()[-1]
    assert line["long"] == 1.5 and line["complex"] == "(1+2j)"
    assert line["at"] == "2020-01-01T00:00:00.123456789"
    assert line["fine"] == "1500 nanoseconds" and line["took"] == 2


def test_scalars_of_numpy_itself(lines: Lines) -> None:
    numpy = pytest.importorskip("numpy")
    at = numpy.datetime64("2020-01-01T00:00:00.123456789")
    log.info("x", long=numpy.longdouble(1.5), at=at, whole=numpy.int64(7))
    line = lines()[-1]
    assert line["long"] == 1.5 and line["whole"] == 7
    assert line["at"] == "2020-01-01T00:00:00.123456789"


def test_a_text_is_told_however_deep_values_log(lines: Lines) -> None:
    class Deep:
        def __init__(self, level: int) -> None:
            self.level = level

        def __str__(self) -> str:
            log.info("level %s", str(self.level), next=Deep(self.level + 1))
            return "deep"

    log.info("x", value=Deep(0))
    found = lines()
    assert [line["message"] for line in found] == [f"level {n}" for n in (3, 2, 1, 0)] + ["x"]
    assert found[0]["next"].startswith("[UNPRINTABLE ")


@pytest.mark.parametrize("size", [5_000_000, 10_000_000])
def test_the_mark_of_what_is_cut_tells_all_that_was(lines: Lines, size: int) -> None:
    log.info("long %s", "ä" * size, text="x" * size, data=bytes(size))
    line = lines()[-1]
    for text, letter in ((line["message"].removeprefix("long "), "ä"), (line["text"], "x")):
        kept, _, mark = text.partition("[TRUNCATED ")
        assert kept.strip(letter) == "" and mark == f"{size - len(kept)} chars]"


def test_a_beginning_of_long_bytes_is_kept(lines: Lines) -> None:
    data = bytes(range(256)) * 40_000
    log.info("long", data=data, view=memoryview(data)[:3000])
    line = lines()[-1]
    kept, _, mark = line["data"].partition("[TRUNCATED ")
    beginning = base64.b64decode(kept)
    assert len(beginning) > 100_000 and data.startswith(beginning)
    assert mark == f"{len(data) - len(beginning)} bytes]"
    assert base64.b64decode(line["view"]) == data[:3000]


def test_fields_with_an_empty_name_are_kept(lines: Lines) -> None:
    log.info("x", **{"": 1})
    log.bind(**{"": 2}).info("y")
    first, second = lines()
    assert first["_"] == 1 and second["_"] == 2
