"""Door (a): levels, templates, fields, places."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from collections.abc import Callable

import pytest
from conftest import Line, Lines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import logloom

log = logloom.get_logger("test.logger")


def test_levels(lines: Lines) -> None:
    for name in ("trace", "debug", "info", "warning", "error", "critical"):
        getattr(log, name)("at", name=name)
    log.log(25, "number")
    log.log("error", "name")
    levels = [line["level"] for line in lines()]
    assert levels == ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "INFO", "ERROR"]


def test_levels_change_at_once(lines: Lines) -> None:
    logloom.set_level("ERROR", "test.logger")
    assert not log.is_enabled_for("INFO") and log.is_enabled_for(40)
    log.info("off")
    logloom.set_level("INFO", "test")
    logloom.set_level("INFO", "test.logger")
    log.info("on")
    assert [line["message"] for line in lines()] == ["on"]
    with pytest.raises(ValueError, match="did you mean"):
        logloom.set_level("INFOO")


@pytest.mark.parametrize(
    ("template", "values", "message"),
    [
        ("plain 100%", (), "plain 100%"),
        ("%s did %d in %.2f s", ("ann", 3, 2.5), "ann did 3 in 2.50 s"),
        ("%s %s %s", (None, True, [1, "a"]), "None True [1, 'a']"),
        ("%r and %x", ("a", 255), "'a' and ff"),
        ("%5.1f|%-4d|%04d", (1.25, 7, -7), "  1.2|7   |-007"),
        ("%(a)s", ({"a": 1},), "1"),
        ("{} did {}", ("ann", 3), "ann did 3"),
        ("{1} {0}", ("a", "b"), "b a"),
    ],
)
def test_positional_templates(
    lines: Lines, template: str, values: tuple[object, ...], message: str
) -> None:
    for _ in range(2):
        log.info(template, *values)
    assert [line["message"] for line in lines()] == [message, message]


def test_named_templates(lines: Lines) -> None:
    for user in ("ann", "bob"):
        log.info("user {user} in {rate:.1f}", user=user, rate=2.25)
        log.info("user {user} {other}", user=user)
        log.info('{"user": 1}', user=user)
        log.info(f"made of {user}", user=user)
    messages = [line["message"] for line in lines()]
    assert messages[:4] == ["user ann in 2.2", "user ann {other}", '{"user": 1}', "made of ann"]
    assert messages[4:] == ["user bob in 2.2", "user bob {other}", '{"user": 1}', "made of bob"]
    assert [line["user"] for line in lines()] == ["ann"] * 4 + ["bob"] * 4


def test_what_cannot_be_formatted_is_told(lines: Lines) -> None:
    log.info("bad %d", "x")
    log.info("too few", 1)
    log.info("too many %s %s", 1)
    messages = [line["message"] for line in lines()]
    assert messages[0].startswith("bad %d [UNFORMATTED (x): TypeError")
    assert all("[UNFORMATTED (1):" in message for message in messages[1:])


def test_the_place_is_that_of_the_call(lines: Lines) -> None:
    log.info("here")
    here = sys._getframe().f_lineno - 1

    def helper() -> None:
        log.info("above", stacklevel=2)

    helper()
    above = sys._getframe().f_lineno - 1
    first, second = lines()
    assert (first["file"], first["line"]) == (__file__, here)
    assert (second["file"], second["line"]) == (__file__, above)


def test_bound_fields(lines: Lines) -> None:
    bound = log.bind(user="ann", password="hunter2").bind(user="bob")
    for _ in range(2):
        bound.info("by {user}", step=1)
        bound.info("own", user="eve")
    assert bound.name == "test.logger"
    for first, second in zip(lines()[::2], lines()[1::2], strict=True):
        assert (first["message"], first["user"], first["step"]) == ("by bob", "bob", 1)
        assert (second["message"], second["user"]) == ("own", "eve")
        assert first["password"] == second["password"] == "[MASKED]"


def test_secrets_are_masked_by_name_and_by_shape(lines: Lines) -> None:
    for _ in range(2):
        log.info("login", password="hunter2", api_key=None, text="ghp_" + "a1B2c3D4e5F6" * 3)
    for line in lines():
        assert (line["password"], line["api_key"]) == ("[MASKED]", None)
        assert "a1B2c3D4e5F6" not in line["text"]


def test_exceptions_are_data(lines: Lines) -> None:
    def fail() -> None:
        raise ValueError("bad")

    try:
        try:
            fail()
        except ValueError as error:
            if sys.version_info >= (3, 11):
                error.add_note("see above")
            raise KeyError("outer") from error
    except KeyError as error:
        log.exception("failed", step=1)
        log.warning("told", exc_info=error)
    log.exception("nothing raised")
    first, second, third = lines()
    assert first["exception"] == second["exception"] and first["step"] == 1
    assert first["exception"]["type"] == "KeyError"
    cause = first["exception"]["cause"]
    assert (cause["type"], cause["message"].split("\n")[0]) == ("ValueError", "bad")
    assert [frame["function"].split(".")[-1] for frame in cause["frames"]][0] == "fail"
    assert cause["frames"][0]["file"] == __file__
    if sys.version_info >= (3, 11):
        assert cause["message"] == "bad\nsee above"
    assert "exception" not in third


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with 3.11")
def test_groups_have_their_members(lines: Lines) -> None:
    group = __builtins__["ExceptionGroup"]("both", [ValueError("a"), OSError("b")])
    log.error("failed", exc_info=group)
    members = lines()[0]["exception_group"]
    assert [member["type"] for member in members] == ["ValueError", "OSError"]


def test_lazy_values_are_made_only_when_kept(lines: Lines) -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return 7

    log.info("kept", value=logloom.lazy(make))
    logloom.set_level("ERROR", "test.logger")
    log.info("not kept", value=logloom.lazy(make))
    logloom.set_level("TRACE", "test.logger")
    assert (lines()[0]["value"], made) == (7, [1])


def test_a_line_with_ever_new_names_keeps_its_fields(lines: Lines) -> None:
    for number in range(100):
        log.info("many", **{f"name_{number}": number, "password": "hunter2"})
    read = lines()
    assert len(read) == 100
    for number, line in enumerate(read):
        fields = line.get("fields", line)
        assert fields[f"name_{number}"] == number
        assert fields["password"] == "[MASKED]"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    template=st.text(alphabet="%sdfx{}a0.-5 é", max_size=12),
    values=st.lists(st.one_of(st.integers(), st.floats(), st.text(), st.none()), max_size=3),
)
def test_any_template_gives_a_record_and_that_of_python_where_there_is_one(
    lines: Lines, template: str, values: list[object]
) -> None:
    before = len(lines())
    log.info(template, *values)
    read = lines()
    assert len(read) == before + 1
    message = read[-1].get("message", "")
    if values and "{" not in template:
        try:
            expected = template % tuple(values)
        except (TypeError, ValueError, OverflowError):
            return
        surrogates = expected.encode("utf-8", "backslashreplace").decode()
        assert message in (expected, surrogates) or "%" not in template
    elif not values:
        assert message == template
    assert json.dumps(read[-1])


def test_a_message_that_python_makes_hides_secrets_too(lines: Lines) -> None:
    log.bind(user="ann").info("{user:>5} with {password:>12}", password="hunter2")
    assert lines()[0]["message"] == "  ann with     [MASKED]"
    assert "hunter2" not in str(lines())


def test_a_logger_is_copied_and_pickled_by_its_name(lines: Lines) -> None:
    log = logloom.get_logger("shop")
    bound = log.bind(a=1)
    assert copy.copy(log) is log and copy.deepcopy({"log": bound})["log"] is bound
    pickle.loads(pickle.dumps(log)).info("unpickled")
    assert [line["module"] for line in lines()] == ["shop"]
    with pytest.raises(TypeError, match="bind it there"):
        pickle.dumps(bound)


def test_the_parts_of_the_package_are_there_when_asked_for(
    program: Callable[..., tuple[list[Line], str]],
) -> None:
    text = """
import sys
from collections.abc import Callable
import logloom
parts = ("agent", "compat", "config", "migrate", "web")
assert not any(f"logloom.{part}" in sys.modules for part in parts)
names = dir(logloom)
assert set(parts) <= set(names) and "Handler" in names
assert not {"Any", "Callable", "os", "importlib", "atexit", "cast"} & set(names), names
logloom.web.log_api_call, logloom.agent.session, logloom.migrate.capture_print
assert {name for name in dir(logloom) if not name.startswith("__")} == {n for n in names if not n.startswith("__")}
try:
    logloom.wep
except AttributeError as error:
    assert "no attribute 'wep'" in str(error)
logloom.init(dir=sys.argv[1])
"""
    program(text)


def test_what_is_no_level_is_told_in_words_of_the_package(lines: Lines) -> None:
    with pytest.raises(TypeError, match="a level is a whole number.*of type float"):
        log.log(3.5, "x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a level is a whole number.*of type list"):
        logloom.set_level([])  # type: ignore[arg-type]
    assert lines() == []
