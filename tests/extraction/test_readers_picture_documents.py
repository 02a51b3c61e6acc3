"""Pictures of pages as documents: what is read on them, where it stands, and what bad pictures become."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from extraction.pictures.seen_pages import place_characters
from extraction.readers import read_document
from extraction.readers.picture_documents import find_media_type
from extraction.readers.scan_store import ScanStore
from extraction.recognition.page_reader import PrintedCharacter, PrintedText
from extraction.scanned_cells import PICTURE_FEATURES, read_boxes
from models.document import Document, DocumentError, Source, Table

ROWS, COLUMNS = 5, 4
CELL = (200, 70)  # pixels
CORNER = (150, 180)
VALUES = [[f"{7 * r + 13 * c}" for c in range(COLUMNS)] for r in range(ROWS)]
OPTIONS = {"unit": "件", "kind": "integer", "printed_unit": ""}


def draw_table(values: list[list[str]], *, turn: int = 0) -> Image.Image:
    """A page of 150 dpi with a ruled table of numbers; turned clockwise."""
    page = Image.new("L", (1240, 1000), 255)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=32)
    for r, row in enumerate(values):
        for c, text in enumerate(row):
            left, top = CORNER[0] + c * CELL[0], CORNER[1] + r * CELL[1]
            draw.rectangle((left, top, left + CELL[0], top + CELL[1]), outline=0, width=3)
            draw.text((left + CELL[0] / 2, top + CELL[1] / 2), text, 0, font, anchor="mm")
    return page.rotate(-turn, expand=True) if turn else page


def save(*pages: Image.Image, kind: str = "PNG", **options: object) -> Source:
    target = io.BytesIO()
    more = {"save_all": True, "append_images": pages[1:]} if len(pages) > 1 else {}
    pages[0].save(target, kind, dpi=(150, 150), **more, **options)
    content = target.getvalue()
    return Source("scan", content, hashlib.sha256(content).hexdigest())


@pytest.fixture(scope="module")
def document() -> Document:
    return read_document(save(draw_table(VALUES)))


def find_table(document: Document) -> Table:
    (table,) = [block for block in document.blocks if isinstance(block, Table)]
    return table


def test_a_ruled_table_of_a_picture_has_its_cells(document: Document) -> None:
    table = find_table(document)
    assert (table.layout, table.n_rows, table.n_columns) == ("ruled", ROWS, COLUMNS)
    assert {(cell.row, cell.column): cell.text for cell in table.cells} == {
        (r, c): VALUES[r][c] for r in range(ROWS) for c in range(COLUMNS)
    }


def test_boxes_of_cells_are_points_of_the_page_as_shown(document: Document) -> None:
    cell = next(cell for cell in find_table(document).cells if (cell.row, cell.column) == (2, 1))
    assert cell.evidence.page == 1
    assert cell.evidence.bbox is not None
    left, top, right, bottom = (side * 150 / 72 for side in cell.evidence.bbox)
    assert CORNER[0] + CELL[0] < left < right < CORNER[0] + 2 * CELL[0]
    assert CORNER[1] + 2 * CELL[1] < top < bottom < CORNER[1] + 3 * CELL[1]


def test_boxes_of_a_page_that_lay_turned_are_those_of_the_turned_page() -> None:
    cell = next(c for c in find_table(read_document(save(draw_table(VALUES, turn=90)))).cells if c.text == "53")
    assert cell.evidence.bbox is not None
    x, y = ((cell.evidence.bbox[i] + cell.evidence.bbox[i + 2]) / 2 * 150 / 72 for i in (0, 1))
    # Turned clockwise, what was down is left: (x, y) was at (1000 - y, x).
    upright = y, 1000 - x
    expected = CORNER[0] + 3.5 * CELL[0], CORNER[1] + 2.5 * CELL[1]
    assert upright == pytest.approx(expected, abs=25) or upright == pytest.approx(
        (1240 - expected[0], 1000 - expected[1]), abs=25
    )


def test_a_document_of_a_picture_says_what_it_is(document: Document) -> None:
    assert (document.media_type, document.pages, document.problems) == ("image/png", 1, ())
    assert [scan.number for scan in document.scans] == [1]
    assert document.scans[0].packed
    assert find_media_type(b"II*\0") == "image/tiff"


def test_cells_are_read_on_their_own_with_candidates_and_features(document: Document) -> None:
    boxes = [cell.box for cell in find_table(document).cells if cell.box is not None]
    seen = read_boxes(document.scans[0], boxes)
    assert [cell.candidates[0].text for cell in seen] == [text for row in VALUES for text in row]
    assert all(len(cell.features) == len(PICTURE_FEATURES) for cell in seen)
    assert all(cell.candidates[0].probability > 0.9 for cell in seen)


def test_every_page_of_a_tiff_is_read_and_only_pages_with_tables_keep_their_pixels() -> None:
    lines = Image.new("L", (1240, 1000), 255)
    ImageDraw.Draw(lines).text((200, 300), "2023 2024 2025", 0, ImageFont.load_default(size=40))
    document = read_document(save(lines, draw_table(VALUES), kind="TIFF"))
    assert (document.media_type, document.pages) == ("image/tiff", 2)
    assert [bool(scan.packed) for scan in document.scans] == [False, True]
    assert "2023" in document.lines[0].text


def test_with_tables_only_pages_without_rules_are_left_out_and_told() -> None:
    lines = Image.new("L", (1240, 1000), 255)
    ImageDraw.Draw(lines).text((200, 300), "2023 2024 2025", 0, ImageFont.load_default(size=40))
    source = save(lines, draw_table(VALUES), kind="TIFF")
    document = read_document(Source(source.path, source.content, source.sha256, tables_only=True))
    assert [(problem.code, problem.page) for problem in document.problems] == [("no_table", 1)]
    assert find_table(document).n_rows == ROWS


def test_blank_pages_and_photos_are_problems_with_a_code() -> None:
    blank = Image.new("L", (600, 800), 255)
    black = Image.new("L", (600, 800), 0)
    y, x = np.mgrid[0:600, 0:800]
    hills = (128 + 60 * np.sin(x / 90) + 60 * np.cos(y / 70)).astype(np.uint8)
    photo = Image.fromarray(np.stack([hills, hills[::-1], hills[:, ::-1]], axis=2))
    for picture in (blank, black, photo):
        document = read_document(save(picture))
        assert [problem.code for problem in document.problems] == ["no_print"]
        assert (document.blocks, document.pages) == ((), 1)


def test_a_truncated_jpeg_is_an_error() -> None:
    source = save(draw_table(VALUES), kind="JPEG")
    cut = Source("scan", source.content[:3000], "")
    with pytest.raises(DocumentError) as raised:
        read_document(cut)
    assert raised.value.code == "damaged"


def test_a_picture_of_a_billion_pixels_is_an_error_before_it_is_decoded() -> None:
    with pytest.raises(DocumentError) as raised:
        read_document(save(Image.new("1", (30_000, 30_000), 1)))
    assert raised.value.code == "too_large"


def test_a_tiff_of_too_many_pages_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extraction.readers.picture_files.MAX_PAGES", 3)
    with pytest.raises(DocumentError) as raised:
        read_document(save(*[Image.new("L", (40, 40), 255)] * 5, kind="TIFF"))
    assert raised.value.code == "too_many_pages"


def test_a_picture_of_a_few_pixels_has_no_print() -> None:
    assert [p.code for p in read_document(save(Image.new("L", (5, 5), 255))).problems] == ["no_print"]


def test_pages_beyond_the_room_of_the_store_are_known_as_scans(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extraction.readers.scan_store.MAX_KEPT", 10)
    again = read_document(save(draw_table(VALUES)))
    assert [(scan.number, scan.packed) for scan in again.scans] == [(1, b"")]
    assert ScanStore().pages == ()


def print_line(text: str, top: float, size: float) -> PrintedText:
    """A line of Chinese, its ink as large as print of this size has it; pixels."""
    ink = 0.9 * size
    characters = tuple(
        PrintedCharacter(sign, (size * i, top, size * i + ink, top + ink), 0.99) for i, sign in enumerate(text)
    )
    right = size * len(text)
    return PrintedText(text, ((0, top), (right, top), (right, top + ink), (0, top + ink)), 0.99, characters)


def list_sizes(*lines: PrintedText) -> list[float]:
    characters = place_characters(lines, 1.0)
    firsts = [sum(len(line.characters) for line in lines[:n]) for n in range(len(lines))]
    return [round(characters[first].size, 3) for first in firsts]


def test_the_size_of_a_short_line_is_that_of_the_lines_around_it() -> None:
    lines = [print_line("主动公开政府信息数", 20.0 * n, 10.0) for n in range(4)]
    assert list_sizes(*lines, print_line("信访", 80.0, 13.0), print_line("总计", 100.0, 8.0)) == [10.0] * 6


def test_lines_of_one_font_have_one_size_and_titles_keep_theirs() -> None:
    sizes = [10.0, 10.3, 9.8, 10.6, 16.0]
    lines = [print_line("主动公开政府信息数", 20.0 * n, size) for n, size in enumerate(sizes)]
    settled = list_sizes(*lines)
    assert len(set(settled[:4])) == 1
    assert settled[4] == 16.0
    assert list_sizes(*lines[:4], print_line("附件", 80.0, 16.0))[4] == 16.0
