"""Every example of the manual runs, and logs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import lines_of

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = [
    pytest.param(example, id=f"{page.stem}-{number}")
    for page in [DOCS / "python.md", DOCS / "sampling.md", *sorted(DOCS.glob("migrate-from-*.md"))]
    for number, example in enumerate(
        re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    )
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs(example: str, tmp_path: Path) -> None:
    for name in ("loguru", "structlog"):
        if re.search(rf"^(?:import|from) {name}\b", example, re.M):
            pytest.importorskip(name)
    (tmp_path / "work").mkdir()
    log = tmp_path / "log"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path / "work",
        env={**os.environ, "LOGLOOM__STORE__DIR": str(log)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = lines_of(log)
    assert lines and not any("[UNFORMATTED" in line.get("message", "") for line in lines)
