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


FRAGMENTS = """
import os, sys
import numpy as np
from pathlib import Path
from models.memory import GROWN, settle_memory, trim_memory
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
settle_memory()
parts = [np.ones(2**20, np.uint8) for _ in range(2 * GROWN // 2**20)]
del parts[:-1]  # the last part lies at the top: what is free below it is kept
grown = resident()
trim_memory()
print(grown, resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of the GNU C library")
def test_what_lies_free_between_parts_in_use_is_given_back_by_a_process_that_has_grown() -> None:
    done = subprocess.run([sys.executable, "-c", FRAGMENTS], cwd=ROOT, capture_output=True, text=True, check=True)
    grown, left = map(int, done.stdout.split())
    assert grown > 600 * 2**20 > 5 * left
