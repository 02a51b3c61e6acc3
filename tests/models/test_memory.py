"""What a process keeps of the memory that it frees."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PICTURES = """
import gc, resource, sys
from models.memory import COLLECTED, settle_memory
if sys.argv[1] == "settled":
    settle_memory()
    assert gc.get_threshold()[0] == COLLECTED and gc.get_freeze_count() > 0
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    bytearray(40 * 2**20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="an option of the GNU C library")
def test_a_settled_process_does_not_take_its_pictures_from_the_system_anew_each_time() -> None:
    faults = {
        how: int(
            subprocess.run(
                [sys.executable, "-c", PICTURES, how], cwd=ROOT, capture_output=True, text=True, check=True
            ).stdout
        )
        for how in ("settled", "usual")
    }
    assert faults["settled"] < faults["usual"] / 4
