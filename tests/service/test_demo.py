from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from review.store.database import open_store
from review.store.people import find_user
from review.store.progress import count_queue
from service.access_passwords import check_password

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture(scope="module")
def demo(
    run_code: Run, examples: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[bytes]]:
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(examples[0].parent, folder / "examples")
    return folder, run_code("from service.demo import main; main()", cwd=folder)


def test_the_demo_prints_every_example_one_form_and_what_to_try_next(
    demo: tuple[Path, subprocess.CompletedProcess[bytes]], examples: list[Path]
) -> None:
    _, run = demo
    text = run.stdout.decode("utf-8")
    assert run.returncode == 0, run.stderr.decode()
    assert all(path.name in text for path in examples)
    assert "行政规范性文件" in text
    assert "Try next" in text


def test_the_demo_ends_with_the_address_of_the_page_and_fills_its_queue(
    demo: tuple[Path, subprocess.CompletedProcess[bytes]],
) -> None:
    folder, run = demo
    *_, command, address = run.stdout.decode("utf-8").strip().splitlines()
    assert "gouji serve --store out/demo.db" in command
    assert "http://127.0.0.1:8080/" in address
    store = open_store(str(folder / "out" / "demo.db"))
    assert count_queue(store).open > 20
    password = re.search(r"password (\S+)\)", address)
    user = find_user(store, "demo")
    assert password
    assert user is not None and check_password(user.password_hash, password[1])
    store.engine.dispose()


def test_the_demo_writes_a_record_a_line_and_a_workbook(
    demo: tuple[Path, subprocess.CompletedProcess[bytes]], examples: list[Path]
) -> None:
    folder, _ = demo
    lines = (folder / "out" / "demo.jsonl").read_text("utf-8").splitlines()
    assert [Path(json.loads(line)["source"]).name for line in lines] == [path.name for path in examples]
    book = openpyxl.load_workbook(folder / "out" / "demo.xlsx", read_only=True)
    assert {"cells", "findings", "errors", "requests@2021", "statistics@2014"} <= set(book.sheetnames)
    book.close()
