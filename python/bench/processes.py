"""Proofs that take long: forks while threads log, processes that share rotating files, memory over many records.

    processes.py forks 10000        forks of a process with 4 logging threads
    processes.py rotate 8 200000    processes with so many records each, in one directory, files of 4 MiB
    processes.py memory 10000000    records of one process

Each prints one JSON object and ends with 0 when nothing was lost, doubled or hung and memory stayed flat, else with
1. ``make soak-python`` runs them with these numbers, the tests with smaller ones.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# A child that takes longer hangs.
CHILD_SECONDS = 60
# Bytes by which a process may grow while it logs ten times as much.
GROWTH_MAX = 8 << 20
THREADS = 4

SETTINGS = {"overflow.default": "block", "store.max_file_size": "4MiB"}


def numbers(place: Path) -> Iterator[tuple[str, int]]:
    """Who and which of every record in the directory."""
    pattern = re.compile(rb'"who":"([^"]*)","step":(\d+)')
    for file in sorted(place.glob("*.jsonl*")):
        if file.suffix not in (".jsonl", ".gz"):
            continue
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as lines:
            for line in lines:
                found = pattern.search(line)
                if found:
                    yield found[1].decode(), int(found[2])


def counts(place: Path, expected: dict[str, int]) -> dict[str, int]:
    """What is missing and what is there twice; ``expected`` says how many records each has written, from 0."""
    seen = {who: bytearray(count) for who, count in expected.items()}
    doubled = strange = 0
    for who, step in numbers(place):
        if who not in seen or step >= len(seen[who]):
            strange += 1
        elif seen[who][step]:
            doubled += 1
        else:
            seen[who][step] = 1
    lost = sum(steps.count(0) for steps in seen.values())
    return {"written": sum(expected.values()), "lost": lost, "doubled": doubled, "strange": strange}


def ended(child: int) -> bool:
    """Whether a child ends by itself, with 0; one that hangs is killed."""
    until = time.monotonic() + CHILD_SECONDS
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def forks(place: Path, count: int) -> dict[str, Any]:
    """Children of a process whose threads log all the while; each logs three records and leaves."""
    import logloom

    logloom.init(dir=place, service="forks", settings=SETTINGS)
    is_over = threading.Event()
    written = dict.fromkeys((f"thread-{number}" for number in range(THREADS)), 0)

    def log(who: str) -> None:
        logger = logloom.get_logger(who)
        while not is_over.wait(0.0005):
            logger.info("thread", who=who, step=written[who])
            written[who] += 1

    threads = [threading.Thread(target=log, args=(who,)) for who in written]
    for thread in threads:
        thread.start()
    hung = 0
    logger = logloom.get_logger("main")
    # That is what is proven here: that it does not.
    warnings.filterwarnings("ignore", ".*use of fork.. may lead to deadlocks", DeprecationWarning)
    for number in range(count):
        child = os.fork()
        if child == 0:
            for step in range(3):
                logger.info("child", who=f"child-{number}", step=step)
            os._exit(0)
        hung += not ended(child)
    is_over.set()
    for thread in threads:
        thread.join()
    logloom.flush(60)
    expected = written | {f"child-{number}": 3 for number in range(count)}
    # What the last children have left is written by this process, as soon as it looks for it.
    until = time.monotonic() + CHILD_SECONDS
    found = counts(place, expected)
    while found["lost"] and time.monotonic() < until:
        time.sleep(0.1)
        found = counts(place, expected)
    logloom.shutdown()
    return {"bench": "forks", "forks": count, "hung": hung, **found}


def rotate(place: Path, processes: int, count: int) -> dict[str, Any]:
    """Processes that share a directory whose files are full again and again."""
    children: list[int] = []
    for number in range(processes):
        child = os.fork()
        if child == 0:
            import logloom

            logloom.init(dir=place, service=f"p{number}", settings=SETTINGS)
            logger = logloom.get_logger("rotate")
            for step in range(count):
                logger.info("a record of some length, as they are", who=f"p{number}", step=step)
            os._exit(0 if logloom.flush(120) else 1)
        children.append(child)
    bad = sum(os.waitpid(child, 0)[1] != 0 for child in children)
    files = len(list(place.glob("*.jsonl*")))
    expected = {f"p{number}": count for number in range(processes)}
    told = {"bench": "rotate", "processes": processes, "files": files, "hung": bad}
    return {**told, **counts(place, expected)}


def resident() -> int:
    """Bytes in memory that are this process's own."""
    text = Path("/proc/self/smaps_rollup").read_text("utf-8")
    return sum(int(size) for size in re.findall(r"^Private_\w+:\s+(\d+) kB", text, re.M)) << 10


def memory(place: Path, count: int) -> dict[str, Any]:
    """Ten times as many records in the same memory."""
    import logloom

    logloom.init(dir=place, service="memory", settings=SETTINGS)
    logger = logloom.get_logger("memory")
    before, began = 0, time.monotonic()
    for step in range(count):
        logger.info("x", step=step)
        if step == count // 10:
            before = resident()
        if step % 1_000_000 == 999_999:
            logloom.flush(60)
            # The disk holds what is proven, not all of it.
            for file in sorted(place.glob("*.jsonl"))[:-2]:
                file.unlink()
    seconds = time.monotonic() - began
    logloom.flush(60)
    grown = resident() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    metrics = logloom.metrics()
    told = {"bench": "memory", "records": count, "grown": grown, "peak": peak, "hung": 0}
    # What was counted by the writer, since the first files are gone.
    lost = count - int(metrics["lines"])
    return {**told, "seconds": round(seconds, 1), "lost": lost, "doubled": 0, "strange": 0}


def main(arguments: list[str]) -> int:
    name, *sizes = arguments
    proofs: dict[str, Any] = {"forks": forks, "rotate": rotate, "memory": memory}
    place = Path(tempfile.mkdtemp(prefix="logloom-"))
    try:
        told = proofs[name](place, *map(int, sizes))
    finally:
        shutil.rmtree(place)
    print(json.dumps(told))
    is_good = not any(told[key] for key in ("hung", "lost", "doubled", "strange"))
    return 0 if is_good and told.get("grown", 0) <= GROWTH_MAX else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
