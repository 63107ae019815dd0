import os
import subprocess
import sys
from pathlib import Path

STACK = Path(__file__).resolve().parents[3] / "deploy" / "local" / "stack.py"


def test_a_reader_that_has_gone_is_no_error() -> None:
    reads, writes = os.pipe()
    os.close(reads)  # as `make status | head -0` does
    try:
        done = subprocess.run(
            [sys.executable, STACK, "--instance", "test", "env"],
            stdout=writes,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writes)
    assert (done.returncode, done.stderr) == (0, b"")
