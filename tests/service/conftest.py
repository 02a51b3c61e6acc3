from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def run_python(code: str, *arguments: str | bytes, cwd: Path = ROOT) -> subprocess.CompletedProcess[bytes]:
    """Python in a process of its own, with the rooms to be imported from wherever it runs."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="session")
def run_code() -> Run:
    return run_python


@pytest.fixture(scope="session")
def run_gouji() -> Run:
    def run(*arguments: str | bytes, cwd: Path = ROOT) -> subprocess.CompletedProcess[bytes]:
        return run_python("from service.command import main; main()", *arguments, cwd=cwd)

    return run


@pytest.fixture(scope="session")
def examples() -> list[Path]:
    """The example documents, as a run over the folder finds them."""
    return sorted(path for path in (ROOT / "examples").iterdir() if path.suffix != ".json")


@pytest.fixture(scope="session")
def example_run(run_gouji: Run) -> subprocess.CompletedProcess[bytes]:
    return run_gouji("extract", "examples", "--workers", "2")


@pytest.fixture(scope="session")
def example_records(example_run: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in example_run.stdout.decode("utf-8").splitlines()]
