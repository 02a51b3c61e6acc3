"""A document that needs more memory than a worker has is an error record, and the worker reads the next one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import PIL.Image
import pytest

ROOT = Path(__file__).parents[2]
TEXT = "# 政府信息公开工作年度报告\n\n规章 | 1 | 2 | 3 |\n"
# Reads each path with so many MB more than the process has by then.
SCRIPT = """
import resource, sys
from pathlib import Path
from service.reading import ReadOptions, prepare_worker, read_record

options = ReadOptions(facts=False)
prepare_worker(options)
for path in sys.argv[2:4]:  # a small picture and a text load what is loaded late
    read_record(path, options)
pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[1]) * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for path in sys.argv[3:]:
    print(read_record(path, options))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the memory of a process is told on Linux alone")
@pytest.mark.parametrize("room", [24, 90])
def test_a_picture_too_large_for_the_memory_left_is_an_error_and_the_next_document_is_read(
    tmp_path: Path, room: int
) -> None:
    picture, small, text = (tmp_path / name for name in ("page.png", "small.png", "report.md"))
    PIL.Image.new("L", (700, 1_000), 255).save(small)
    PIL.Image.new("RGB", (6_500, 9_000), "white").save(picture, compress_level=1)  # 175 MB of pixels
    text.write_text(TEXT, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(room), str(small), str(text), str(picture), str(text)],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    first, large, last = map(json.loads, done.stdout.splitlines())
    assert large["error"]["code"] == "out_of_memory"
    assert first == last
