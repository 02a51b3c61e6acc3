"""Every package that is installed for Gouji has a licence that is allowed."""

from __future__ import annotations

import pytest

from service.doctor_packages import fold_name, read_pins
from service.licences import Verdict, is_allowed, judge_packages, list_packages, read_rules


@pytest.fixture(scope="session")
def verdicts() -> list[Verdict]:
    pins = read_pins()
    return judge_packages([entry for entry in list_packages() if fold_name(entry["Name"]) in pins], read_rules())


def test_every_package_has_a_licence_that_is_allowed(verdicts: list[Verdict]) -> None:
    assert len(verdicts) > 100
    assert [f"{v.package}: {v.licence}" for v in verdicts if not v.allowed] == []


def test_every_exception_is_needed(verdicts: list[Verdict]) -> None:
    rules = read_rules()
    names = {fold_name(verdict.package): verdict for verdict in verdicts}
    for name in rules["excepted"]:
        assert name in names, f"{name} is not installed"
        assert not is_allowed(names[name].licence, rules["allowed"]), f"{name} needs no exception"
    for name in rules["stated"]:
        assert name in names, f"{name} is not installed"


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("ISC License (ISCL)", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("(MIT OR GPL-3.0-only) AND BSD-3-Clause", True),
        ("MIT AND GPL-3.0-only", False),
        ("MIT License; GNU Affero General Public License v3", False),
        ("UNKNOWN", False),
        ("", False),
    ],
)
def test_all_parts_of_a_licence_must_be_allowed(licence: str, allowed: bool) -> None:  # noqa: FBT001
    assert is_allowed(licence, read_rules()["allowed"]) is allowed


def test_a_package_that_says_nothing_of_its_licence_is_not_allowed() -> None:
    (verdict,) = judge_packages([{"Name": "Some_Thing", "Version": "1", "License": "UNKNOWN"}], read_rules())
    assert not verdict.allowed
    rules = read_rules() | {"stated": {"some-thing": "MIT"}}
    (verdict,) = judge_packages([{"Name": "Some_Thing", "Version": "1", "License": "UNKNOWN"}], rules)
    assert verdict.allowed
