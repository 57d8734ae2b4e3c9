"""The long proofs of python/bench, in their short form."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROOFS = Path(__file__).parents[1] / "bench" / "processes.py"


@pytest.mark.parametrize("proof", ["forks 300", "rotate 8 50000", "memory 10000000"])
def test_a_proof_holds(proof: str) -> None:
    done = subprocess.run(
        [sys.executable, str(PROOFS), *proof.split()],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    told = json.loads(done.stdout)
    assert told.get("files", 2) > 1
    assert (told["hung"], told["lost"], told["doubled"], told["strange"]) == (0, 0, 0, 0)
