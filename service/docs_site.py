"""Hooks of the site of the docs (mkdocs.yml): pages made from the code, and a place for every page."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.reference_pages import make_api_page, make_commands_page, make_settings_page

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

PAGES: Mapping[str, Callable[[], str]] = {
    "reference/commands.md": make_commands_page,
    "reference/api.md": make_api_page,
    "reference/settings.md": make_settings_page,
}
MORE = "More"  # where pages go that mkdocs.yml gives no place
_TITLE = re.compile(r"^# (.+)$", re.M)
# A link out of docs/ has no page in the site: its text stays.
_OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./(?!\w+\.md)[^)]*\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put pages that have no place in the navigation at its end, so that none is lost."""
    folder = Path(config.docs_dir)
    placed = set(_list_pages(config.nav or []))
    rest = [path for path in sorted(folder.glob("*.md")) if path.name not in placed]
    if rest and config.nav is not None:
        config.nav.append({MORE: [{_find_title(path): path.name} for path in rest]})
    for name in ("alembic", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.ERROR)  # of the empty store that the API is read from
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that are made from the code."""
    from mkdocs.structure.files import File

    for name, make in PAGES.items():
        files.append(File.generated(config, name, content=make()))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Take links out of docs/ off a page of docs/ itself."""
    return markdown if "/" in page.file.src_uri else _OUTSIDE.sub(r"\1", markdown)


def _list_pages(nav: Any) -> list[str]:
    """Every page of a navigation, whatever it is nested in."""
    if isinstance(nav, str):
        return [nav]
    entries = nav.values() if isinstance(nav, dict) else nav
    return [page for entry in entries for page in _list_pages(entry)]


def _find_title(path: Path) -> str:
    match = _TITLE.search(path.read_text("utf-8"))
    return match[1] if match else path.stem
