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
PAGES = "".join((DOCS / name).read_text("utf-8") for name in ("python.md", "sampling.md"))
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGES, re.M | re.S)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs(number: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", EXAMPLES[number]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "LOGLOOM__STORE__DIR": str(tmp_path)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = lines_of(tmp_path)
    assert lines and not any("[UNFORMATTED" in line.get("message", "") for line in lines)
