"""gunicorn with and without preload, and Celery: what they and the applications in them say is in one log."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import lines_of

APPLICATION = """
import os
import logloom

logloom.init(service="shop")
log = logloom.get_logger("shop")


def application(environ, start_response):
    log.info("asked", path=environ["PATH_INFO"], pid=os.getpid())
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
"""

GUNICORN = """
import os
from logloom.web import server_logging

logconfig_dict = server_logging()


def when_ready(server):
    with open(os.environ["BELL"], "wb") as bell:
        bell.write(b".")
"""

TASKS = """
import logging
import os
import logloom
from celery import Celery, signals

app = Celery("tasks")
app.conf.update(
    broker_url="filesystem://",
    broker_transport_options={"data_folder_in": os.environ["QUEUE"], "data_folder_out": os.environ["QUEUE"]},
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)


@signals.setup_logging.connect
def setup(**_):
    logloom.init(service="worker")
    logloom.install()


@app.task
def work(number):
    logging.getLogger("shop").info("worked on %d", number, extra={"pid": os.getpid()})
    with open(os.environ["BELL"], "wb") as bell:
        bell.write(b".")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Bell:
    """A named pipe that a process rings by a byte, each time something is done."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        # For writing too: it stays open when nobody else has it.
        self._pipe = os.open(path, os.O_RDWR)

    def wait(self, times: int) -> None:
        while times > 0:
            ready, _, _ = select.select([self._pipe], [], [], 60)
            assert ready, f"not done within a minute: {times}"
            times -= len(os.read(self._pipe, times))

    def close(self) -> None:
        os.close(self._pipe)


def answered(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as response:
        body: bytes = response.read()
        return body


def messages(lines: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("message", "").startswith(text)]


@pytest.mark.parametrize("preload", [[], ["--preload"]])
def test_gunicorn_and_its_workers(tmp_path: Path, preload: list[str]) -> None:
    pytest.importorskip("gunicorn")
    (tmp_path / "shop.py").write_text(APPLICATION)
    (tmp_path / "gunicorn.conf.py").write_text(GUNICORN)
    log, port = tmp_path / "log", free_port()
    # A connection a request lets both workers have some.
    arguments = ["--workers", "2", "--bind", f"127.0.0.1:{port}", "--no-control-socket", *preload]
    if (
        "--no-control-socket"
        not in subprocess.run(
            [sys.executable, "-m", "gunicorn", "--help"], capture_output=True, text=True, check=True
        ).stdout
    ):
        arguments.remove("--no-control-socket")
    bell = Bell(tmp_path / "bell")
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "shop:application", *arguments],
        cwd=tmp_path,
        env={**os.environ, "LOGLOOM__STORE__DIR": str(log), "BELL": str(tmp_path / "bell")},
        stderr=subprocess.PIPE,
    )
    try:
        bell.wait(1)
        for number in range(100):
            assert answered(f"http://127.0.0.1:{port}/{number}") == b"hello"
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        bell.close()
    assert (process.returncode, errors) == (0, b"")
    lines = lines_of(log)
    asked = Counter(line["path"] for line in messages(lines, "asked"))
    assert asked == {f"/{number}": 1 for number in range(100)}
    assert len(messages(lines, "Booting worker")) == 2
    assert {line["module"] for line in lines} >= {"gunicorn.error", "shop"}


def test_a_celery_worker(tmp_path: Path) -> None:
    pytest.importorskip("celery")
    (tmp_path / "tasks.py").write_text(TASKS)
    queue, log = tmp_path / "queue", tmp_path / "log"
    queue.mkdir()
    bell = Bell(tmp_path / "bell")
    environment = {**os.environ, "QUEUE": str(queue), "BELL": str(tmp_path / "bell")}
    environment["LOGLOOM__STORE__DIR"] = str(log)
    send = "import tasks\nfor number in range(50): tasks.work.delay(number)"
    subprocess.run([sys.executable, "-c", send], cwd=tmp_path, env=environment, check=True)
    command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "--concurrency", "2"]
    process = subprocess.Popen(
        [*command, "--pool", "prefork", "--without-gossip", "--without-mingle"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        bell.wait(50)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        bell.close()
    worked = Counter(line["message"] for line in messages(lines_of(log), "worked on"))
    assert worked == {f"worked on {number}": 1 for number in range(50)}
    assert messages(lines_of(log), "celery@"), "the worker itself says that it is ready"
