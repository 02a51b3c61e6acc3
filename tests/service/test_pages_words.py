"""Whatever the machine may say has words in both languages on the pages."""

from __future__ import annotations

import pytest

from extraction.deciding import REASONS
from models.form import load_forms
from models.numbers import State
from models.source_kinds import find_source_kind
from review import pages_words
from review.pages_words import Words
from service.access import ROLES

MEDIA = ("text/plain", "text/markdown", "text/html", "application/pdf", "application/msword", "image/png", "x/unknown")


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (pages_words.REASONS, list(REASONS)),
        (pages_words.STATES, list(State)),
        (pages_words.ROLES, list(ROLES)),
        (pages_words.SOURCE_KINDS, [find_source_kind({"media_type": media}) for media in MEDIA]),
        (pages_words.FORM_TITLES, [form.family for form in load_forms().values()]),
        (pages_words.SECTIONS, [form.section for form in load_forms().values()]),
    ],
)
def test_every_code_has_words_in_both_languages(words: Words, codes: list[str]) -> None:
    assert set(codes) <= set(words)
    for zh, en in words.values():
        assert zh and en.isascii()
