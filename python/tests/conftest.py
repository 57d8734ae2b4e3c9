"""A running library for each test, and the lines that it has written."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import logloom

Line = dict[str, Any]
Lines = Callable[[], list[Line]]


def lines_of(directory: Path) -> list[Line]:
    files = sorted(directory.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Lines]:
    """Starts the library; the value gives what has been logged since the start."""
    logloom.init(
        dir=tmp_path,
        service="test",
        level="TRACE",
        settings={"include.file": True, "include.line": True, "overflow.default": "block"},
    )

    def read() -> list[Line]:
        assert logloom.flush(10)
        return lines_of(tmp_path)

    yield read
    logloom.shutdown()


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., tuple[list[Line], str]]:
    """Runs a program in an interpreter of its own; gives its lines and its standard error."""

    def run(text: str, *arguments: str, status: int = 0) -> tuple[list[Line], str]:
        source = tmp_path / "program.py"
        source.write_text(text)
        log = tmp_path / "log"
        done = subprocess.run(
            [sys.executable, "-W", "error", str(source), str(log), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return lines_of(log), done.stderr

    return run
