from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.service.browsing import Desk, open_browser, sit_down
from tests.service.serving import Service, open_test_store, run_service

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with run_service(open_test_store(tmp_path)) as running:
        yield running


@pytest.fixture
def desk(browser: Browser, service: Service, request: pytest.FixtureRequest) -> Iterator[Desk]:
    with sit_down(browser, service, language=getattr(request, "param", "zh-CN")) as seat:
        yield seat
