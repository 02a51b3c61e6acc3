"""What a report promises and the reading does not have: a section whose statutory form was found nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from models.document import Problem
from models.form import Form
from models.report import FormMatch, Section


def find_omissions(
    sections: Sequence[Section], matches: Sequence[FormMatch], forms: Iterable[Form], *, year: int | None
) -> tuple[Problem, ...]:
    """One problem (`form_not_found`) for each section that stands in the report while no form of its family was found.

    Only forms of the report's `year` are expected; without a year none is.
    """
    if year is None:
        return ()
    titles = {section.section_id: section.title for section in sections}
    found = {match.form_id.partition("@")[0] for match in matches}
    expected = {
        form.family: form.section
        for form in forms
        if form.section in titles and form.years[0] <= year <= (form.years[1] or year)
    }
    return tuple(
        Problem("extract", "form_not_found", f"under {titles[section]!r} no table of the form {family} was recognized")
        for family, section in expected.items()
        if family not in found
    )
