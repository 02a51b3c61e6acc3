from __future__ import annotations

import pytest

from models.sheet_text import make_harmless


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1+1"], ids=repr)
def test_a_text_that_begins_as_a_formula_becomes_harmless(text: str) -> None:
    assert make_harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["3", "", "枫湾区人民政府", "a=b", "3-4", "0.5"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert make_harmless(text) == text


def test_characters_that_no_sheet_holds_are_written_out_not_dropped() -> None:
    assert make_harmless("a\x00b\x1b") == "a\\x00b\\x1b"
