from __future__ import annotations

import re
from pathlib import Path

import pytest

from extraction.deciding import REASONS
from models.form import load_forms
from service.command import app
from service.record_page import ERROR_CODES, PAGE, PROBLEM_CODES, make_record_page

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh.md")
PAGES = (*READMES, "docs/architecture.md", "docs/record.md", "CHANGELOG.md")
COMMANDS = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
SOURCES = "\n".join(
    path.read_text("utf-8") for room in ("extraction", "service") for path in sorted((ROOT / room).rglob("*.py"))
)


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def find_codes() -> set[str]:
    """Every code of an error record that the sources name."""
    patterns = (
        r'DocumentError\(\s*"(\w+)"',
        r'^    errno\.\w+: \("(\w+)"',
        r'error\.errno or 0, \("(\w+)"',
        r'make_error_record\(path, \w+, "(\w+)"',
        r'code, message = "(\w+)"',
    )
    return {code for pattern in patterns for code in re.findall(pattern, SOURCES, re.M)}


@pytest.mark.parametrize("page", READMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_both_readmes_name_every_command(page: str, command: str) -> None:
    assert f"`gouji {command} " in read(page)


@pytest.mark.parametrize("page", READMES)
def test_the_readmes_name_no_command_that_there_is_not(page: str) -> None:
    named = set(re.findall(r"(?:^|`|&& )gouji ([a-z]+)", read(page), re.M))
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("page", READMES)
def test_every_option_that_a_readme_names_exists(page: str) -> None:
    declared = read("service/command.py")
    for option in set(re.findall(r"--([a-z][a-z-]+)", read(page))) - {"help"}:
        assert f'"--{option}"' in declared or re.search(rf"^    {option}: Annotated", declared, re.M), option


def test_both_readmes_have_the_same_parts() -> None:
    counts = [
        [len(re.findall(pattern, read(page), re.M)) for pattern in (r"^#+ ", r"^\|", r"^```", "FIGURES")]
        for page in READMES
    ]
    assert counts[0] == counts[1]


@pytest.mark.parametrize("page", READMES)
def test_the_readmes_count_the_fields_of_the_forms(page: str) -> None:
    assert str(sum(len(form.fields) for form in load_forms().values())) in read(page)


@pytest.mark.parametrize("page", PAGES)
def test_links_and_named_files_of_a_page_are_there(page: str) -> None:
    folder = (ROOT / page).parent
    for link in re.findall(r"\]\(([^)#]+)\)", read(page)):
        assert link.startswith("https://") or (folder / link).exists(), link
    for name in re.findall(r"`((?:models|extraction|training|service|tests)/[\w/]+(?:\.py|/))`", read(page)):
        assert (ROOT / name).exists(), name


def test_the_record_page_is_what_its_generator_makes() -> None:
    """Where this fails, run `python -m service.record_page`."""
    assert PAGE.read_text("utf-8") == make_record_page()


def test_the_record_page_has_every_reason() -> None:
    assert all(f"| `{reason}` |" in read("docs/record.md") for reason in REASONS)


def test_the_record_page_has_every_error_code_and_no_other() -> None:
    assert find_codes() == set(ERROR_CODES)


def test_the_record_page_has_every_code_of_a_problem() -> None:
    assert set(re.findall(r'Problem\(\s*"\w+", "(\w+)"', SOURCES)) == set(PROBLEM_CODES)
