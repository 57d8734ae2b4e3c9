"""The action log: all types, sessions over processes, results that are not told, and questions."""

from __future__ import annotations

import asyncio
import datetime
import functools
from pathlib import Path
from typing import Any

import pytest
from conftest import Line, Lines

import logloom
from logloom import agent
from logloom.agent import LogQueryEngine


def actions(lines: Lines) -> list[Line]:
    return [line for line in lines() if "action_type" in line]


def test_every_type_has_its_line(lines: Lines) -> None:
    log = agent.session("session-1", project="shop", platform="linux")
    turn = log.execution("exec-1")
    turn.user_input("list", input_mode="interactive")
    turn.user_command("/help", ["a"])
    turn.agent_state_change("IDLE", "THINKING", reason="input")
    turn.agent_thinking("hm", duration_ms=5)
    request = turn.llm_request("anthropic", "claude", "req-1", messages_count=1, temperature=0.5)
    request.response(response_type="text", input_tokens=10, output_tokens=3, duration_ms=7)
    turn.llm_error("req-2", "rate_limit", "slow down", retry_after=30)
    turn.tool_call("bash", {"command": "ls", "password": "hunter2"}, "toolu-1")
    turn.tool_permission("toolu-1", "DANGEROUS", "denied", decision_time_ms=12)
    turn.tool_result("toolu-1", "out", status="timeout", duration_ms=3, exit_code=1)
    turn.tool_error("toolu-1", "execution_error", "no")
    turn.hook_execute("pre", "command")
    turn.hook_error("pre", "command", "OSError", "gone")
    turn.system_error("store", "disk", traceback="Traceback ...")
    turn.system_warning("store", "nearly full")
    log.pause("lunch")
    log.resume("back")
    log.end("user_exit")
    read = {line["action_type"]: line for line in actions(lines)}
    # Thoughts and hooks are off unless they are switched on.
    assert list(read) == [
        "session_start",
        "user_input",
        "user_command",
        "agent_state_change",
        "llm_request",
        "llm_response",
        "llm_error",
        "tool_call",
        "tool_permission",
        "tool_result",
        "tool_error",
        "hook_error",
        "system_error",
        "system_warning",
        "session_pause",
        "session_resume",
        "session_end",
    ]
    numbers = [line["action_number"] for line in read.values()]
    assert numbers == list(range(1, len(read) + 1))
    start = read["session_start"]
    assert list(start)[:6] == [
        "timestamp",
        "level",
        "action_number",
        "action_type",
        "session_id",
        "status",
    ]
    assert start["metadata"] == {"platform": "linux"} and start["project_name"] == "shop"
    assert {line.get("execution_id") for line in list(read.values())[1:14]} == {"exec-1"}
    assert read["tool_call"]["args"]["command"] == "ls" and "hunter2" not in str(read)
    result = read["tool_result"]
    assert (result["success"], result["status"], result["level"]) == (False, "timeout", "WARN")
    assert result["exit_code"] == 1
    assert read["tool_permission"]["status"] == "denied" and read["llm_error"]["retry_after"] == 30
    end = read["session_end"]
    assert (end["reason"], end["total_input_tokens"], end["total_output_tokens"]) == (
        "user_exit",
        10,
        3,
    )
    assert end["total_errors"] == 4 and end["project_name"] == "shop"


def test_what_is_open_ends_with_its_block(lines: Lines) -> None:
    with pytest.raises(KeyError):
        with agent.session("session-1") as log:
            with log.tool_call("a", {}, "t1") as call:
                call.result("done", exit_code=0)
            with log.tool_call("b", {}, "t2"):
                pass
            with pytest.raises(ValueError, match="broken"):
                with log.tool_call("c", {}, "t3"):
                    raise ValueError("broken")
            with pytest.raises(KeyboardInterrupt):
                with log.tool_call("d", {}, "t4"):
                    raise KeyboardInterrupt
            with log.tool_call("e", {}, "t5") as call:
                call.permission("DANGEROUS", "denied")
            with pytest.raises(TimeoutError):
                with log.llm_request("p", "m", "r1"):
                    raise TimeoutError("no answer")
            raise KeyError("ends the session")
    shown = [
        (line["action_type"], line.get("tool_use_id"), line["status"]) for line in actions(lines)
    ]
    assert shown == [
        ("session_start", None, "success"),
        ("tool_call", "t1", "success"),
        ("tool_result", "t1", "success"),
        ("tool_call", "t2", "success"),
        ("tool_result", "t2", "success"),
        ("tool_call", "t3", "success"),
        ("tool_error", "t3", "error"),
        ("tool_call", "t4", "success"),
        ("tool_result", "t4", "cancelled"),
        ("tool_call", "t5", "success"),
        ("tool_permission", "t5", "denied"),
        ("llm_request", None, "success"),
        ("llm_error", None, "error"),
        ("session_end", None, "success"),
    ]
    assert actions(lines)[-1]["reason"] == "KeyError"


def test_functions_are_tools(lines: Lines) -> None:
    log = agent.session("session-1")

    @log.tool()
    def add(left: int, right: int = 2) -> int:
        return left + right

    @log.tool("later")
    async def wait(token: str) -> str:
        raise OSError("no")

    assert add(3) == 5
    with pytest.raises(OSError):
        asyncio.run(wait("t0k3n"))
    calls = actions(lines)[1:]
    assert [(line["action_type"], line.get("tool_name")) for line in calls] == [
        ("tool_call", "add"),
        ("tool_result", None),
        ("tool_call", "later"),
        ("tool_error", None),
    ]
    assert calls[0]["args"] == {"left": 3} and calls[1]["output"] == "5"
    assert "t0k3n" not in str(calls)


def test_tasks_share_a_session(lines: Lines) -> None:
    async def work(log: agent.Session, number: int) -> None:
        async with log.tool_call("t", {"number": number}, f"t{number}") as call:
            await asyncio.sleep(0)
            call.result(str(number))

    async def main() -> None:
        async with agent.session("session-1") as log:
            await asyncio.gather(*(work(log, number) for number in range(20)))

    with logloom.context(tenant="a"):
        asyncio.run(main())
    read = actions(lines)
    assert [line["action_number"] for line in read] == list(range(1, 43))
    results = {line["tool_use_id"]: line["output"] for line in read if "output" in line}
    assert results == {f"t{number}": str(number) for number in range(20)}
    assert {line["tenant"] for line in read} == {"a"}


def test_odd_values_and_names_never_raise(lines: Lines) -> None:
    class Odd:
        def __str__(self) -> str:
            raise ValueError

    log = agent.session("session-1")
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    more: dict[str, Any] = {"args": 1, "status_": 2}
    log.tool_call("x", {"odd": Odd(), "cyclic": cyclic}, "t", model="m")
    log.record("tool_call", {"tool_name": "y", "tool_use_id": "u"}, {"tool_name": "z", **more})
    with pytest.raises(ValueError, match="tool_kall"):
        log.record("tool_kall", {}, {})
    with pytest.raises(ValueError, match="fine"):
        log.tool_result("t", status="fine")  # type: ignore[arg-type]
    first, second = actions(lines)[1:]
    assert (
        first["args"]
        == {
            "odd": "[UNPRINTABLE test_agent.test_odd_values_and_names_never_raise"
            ".<locals>.Odd: ValueError]",
            "cyclic": ["[CYCLE]"],
        }
        and first["model"] == "m"
    )
    assert second["tool_name"] == "y" and second["tool_name_"] == "z"


RESUMED = '''
import os, signal, subprocess, sys, logloom
from logloom import agent
WORK = """
import os, signal, sys, logloom
from logloom import agent
logloom.init(dir=sys.argv[1])
log = agent.session("s") if sys.argv[2] == "0" else agent.resume("s")
for number in range(10):
    log.user_input(str(number))
os.kill(os.getpid(), signal.SIGKILL)
"""
for turn in range(3):
    done = subprocess.run([sys.executable, "-c", WORK, sys.argv[1], str(turn)])
    assert done.returncode == -signal.SIGKILL
logloom.init(dir=sys.argv[1])
logloom.get_logger("last").info("all of it was written before")
logloom.shutdown()
'''


def test_numbers_go_on_over_kills(program: Any) -> None:
    lines, _ = program(RESUMED)
    numbers = [line["action_number"] for line in lines if "action_type" in line]
    assert numbers == list(range(1, 34))


SETTINGS = """
import sys, logloom
from logloom import agent
with open(sys.argv[1] + ".json", "w") as file:
    file.write('{"logging": {"log_dir": "%s"}}' % sys.argv[1])
agent.init(settings=sys.argv[1] + ".json")
with agent.session("s") as log:
    log.user_input("hello")
"""


def test_the_settings_of_an_agent_are_taken(program: Any) -> None:
    lines, errors = program(SETTINGS)
    assert [line["action_type"] for line in lines] == ["session_start", "user_input", "session_end"]
    assert errors == ""


def test_questions(lines: Lines, tmp_path: Path) -> None:
    with agent.session("a") as first, agent.session("b") as second:
        for number in range(30):
            first.user_input(f"question {number}")
            with second.tool_call("bash", {"n": number}, f"t{number}") as call:
                call.result(
                    "needle" if number == 7 else "out",
                    status="failure" if number % 2 else "success",
                )
    lines()
    engine = LogQueryEngine(tmp_path)
    assert len(engine.execute()) == 94
    assert len(LogQueryEngine().execute()) == 94
    chosen = engine.filter(session_id="a", action_types="user_input").limit(3)
    assert [row["content"] for row in chosen] == ["question 0", "question 1", "question 2"]
    assert [row["content"] for row in chosen.tail(1)] == ["question 29"]
    assert len(engine.filter(status=["failure"]).to_dicts()) == 15
    assert [row["tool_use_id"] for row in engine.filter(keyword="needle")] == ["t7"]
    today = datetime.datetime.now(datetime.timezone.utc).date()
    yesterday = today - datetime.timedelta(days=1)
    ranged = engine.filter(utc=True, date_range=(str(yesterday), None))
    assert len(ranged.execute()) == 94
    assert engine.filter(utc=True, date_range=(None, str(yesterday))).execute() == []
    with pytest.raises(ValueError, match="2026"):
        engine.filter(date="2026-13-45").execute()
    with pytest.raises(OSError, match="nowhere"):
        LogQueryEngine(tmp_path / "nowhere").execute()


def test_tables_where_their_libraries_are(lines: Lines, tmp_path: Path) -> None:
    pytest.importorskip("polars")
    with agent.session("a") as log:
        log.tool_call("bash", {"n": 1}, "t")
    lines()
    frame = LogQueryEngine(tmp_path).to_polars()
    assert frame.height == 3 and frame["args"].to_list()[1] == '{"n": 1}'


def test_values_of_several_types_in_a_column_are_texts(lines: Lines, tmp_path: Path) -> None:
    with agent.session("a") as log:
        log.user_input("one", step=1, share=1)
        log.user_input("two", step="x-2", share=0.5)
    lines()
    rows = LogQueryEngine(tmp_path).filter(action_types="user_input")._flat()
    assert [(row["step"], row["share"]) for row in rows] == [("1", 1), ("x-2", 0.5)]


class Silent(Exception):
    """An exception whose text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def test_odd_values_raise_nothing(lines: Lines) -> None:
    odd: Any = ["12", 3.5, None, "many", float("nan"), [1], True]
    with agent.session() as log:
        for tokens in odd:
            with log.llm_request("p", "m") as request:
                request.response(input_tokens=tokens, output_tokens=tokens)
        for given in (None, "abc", 5, ["a", "b"]):
            args: Any = given
            log.user_command("/help", args)
        assert log.tool("largest")(max)(1, 2) == 2
        assert log.tool()(functools.partial(int, base=2))("101") == 5
    read = actions(lines)
    commands = [line["args"] for line in read if line["action_type"] == "user_command"]
    assert commands == [[], ["abc"], [5], ["a", "b"]]
    assert read[-1]["total_input_tokens"] == 12 + 3 + 1
    calls = [(line["tool_name"], line["args"]) for line in read if "tool_name" in line]
    assert calls[0] == ("largest", {"args": [1, 2]})


def test_the_exception_of_the_program_goes_on(lines: Lines) -> None:
    with pytest.raises(Silent):
        with agent.session() as log:
            with log.tool_call("bash"):
                raise Silent
    with pytest.raises(Silent):
        with log.llm_request("p", "m"):
            raise Silent
    errors = [line for line in actions(lines) if line["action_type"].endswith("_error")]
    told = "[UNPRINTABLE Silent: RuntimeError]"
    assert [line["error_message"] for line in errors] == [told, told]
