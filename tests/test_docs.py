from __future__ import annotations

import ast
import re
from collections.abc import Iterator
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
GROUPS = [group.name or group.typer_instance.info.name for group in app.registered_groups if group.typer_instance]
ROOMS = ("models", "extraction", "training", "review", "service")
SOURCES = [path.read_text("utf-8") for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
# What makes a code, and which of its arguments the code is.
ERRORS = {"DocumentError": 0, "make_error_record": 2}
PROBLEMS = {"Problem": 1}


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def find_codes(source: str, makers: dict[str, int]) -> set[str]:
    """The codes that calls of the makers name in a source; raises `ValueError` for one that cannot be followed."""
    tree = ast.parse(source)
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    codes: set[str] = set()
    for call in calls:
        place = makers.get(call.func.id)  # type: ignore[attr-defined]
        if place is None:
            continue
        named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
        code = named[0] if named else call.args[place]
        found = {code.value} if isinstance(code, ast.Constant) else set(_follow(code, tree))
        # `error.code` hands on what another call has named.
        if not found and not (isinstance(code, ast.Attribute) and code.attr == "code"):
            raise ValueError(f"line {call.lineno}: {ast.unparse(code)} names no code that can be read")
        codes |= found
    return codes


def _follow(name: ast.expr, tree: ast.AST) -> Iterator[str]:
    """The codes in assignments `name, message = ...`: of pairs of texts, or of the tables or functions named there."""
    assignments = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    for assignment in assignments:
        target = assignment.targets[0]
        if isinstance(target, ast.Tuple) and ast.unparse(target.elts[0]) == ast.unparse(name):
            named = {node.id for node in ast.walk(assignment.value) if isinstance(node, ast.Name)}
            tables = [other.value for other in assignments if ast.unparse(other.targets[0]) in named]
            makers = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in named]
            for value in (assignment.value, *tables, *makers):
                yield from _find_pairs(value)


def _find_pairs(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[0], ast.Constant):
            yield node.elts[0].value


@pytest.mark.parametrize("page", READMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_both_readmes_name_every_command(page: str, command: str) -> None:
    assert f"`gouji {command} " in read(page)


@pytest.mark.parametrize("page", READMES)
def test_the_readmes_name_no_command_that_there_is_not(page: str) -> None:
    named = set(re.findall(r"(?:^|`|&& )gouji ([a-z]+)", read(page), re.M))
    assert named <= {*COMMANDS, *GROUPS}


@pytest.mark.parametrize("page", READMES)
def test_every_option_that_a_readme_names_exists(page: str) -> None:
    declared = "".join(path.read_text("utf-8") for path in sorted((ROOT / "service").glob("*command*.py")))
    for option in set(re.findall(r"--([a-z][a-z-]+)", read(page))) - {"help"}:
        assert f'--{option}"' in declared or re.search(rf"^    {option}: Annotated", declared, re.M), option


def test_both_readmes_have_the_same_parts() -> None:
    counts = [
        [len(re.findall(pattern, read(page), re.M)) for pattern in (r"^#+ ", r"^\|", r"^```", "TODO-FIGURE")]
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
    assert set().union(*(find_codes(source, ERRORS) for source in SOURCES)) == set(ERROR_CODES)


def test_the_record_page_has_every_code_of_a_problem_and_no_other() -> None:
    assert set().union(*(find_codes(source, PROBLEMS) for source in SOURCES)) == set(PROBLEM_CODES)


@pytest.mark.parametrize("page", READMES)
def test_the_codes_that_a_readme_shows_are_known(page: str) -> None:
    shown = set(re.findall(r'"code": "(\w+)"', read(page)))
    assert shown
    assert shown <= {*ERROR_CODES, *PROBLEM_CODES}


def test_codes_are_found_however_they_are_given() -> None:
    source = """
TABLE = {1: ("late", "too late")}
raise DocumentError("early", "too early")
raise DocumentError(message="", code="named")
code, message = TABLE.get(1, ("other", "what else"))
raise DocumentError(code, message)
make_error_record(path, None, error.code, error.message)
"""
    assert find_codes(source, ERRORS) == {"early", "named", "late", "other"}


def test_a_code_that_cannot_be_followed_is_told() -> None:
    with pytest.raises(ValueError, match="line 1: choose"):
        find_codes("raise DocumentError(choose(), '')", ERRORS)
