from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO

import pytest
from fpdf import FPDF
from pypdfium2 import PdfDocument

from extraction.readers.pdf_pages import open_pages
from extraction.tables.camelot_grid import MAX_BYTES, MAX_SECONDS, CamelotGrids
from extraction.tables.pages import find_page_tables
from models.document import Source
from models.page import Character, Page, Rule

COLUMNS, ROWS = (50.0, 150.0, 250.0), (100.0, 120.0, 140.0)
TEXTS = (("a", "12"), ("b", "345"))


def draw(pages: int = 1, *, password: str | None = None, format: Sequence[float] = (600, 800)) -> bytes:
    pdf = FPDF(unit="pt", format=tuple(format))
    pdf.set_auto_page_break(False)
    if password is not None:
        pdf.set_encryption(owner_password=password, user_password=password)
    for _ in range(pages):
        pdf.add_page()
        pdf.set_font("helvetica", size=10)
        for y in ROWS:
            pdf.line(COLUMNS[0], y, COLUMNS[-1], y)
        for x in COLUMNS:
            pdf.line(x, ROWS[0], x, ROWS[-1])
        for row, line in enumerate(TEXTS):
            for column, text in enumerate(line):
                pdf.text(COLUMNS[column] + 6, ROWS[row] + 14, text)
    return bytes(pdf.output())


def see_page(number: int = 1, *, width: float = 600, turn: int = 0) -> Page:
    """The same page as the reader of pages sees it."""
    characters = [
        Character(letter, (x, ROWS[row] + 6, x + 5, ROWS[row] + 14), (x, ROWS[row] + 14), 10)
        for row, line in enumerate(TEXTS)
        for column, text in enumerate(line)
        for x, letter in ((COLUMNS[column] + 6 + 5.56 * place, letter) for place, letter in enumerate(text))
    ]
    rules = [Rule((COLUMNS[0], y, COLUMNS[-1], y + 0.2)) for y in ROWS]
    rules += [Rule((x, ROWS[0], x + 0.2, ROWS[-1])) for x in COLUMNS]
    return Page(number, width, 800, tuple(characters), tuple(rules), turn=turn)


@pytest.fixture
def grids() -> Iterator[CamelotGrids]:
    with open_pages(Source("two.pdf", draw(pages=2), "")) as pages:
        yield CamelotGrids(pages.copy_page)


def test_grid_is_in_points_from_the_top_left(grids: CamelotGrids) -> None:
    found = grids.find_grids(see_page())
    assert found is not None
    assert found[0].columns == pytest.approx(COLUMNS, abs=1)
    assert found[0].rows == pytest.approx(ROWS, abs=1)
    assert len(found[0].spans) == 4


def test_both_readers_agree_on_a_plain_table(grids: CamelotGrids) -> None:
    (table,) = find_page_tables(see_page(2), grids)
    assert table.quality == 1.0
    assert [cell.text for cell in table.cells] == ["a", "12", "b", "345"]


def test_page_of_an_encrypted_document_is_read() -> None:
    source = Source("a.pdf", draw(password="geheim"), "", password="geheim")
    with open_pages(source) as pages:
        assert CamelotGrids(pages.copy_page).find_grids(see_page())


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"no document", draw()[:400], bytes(range(256)) * 20])
def test_damaged_document_gives_no_opinion(content: bytes) -> None:
    grids = CamelotGrids(lambda _: content)
    assert not grids.find_grids(see_page())
    (table,) = find_page_tables(see_page(), grids)
    assert [cell.text for cell in table.cells] == ["a", "12", "b", "345"]


def test_damage_within_the_document_gives_no_wrong_table() -> None:
    content = bytearray(draw())
    for place in range(0, len(content), 97):
        content[place] ^= 0x5A
    grids = CamelotGrids(lambda _: bytes(content))
    (table,) = find_page_tables(see_page(), grids)
    assert [cell.text for cell in table.cells] == ["a", "12", "b", "345"]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.9, 0.95, 0.99])
def test_document_cut_off_raises_nothing(share: float) -> None:
    content = draw(pages=3)
    grids = CamelotGrids(lambda _: content[: int(share * len(content))])
    grids.find_grids(see_page(3))


def test_page_that_is_not_there_gives_no_opinion(grids: CamelotGrids) -> None:
    assert grids.find_grids(see_page(9)) is None


def test_page_cut_otherwise_gives_no_opinion(grids: CamelotGrids) -> None:
    assert grids.find_grids(see_page(width=500)) is None


def turn_page(page: Page) -> Page:
    """The same page as it is seen where its text stands upside down."""
    characters = [
        replace(c, box=(page.width - c.box[2], page.height - c.box[3], page.width - c.box[0], page.height - c.box[1]))
        for c in page.characters
    ]
    return replace(page, characters=tuple(characters), turn=180)


def test_grid_of_a_page_upside_down_is_turned_upright(grids: CamelotGrids) -> None:
    found = grids.find_grids(turn_page(see_page()))
    assert found is not None
    assert found[0].columns == pytest.approx([600 - x for x in reversed(COLUMNS)], abs=1)
    assert found[0].rows == pytest.approx([800 - y for y in reversed(ROWS)], abs=1)


def test_grid_without_print_is_none(grids: CamelotGrids) -> None:
    assert grids.find_grids(replace(see_page(), characters=())) == []


def test_rules_in_a_form_on_the_page_are_seen() -> None:
    source, target, written = PdfDocument(draw()), PdfDocument.new(), BytesIO()
    page = target.new_page(600, 800)
    page.insert_obj(source.page_as_xobject(0, target).as_pageobject())
    page.gen_content()
    target.save(written)
    assert CamelotGrids(lambda _: written.getvalue()).find_grids(see_page())


def test_page_of_too_many_bytes_is_not_opened() -> None:
    grids = CamelotGrids(lambda _: draw() + bytes(MAX_BYTES))
    assert grids.find_grids(see_page()) is None


def test_page_without_rules_asks_nobody() -> None:
    class Unasked:
        def find_grids(self, page: Page) -> None:
            raise AssertionError(page)

    assert find_page_tables(Page(1, 600, 800, ()), Unasked()) == []


@pytest.mark.parametrize(("seconds", "answers"), [(MAX_SECONDS - 1, 2), (MAX_SECONDS + 1, 1)])
def test_only_a_page_that_takes_far_longer_than_any_ends_the_asking(seconds: float, answers: int) -> None:
    clock = itertools.count(step=seconds)
    with open_pages(Source("two.pdf", draw(pages=2), "")) as pages:
        grids = CamelotGrids(pages.copy_page, clock=lambda: float(next(clock)))
        found = [grids.find_grids(see_page(number)) for number in (1, 2)]
    assert sum(grid is not None for grid in found) == answers
