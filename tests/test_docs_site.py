"""The site of the docs builds strictly, loads nothing from other hosts, and says what the code says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.command import app
from service.reference_pages import make_api_page, make_commands_page, make_settings_page
from service.settings import Settings

ROOT = Path(__file__).parent.parent
LOADED = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=\"?(?:https?:)?//[^\s\">]+")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_of_the_docs_is_a_page_of_the_site(site: Path) -> None:
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert pages <= {path.stem for path in site.glob("*.html")}
    home = (site / "index.html").read_text("utf-8")
    assert all(f'href="{page}.html"' in home for page in pages - {"index"}), "a page has no place in the navigation"


def test_the_site_loads_nothing_from_other_hosts(site: Path) -> None:
    pages = [*site.rglob("*.html")]
    assert len(pages) > 15
    assert [hit for page in pages for hit in LOADED.findall(page.read_text("utf-8"))] == []
    styles = "".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    assert not re.search(r"url\([\"']?https?://|@import", styles)


def test_the_search_finds_words_of_both_languages(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text("utf-8")
    assert "identity" in index
    assert "\\u200b" in index or "\u200b" in index  # where jieba parts the words


def test_the_page_of_commands_has_every_command_and_option() -> None:
    page = make_commands_page()
    groups = {group.name: group.typer_instance for group in app.registered_groups if group.typer_instance}
    for command in app.registered_commands:
        assert command.callback is not None
        assert f"## gouji {command.name or command.callback.__name__.replace('_', '-')}\n" in page
    for name in filter(None, groups):
        assert f"## gouji {name} " in page
    assert "| `--resume` | Go on with --out: skip the documents it has. |  |  |" in page
    assert "| `--workers` | Worker processes. | the cores |  |" in page
    assert "`GOUJI_STORE`" in page


def test_the_page_of_the_api_has_its_routes_with_what_they_answer() -> None:
    page = make_api_page()
    assert "## POST /api/v1/uploads\n" in page
    assert "| 503 | too many uploads are waiting |" in page
    assert re.search(r"\[\w+\]\(#\w+\)", page)
    anchors = {name.lower() for name in re.findall(r"^### (\w+)$", page, re.M)}
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= anchors


def test_the_page_of_settings_has_every_setting_with_its_meaning() -> None:
    page = make_settings_page()
    for name, field in Settings.model_fields.items():
        assert field.description, f"{name} has no meaning"
        assert f"| `{name}` | `GOUJI_{name.upper()}` |" in page
