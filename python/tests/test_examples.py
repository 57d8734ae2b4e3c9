"""The programs in examples/python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import lines_of

EXAMPLES = Path(__file__).parents[2] / "examples" / "python"


def run(name: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_two_services_share_their_traces(tmp_path: Path) -> None:
    for name in ("django", "fastapi", "httpx", "uvicorn"):
        pytest.importorskip(name)
    told = run("services.py", str(tmp_path), "200")
    assert "shop told of 200, stock of 200\n200 traces in both" in told
    modules = {line["module"] for line in lines_of(tmp_path)}
    assert "uvicorn.access" not in modules, "a request is one record"


def test_the_agent(tmp_path: Path) -> None:
    told = run("agent.py", str(tmp_path))
    assert "13 actions" in told and "errors: [('tool_error', 'TypeError')]" in told
