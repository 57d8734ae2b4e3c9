"""CPython's own tests of ``logging``, with our methods in all of its loggers."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import logging, os, sys, unittest
if sys.argv[2] == "installed":
    import logloom
    logloom.init(dir=sys.argv[1])
    logloom.install(level="WARNING")
    # Its tests want no handler before them; the methods stay.
    logging.root.handlers.clear()
from test import test_logging
assert (type(logging.getLogger("any")) is logging.Logger) == (sys.argv[2] == "bare")
suite = unittest.defaultTestLoader.loadTestsFromModule(test_logging)
with open(os.devnull, "w") as nowhere:
    result = unittest.TextTestRunner(stream=nowhere).run(suite)
assert result.testsRun > 200, result.testsRun
for test, error in result.failures + result.errors:
    print(test.id(), error.strip().splitlines()[-1], sep=": ")
"""


def failures(directory: Path, how: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(directory), how],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=directory,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines())


def test_logging_passes_its_own_tests(tmp_path: Path) -> None:
    if importlib.util.find_spec("test.test_logging") is None:
        pytest.skip("this interpreter has no test suite; Debian has it in libpython3-testsuite")
    found = failures(tmp_path, "installed")
    # What fails without us as well is this machine's.
    assert not found or found <= failures(tmp_path, "bare")
