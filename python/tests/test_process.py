"""Processes: forks, the ways to end, signals. Each program runs in an interpreter of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import lines_of

Program = Callable[..., tuple[list[dict[str, Any]], str]]

START = """
import os, signal, sys, threading, multiprocessing
import logloom
if __name__ == "__main__":
    logloom.init(dir=sys.argv[1], settings={"overflow.default": "block"})
log = logloom.get_logger("program")
"""


def steps(lines: list[dict[str, Any]]) -> Counter[tuple[str, int]]:
    return Counter((line["message"], line["step"]) for line in lines)


def test_the_end_of_a_program_loses_nothing(program: Program) -> None:
    lines, errors = program(
        START
        + """
class Last:
    def __del__(self):
        log.info("finalised", step=0)
keep = Last()
import atexit
atexit.register(lambda: log.info("at exit", step=0))
for step in range(1000):
    log.info("main", step=step)
"""
    )
    assert errors == ""
    expected = Counter({("main", step): 1 for step in range(1000)})
    assert steps(lines) == expected + Counter({("at exit", 0): 1, ("finalised", 0): 1})


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_an_end_without_clean_up_leaves_all_for_the_next_start(program: Program, end: str) -> None:
    text = START + f"for step in range(1000): log.info('main', step=step)\n{end}\n"
    program(text, status=0 if "_exit" in end else -9)
    lines, _ = program(START + "log.info('next', step=0)\n")
    # The next program looks for what the dead have left when it begins.
    found = steps(lines)
    assert found[("next", 0)] == 1
    assert all(found[("main", step)] == 1 for step in range(1000)), len(lines)


def test_a_fork_warns_of_nothing_and_doubles_nothing(program: Program) -> None:
    lines, errors = program(
        START
        + """
for number in range(20):
    log.info("parent", step=number)
    child = os.fork()
    if child == 0:
        for step in range(20):
            log.info("child", step=number * 20 + step)
        logloom.flush(10)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0, status
"""
    )
    assert errors == ""
    expected = Counter({("child", step): 1 for step in range(400)})
    assert steps(lines) == expected + Counter({("parent", step): 1 for step in range(20)})


def test_forks_while_threads_log(program: Program) -> None:
    lines, errors = program(
        START
        + """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
is_over = threading.Event()
counts = [0] * 3
def work(number):
    while not is_over.is_set():
        log.info(f"thread {number}", step=counts[number])
        counts[number] += 1
threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
for number in range(40):
    child = os.fork()
    if child == 0:
        for step in range(10):
            log.info("child", step=number * 10 + step)
        logloom.flush(10)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
is_over.set()
for thread in threads:
    thread.join()
print(*counts)
for number, count in enumerate(counts):
    log.info(f"count {number}", step=count)
"""
    )
    found = steps(lines)
    assert all(found[("child", step)] == 1 for step in range(400)), errors
    for number in range(3):
        count = max(step for message, step in found if message == f"count {number}")
        assert all(found[(f"thread {number}", step)] == 1 for step in range(count))


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_multiprocessing(program: Program, method: str) -> None:
    lines, errors = program(
        START
        + """
def work(number):
    if not logloom.log_dir() and logloom.metrics()["lines"] == 0 and METHOD != "fork":
        logloom.init(dir=sys.argv[1], settings={"overflow.default": "block"})
    for step in range(50):
        log.info("child", step=number * 50 + step)
    logloom.flush(10)
METHOD = sys.argv[2]
if __name__ == "__main__":
    context = multiprocessing.get_context(METHOD)
    children = [context.Process(target=work, args=(number,)) for number in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join(30)
        assert child.exitcode == 0, child.exitcode
    log.info("parent", step=0)
""",
        method,
    )
    expected = Counter({("child", step): 1 for step in range(150)})
    assert steps(lines) == expected + Counter({("parent", 0): 1}), errors


def test_a_start_by_name_takes_the_place_of_one_by_itself(program: Program) -> None:
    lines, errors = program(
        """
import logging, os, sys
import logloom
os.environ["LOGLOOM__STORE__DIR"] = sys.argv[1]
logging.basicConfig(handlers=[logloom.Handler()], level="INFO")
logging.info("before", extra={"step": 0})
logloom.init(service="named", dir=sys.argv[1])
logging.info("after", extra={"step": 1})
try:
    logloom.init(service="twice")
except RuntimeError as error:
    logging.info("refused: %s", error, extra={"step": 2})
child = os.fork()
if child == 0:
    logloom.init(service="child", dir=sys.argv[1])
    logging.info("in the child", extra={"step": 3})
    logging.shutdown()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
logging.info("in the parent", extra={"step": 4})
"""
    )
    found = {line["step"]: line["service"] for line in lines}
    first = found.pop(0)
    assert first.startswith("python"), errors
    assert found == {1: "named", 2: "named", 3: "child", 4: "named"}, errors


def test_signal_handlers_may_log(program: Program) -> None:
    lines, errors = program(
        START
        + """
import itertools
# A handler may be interrupted by the next signal; taking a number is one step.
numbers = itertools.count()
caught = 0
def handle(number, frame):
    global caught
    log.info("signal", step=next(numbers))
    caught += 1
signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
step = 0
while caught < 100:
    log.info("main", step=step)
    step += 1
signal.setitimer(signal.ITIMER_REAL, 0)
log.info("count", step=step)
"""
    )
    found = steps(lines)
    count = next(step for message, step in found if message == "count")
    assert all(found[("main", step)] == 1 for step in range(count)), errors
    assert all(found[("signal", step)] == 1 for step in range(100)), errors


def test_ctrl_c_ends_a_program_and_loses_nothing(program: Program) -> None:
    # A suite started in the background of a shell inherits an ignored SIGINT.
    text = START + "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    text += "log.info('main', step=0)\nos.kill(os.getpid(), signal.SIGINT)\nsignal.pause()\n"
    lines, errors = program(text, status=-2)
    assert "KeyboardInterrupt" in errors and steps(lines) == {("main", 0): 1}


def test_daemon_threads_do_not_hang_the_end(program: Program) -> None:
    lines, _ = program(
        START
        + """
def work():
    step = 0
    while True:
        log.info("daemon", step=step)
        step += 1
threading.Thread(target=work, daemon=True).start()
for step in range(1000):
    log.info("main", step=step)
"""
    )
    found = steps(lines)
    assert all(found[("main", step)] == 1 for step in range(1000))
    assert set(found.values()) == {1}


# Each way in which a call may run code of the program.
IN_OWN_CODE = {
    "message": "log.info('x %s', Slow())",
    "field": "log.info('x', row=Slow())",
    "lazy": "log.info('x', row=logloom.lazy(slow))",
    "list": "log.info('x', rows=[Slow()])",
    "format": "log.info('{:>9}', Slow())",
    "exception": "log.error('x', exc_info=ValueError(Slow()))",
    "scope": "logloom.context(row=Slow()).__enter__()",
    "ordinary": "ordinary.info('x')",
}


@pytest.mark.parametrize("way", IN_OWN_CODE)
def test_the_end_while_a_daemon_thread_is_in_code_of_the_program(
    program: Program, way: str
) -> None:
    found, error = program(
        f"""
import logging, sys, threading, time, logloom
logloom.init(dir=sys.argv[1], settings={{"overflow.default": "block"}})
logloom.install()
log = logloom.get_logger("daemon")
ordinary = logging.getLogger("ordinary")
entered = threading.Event()

def slow():
    entered.set()
    time.sleep(0.01)
    return "row"

class Slow:
    def __str__(self):
        return slow()

    def __format__(self, form):
        return slow()

class Handler(logging.Handler):
    def emit(self, record):
        slow()

ordinary.addHandler(Handler())

def work():
    while True:
        {IN_OWN_CODE[way]}

class LongEnd:
    def __del__(self, sleep=time.sleep):
        sleep(0.1)  # the threads come back while the interpreter ends

long_end = LongEnd()
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
assert entered.wait(30)
log.info("the end")
"""
    )
    assert error == ""
    assert [line for line in found if line["message"] == "the end"]


def test_a_directory_that_cannot_be_used_stops_nothing(program: Program) -> None:
    text = START.replace("dir=sys.argv[1]", "dir='/proc/none'") + "log.error('told', step=0)\n"
    _, errors = program(text)
    assert "told" in errors or os.geteuid() == 0


def test_calls_before_the_start_are_counted(program: Program) -> None:
    _, errors = program(
        """
import logloom
log = logloom.get_logger("early")
for _ in range(3):
    log.info("lost %d", 1, a=1)
assert logloom.metrics()["before_init"] == 3, logloom.metrics()
assert logloom.flush() and logloom.log_dir() is None
"""
    )
    assert errors == ""


def test_wrong_settings_are_told_and_stop_nothing(program: Program) -> None:
    text = START.replace('"overflow.default"', '"overflow.defualt"') + "log.info('kept', step=0)\n"
    lines, errors = program(text)
    assert "overflow.defualt: unknown key, did you mean `default`?" in errors
    assert ("kept", 0) in steps([line for line in lines if "step" in line])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("level='BOGUS'", "levels.default: "),
        ("level=3.5", "levels.default: "),
        ("levels={'shop.db': 'BOGUS'}", 'levels."shop.db": unknown level'),
        ("levels={5: 'INFO'}", "levels.5: "),
        ("levels=5", "levels: a mapping is wanted, not one of type int"),
        ("settings={'service': None}", "service: a text, a number or a list is wanted, not one of"),
        ("settings={'store': {5: 1}}", "store.5: a name is wanted, not one of type int"),
        ("settings={'store.dir': object()}", "store.dir: a text, a number or a list is wanted"),
        ("settings={'alerts': [object()]}", "alerts: Object of type object is not"),
        ("settings=object()", "settings: a mapping is wanted, not one of type object"),
        ("service=3", "service: a text is wanted, not one of type int; the value is not used"),
        ("config=3", "config: a path is wanted, not one of type int"),
        ("mask=3", "mask.fields: a list of names is wanted, not one of type int"),
        ("mask=['pin', 3]", "mask.fields: a name is wanted, not one of type int"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_and_stops_nothing(
    program: Program, settings: str, told: str
) -> None:
    text = "import logloom, sys\n"
    text += f"logloom.init(dir=sys.argv[1], {settings})\n"
    text += "logloom.get_logger('any').info('kept', pin=1)\n"
    lines, errors = program(text)
    assert told in errors
    wrong = next(line for line in lines if line.get("event") == "logloom.configuration")
    assert any(told in problem for problem in wrong["problems"])
    assert any(line["message"] == "kept" for line in lines)


def test_one_name_to_mask_is_no_list_of_letters(program: Program) -> None:
    text = "import logloom, sys\nlogloom.init(dir=sys.argv[1], mask='pin')\n"
    text += "logloom.get_logger('any').info('kept', pin=1, p=2)\n"
    lines, errors = program(text)
    assert errors == "" and lines[-1]["pin"] == "[MASKED]" and lines[-1]["p"] == 2


def test_a_second_start_says_what_to_do(program: Program) -> None:
    text = START + "logloom.init()\n"
    _, errors = program(text, status=1)
    assert "call logloom.shutdown() before another logloom.init()" in errors
    assert "guard" not in errors


def test_the_package_is_imported_quickly_and_brings_little(program: Program) -> None:
    program(
        """
import sys
before = set(sys.modules)
import logloom
heavy = {"asyncio", "decimal", "uuid", "dataclasses", "multiprocessing"} & (set(sys.modules) - before)
assert not heavy, heavy
"""
    )


if sys.platform != "linux":
    pytest.skip("the programs are those of Linux", allow_module_level=True)


def test_threads_go_on_logging_after_a_stop_and_a_start(program: Program) -> None:
    lines, errors = program(
        START
        + """
import queue
asked, done = queue.Queue(), queue.Queue()
def work():
    while (number := asked.get()) is not None:
        for step in range(500):
            log.info("round", step=number * 500 + step)
        done.put(number)
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
def all_log(number):
    for thread in threads:
        asked.put(number)
    for thread in threads:
        done.get()
for number in range(5):
    all_log(number)
    logloom.shutdown()
    logloom.init(dir=sys.argv[1], settings={"overflow.default": "block"})
all_log(5)
for thread in threads:
    asked.put(None)
"""
    )
    assert errors == ""
    assert steps(lines) == Counter({("round", step): 3 for step in range(3000)})


def test_a_sub_interpreter_logs(program: Program) -> None:
    pytest.importorskip("_testcapi")
    lines, errors = program(
        START
        + """
import _testcapi
inner = "import logging, logloom; logloom.get_logger('inner').info('inner', step=0)\\n"
inner += "logloom.install(); logging.getLogger('inner').info('inner', extra={'step': 1})"
assert _testcapi.run_in_subinterp(inner) == 0
log.info("outer", step=0)
"""
    )
    assert errors == ""
    assert steps(lines) == Counter({("inner", 0): 1, ("inner", 1): 1, ("outer", 0): 1})


def test_a_call_that_waits_for_a_full_disk_lets_others_run(
    program: Program, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(disk)]
    if (
        os.geteuid() != 0
        or subprocess.run(mounted, capture_output=True, check=False).returncode != 0
    ):
        pytest.skip("a small file system cannot be mounted")
    try:
        program(
            f"""
import os, sys, threading
import logloom
logloom.init(dir={str(disk / "log")!r}, settings={{"overflow.default": "block", "ring.total": "8MiB"}})
log = logloom.get_logger("program")
blocker = {str(disk / "blocker")!r}
with open(blocker, "wb") as file:
    file.write(b"x" * (5 << 20))
thread = threading.Thread(target=lambda: [log.info("x" * 200, step=step) for step in range(8_000)])
thread.start()
thread.join(1)
assert thread.is_alive(), "it waits for room"
os.remove(blocker)
thread.join()
logloom.flush(30)
print(logloom.metrics()["lines"])
"""
        )
        lines = lines_of(disk / "log")
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert Counter(line["step"] for line in lines if "step" in line) == dict.fromkeys(
        range(8_000), 1
    )
