"""A form that a section promises and nobody found is told."""

from __future__ import annotations

from extraction.omissions import find_omissions
from models.form import load_forms
from models.report import FormMatch, Section

SECTIONS = [Section("requests", "三、依申请公开情况", "", 1.0), Section("disputes", "四、复议诉讼情况", "", 1.0)]


def find(*found: str, year: int | None = 2023) -> list[str]:
    matches = [FormMatch(form_id, (1,), (), 1.0) for form_id in found]
    return [problem.message for problem in find_omissions(SECTIONS, matches, load_forms().values(), year=year)]


def test_a_section_without_its_form_is_told() -> None:
    (message,) = find("requests@2021")
    assert "四、复议诉讼情况" in message
    assert "disputes" in message


def test_a_form_of_another_generation_is_the_form() -> None:
    assert find("requests@2019", "disputes@2019") == []


def test_nothing_is_expected_before_the_forms_were_introduced_or_without_a_year() -> None:
    assert find(year=2012) == []
    assert find(year=None) == []
