"""PDF files in: pages as they are shown, documents as they read, and every bad file an error with a code."""

from __future__ import annotations

import hashlib
import random
import re
import zlib
from collections.abc import Sequence

import pytest
from fpdf import FPDF

from extraction.metadata import find_metadata
from extraction.readers import read_document
from extraction.readers.limits import MAX_PAGES
from extraction.readers.page_routes import find_route
from extraction.readers.pdf import read_pdf
from extraction.readers.pdf_pages import open_pages
from models.document import DocumentError, Problem, Source, Table, TextLine
from models.page import Page

FONTS = (
    "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
    "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 5 0 R /CIDSystemInfo "
    "<< /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
    "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
    "/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
)
FIRST_OBJECT = 7  # of those that a test adds
SENTENCE = "全年主动公开政府信息，受理政府信息公开申请，均在法定期限内答复。"


def make_pdf(
    pages: Sequence[str],
    *,
    page: str = "",
    objects: Sequence[str] = (),
    resources: str = "",
    fonts: str = "",
    box: str = "0 0 595 842",
) -> bytes:
    """A PDF file of content streams, drawn with /F1 (Chinese, not embedded) and /F2 (Latin)."""
    bodies = ["<< /Type /Catalog /Pages 2 0 R >>", "", *FONTS, *objects]
    kids = []
    for content in pages:
        data = zlib.compress(content.encode("latin-1")).decode("latin-1")
        bodies.append(f"<< /Length {len(data)} /Filter /FlateDecode >>\nstream\n{data}\nendstream")
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents {len(bodies)} 0 R "
            f"/Resources << /Font << /F1 3 0 R /F2 6 0 R {fonts} >> {resources} >> {page} >>"
        )
        kids.append(f"{len(bodies)} 0 R")
    bodies[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(bodies) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}"
    return out + f"{tail}\n%%EOF".encode()


def set_text(x: float, y: float, text: str, *, size: float = 12) -> str:
    """Operators that print a text with its baseline at (x, y), from the bottom left."""
    if text.isascii():
        return f"BT /F2 {size} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET\n"
    return f"BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm <{text.encode('utf-16-be').hex()}> Tj ET\n"


def make_source(content: bytes, *, password: str | None = None) -> Source:
    return Source("report.pdf", content, hashlib.sha256(content).hexdigest(), password)


def read_pages(content: bytes, *, password: str | None = None) -> list[Page | Problem]:
    with open_pages(make_source(content, password=password)) as pages:
        return list(pages)


def read_only_page(content: bytes) -> Page:
    (page,) = read_pages(content)
    assert isinstance(page, Page)
    return page


def read_text(page: Page | Problem) -> str:
    assert isinstance(page, Page)
    return "".join(character.text for character in page.characters)


def read_code(content: bytes, *, password: str | None = None) -> str:
    with pytest.raises(DocumentError) as error:
        read_pdf(make_source(content, password=password))
    assert "\n" not in error.value.message
    assert password is None or password not in error.value.message
    return error.value.code


def make_encrypted(*, user: str) -> bytes:
    pdf = FPDF()
    pdf.set_font("Helvetica")
    pdf.add_page()
    pdf.cell(text="1204 items")
    pdf.set_encryption(owner_password="owner", user_password=user)
    return bytes(pdf.output())


def make_picture(name: str, width: int = 1, height: int = 1) -> str:
    return (
        f"<< /Type /XObject /Subtype /Image /Name /{name} /Width {width} /Height {height} /ColorSpace /DeviceGray "
        f"/BitsPerComponent 8 /Length {width * height} >>\nstream\n{'x' * width * height}\nendstream"
    )


# Pages


def test_a_character_has_its_ink_its_baseline_and_its_size() -> None:
    character = read_only_page(make_pdf([set_text(100, 700, "9", size=20)])).characters[0]
    left, top, right, bottom = character.box
    assert character.text == "9"
    assert character.origin == pytest.approx((100, 142))
    assert character.size == pytest.approx(20)
    assert 100 < left < right < 112
    assert 125 < top < bottom < 143


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_page_turned_by_rotate_is_read_upright_and_placed_as_shown(rotation: int) -> None:
    content = make_pdf([set_text(100, 700, SENTENCE)], page=f"/Rotate {rotation} /CropBox [50 40 545 792]")
    page = read_only_page(content)
    first = page.characters[0]
    assert first.origin == pytest.approx((50, 92))
    assert page.turn == (360 - rotation) % 360
    x, y = {0: (50, 92), 90: (752 - 92, 50), 180: (495 - 50, 752 - 92), 270: (92, 495 - 50)}[rotation]
    left, top, right, bottom = page.place_box((*first.origin, *first.origin))
    assert (left, top) == pytest.approx((x, y))
    assert (right, bottom) == pytest.approx((x, y))


def test_sideways_text_turns_the_page_and_leaves_its_place_as_shown() -> None:
    page = read_only_page(make_pdf([f"q 0 1 -1 0 400 100 cm {set_text(0, 0, SENTENCE)} Q"]))
    assert (page.turn, page.width, page.height) == (90, 842, 595)
    assert read_text(page) == SENTENCE
    left, top, right, bottom = page.place_box(page.characters[0].box)
    assert 385 < left < right < 405
    assert 725 < top < bottom < 745


def test_a_slanting_watermark_is_no_text() -> None:
    slanting = f"q 0.7 0.7 -0.7 0.7 100 100 cm {set_text(0, 0, '内部资料')} Q "
    assert read_text(read_only_page(make_pdf([slanting + set_text(100, 700, SENTENCE)]))) == SENTENCE


def test_characters_beside_the_visible_page_are_left_out() -> None:
    content = set_text(100, 700, "页内") + set_text(700, 700, "页外") + set_text(100, -30, "页下")
    assert read_text(read_only_page(make_pdf([content]))) == "页内"


def test_unseen_text_is_counted_and_not_read() -> None:
    unseen = f"3 Tr {set_text(100, 600, '看不见')} 0 Tr " + set_text(100, 500, "x", size=0.1)
    page = read_only_page(make_pdf([unseen + set_text(100, 700, "看得见")]))
    assert (read_text(page), page.hidden) == ("看得见", 3)


def test_what_is_printed_twice_to_look_bold_is_read_once() -> None:
    bold = set_text(100, 700, "合计100") + set_text(100.3, 700, "合计100")
    assert read_text(read_only_page(make_pdf([bold]))) == "合计100"


def test_a_hyphen_at_the_end_of_a_line_stays() -> None:
    page = read_only_page(make_pdf([set_text(100, 700, "0571-") + set_text(100, 686, "8888")]))
    assert read_text(page) == "0571-8888"


def test_blanks_stay_between_words_of_letters_only() -> None:
    page = read_only_page(make_pdf([set_text(100, 700, "open data") + set_text(100, 600, "总　计 数")]))
    assert read_text(page) == "open data总计数"


def test_radicals_are_read_as_the_characters_they_look_like() -> None:
    codes = (
        "/CIDInit /ProcSet findresource begin begincmap /CMapName /X def 1 begincodespacerange <0000> <ffff> "
        "endcodespacerange 2 beginbfchar <4e00> <2f00> <6c11> <2ea0> endbfchar endcmap end"
    )
    font = FONTS[0].replace(">>", f"/ToUnicode {FIRST_OBJECT + 1} 0 R >>")
    content = set_text(100, 700, "一民").replace("/F1", "/F3")
    stream = f"<< /Length {len(codes)} >>\nstream\n{codes}\nendstream"
    page = read_only_page(make_pdf([content], objects=[font, stream], fonts=f"/F3 {FIRST_OBJECT} 0 R"))
    assert read_text(page) == "一民"


def test_glyphs_that_tell_no_character_are_marked_and_their_page_is_not_trusted() -> None:
    font = "<< /Type /Font /Subtype /Type0 /BaseFont /Unknown /Encoding /Identity-H /DescendantFonts [8 0 R] >>"
    inner = (
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Unknown /DW 1000 /FontDescriptor 5 0 R /CIDSystemInfo "
        "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
    )
    content = set_text(100, 700, SENTENCE).replace("/F1", "/F3")
    page = read_only_page(make_pdf([content], objects=[font, inner], fonts=f"/F3 {FIRST_OBJECT} 0 R"))
    assert set(read_text(page)) == {"\ufffd"}
    assert find_route(page).kind == "pixels"


def test_rules_come_from_strokes_boxes_dashes_dots_and_frames() -> None:
    drawn = (
        "0.5 w 100 700 m 300 700 l S "  # a stroke
        "100 650 200 0.5 re f "  # a thin box
        "[3 2] 0 d 100 600 m 300 600 l S [] 0 d "  # a dashed stroke
        + "".join(f"{100 + 6 * i} 550 3 0.5 re f " for i in range(34))  # dashes, each drawn by itself
        + "".join(f"{100 + 3 * i} 500 1 1 re f " for i in range(67))  # dots
    )
    page = read_only_page(make_pdf([drawn]))
    assert [842 - rule.box[1] for rule in page.rules] == pytest.approx([700, 650, 600, 550, 501], abs=0.6)
    for rule in page.rules:
        assert rule.horizontal
        assert rule.box[0] == pytest.approx(100, abs=1)
        assert rule.box[2] == pytest.approx(300, abs=2)
    frame = read_only_page(make_pdf(["100 100 200 50 re S"]))
    assert sorted(rule.horizontal for rule in frame.rules) == [False, False, True, True]


def test_doubled_rules_stay_two() -> None:
    page = read_only_page(make_pdf(["0.5 w 100 700 m 300 700 l S 100 698 m 300 698 l S"]))
    assert len(page.rules) == 2


def test_shading_is_no_rule_and_paper_colour_shows_on_shading_only() -> None:
    drawn = "0.8 g 100 500 200 40 re f 1 g 100 519 200 1 re f 100 600 200 1 re f 1 g 100 300 200 50 re f"
    page = read_only_page(make_pdf([drawn]))
    assert page.shades == (pytest.approx((100, 302, 300, 342)),)
    assert [rule.box for rule in page.rules] == [pytest.approx((100, 322, 300, 323))]


def test_rules_and_text_of_forms_in_forms_are_placed() -> None:
    inner = (
        "<< /Type /XObject /Subtype /Form /BBox [0 0 900 900] /Matrix [1 0 0 1 10 0] /Length 14 >>\n"
        "stream\n0 0 100 1 re f\nendstream"
    )
    outer = (
        "<< /Type /XObject /Subtype /Form /BBox [0 0 900 900] /Resources << /XObject << /B 8 0 R >> >> /Length 27 >>\n"
        "stream\nq 2 0 0 2 50 100 cm /B Do Q\nendstream"
    )
    page = read_only_page(
        make_pdf(["q 1 0 0 1 0 200 cm /A Do Q"], objects=[outer, inner], resources="/XObject << /A 7 0 R >>")
    )
    assert [rule.box for rule in page.rules] == [pytest.approx((70, 540, 270, 542))]


def test_forms_that_hold_themselves_end() -> None:
    loop = (
        "<< /Type /XObject /Subtype /Form /BBox [0 0 900 900] /Resources << /XObject << /A 7 0 R >> >> /Length 5 >>\n"
        "stream\n/A Do\nendstream"
    )
    content = make_pdf(["/A Do " + set_text(100, 700, "页面")], objects=[loop], resources="/XObject << /A 7 0 R >>")
    assert read_text(read_only_page(content)) == "页面"


def test_a_page_of_10000_points_is_read() -> None:
    page = read_only_page(make_pdf([set_text(100, 9000, SENTENCE)], box="0 0 10000 10000"))
    assert (page.width, read_text(page)) == (10000, SENTENCE)


def test_a_page_with_too_much_on_it_is_a_problem_and_the_next_is_read() -> None:
    lines = "".join(f"{i % 500} {i // 500} m {i % 500 + 1} {i // 500 + 3} l S\n" for i in range(100_001))
    texts = "".join(set_text(0, 0.8 * i, "9" * 60, size=1) for i in range(1_001))
    first, second, last = read_pages(make_pdf([lines, texts, set_text(100, 700, "末页")]))
    assert isinstance(first, Problem)
    assert (first.code, first.page) == ("too_many_objects", 1)
    assert isinstance(second, Problem)
    assert (second.code, second.page) == ("too_many_characters", 2)
    assert read_text(last) == "末页"


# Routes


def test_an_unseen_text_layer_on_a_scan_is_not_trusted() -> None:
    picture = "q 595 0 0 842 0 0 cm /P Do Q "
    unseen = f"3 Tr {set_text(100, 700, SENTENCE)} 0 Tr "
    resources = {"objects": [make_picture("P")], "resources": "/XObject << /P 7 0 R >>"}
    for content in (unseen + picture, picture + unseen, set_text(100, 700, SENTENCE) + picture):
        page = read_only_page(make_pdf([content], **resources))  # type: ignore[arg-type]
        assert (page.characters, page.hidden) == ((), len(SENTENCE))
        assert find_route(page).kind == "pixels"
    seen = read_only_page(make_pdf([picture + set_text(100, 700, SENTENCE * 2)], **resources))  # type: ignore[arg-type]
    assert find_route(seen).kind == "text"


def test_a_scan_in_strips_hides_its_text_layer_too() -> None:
    strips = "".join(f"q 595 0 0 85 0 {85 * i} cm /P Do Q " for i in range(10))
    content = make_pdf(
        [set_text(100, 700, SENTENCE) + strips], objects=[make_picture("P")], resources="/XObject << /P 7 0 R >>"
    )
    assert find_route(read_only_page(content)).kind == "pixels"


def test_a_picture_without_print_is_a_problem_and_an_empty_page_is_none() -> None:
    picture = "q 500 0 0 800 0 0 cm /P Do Q "
    content = make_pdf(
        [set_text(100, 700, SENTENCE), "", picture], objects=[make_picture("P")], resources="/XObject << /P 7 0 R >>"
    )
    document = read_pdf(make_source(content))
    assert [(problem.code, problem.page) for problem in document.problems] == [("no_print", 3)]
    assert [line.text for line in document.lines] == [SENTENCE]
    assert document.pages == 3


def test_a_large_picture_beside_text_is_a_problem_and_a_seal_is_none() -> None:
    text = "".join(set_text(100, 800 - 20 * i, SENTENCE) for i in range(3))
    objects, resources = [make_picture("P")], "/XObject << /P 7 0 R >>"
    table = make_pdf([text + "q 400 0 0 200 100 300 cm /P Do Q "], objects=objects, resources=resources)
    seal = make_pdf([text + "q 110 0 0 110 300 300 cm /P Do Q "], objects=objects, resources=resources)
    assert [problem.code for problem in read_pdf(make_source(table)).problems] == ["picture_not_read"]
    assert read_pdf(make_source(seal)).problems == ()


# Documents


def make_report() -> bytes:
    """Two pages: a title, a paragraph that goes on over the page, headings, a ruled table, page numbers."""
    prose = ("二〇二三年本局主动公开各类政府信息，" + SENTENCE) * 3
    lines = [prose[:28], *(prose[i : i + 30] for i in range(28, len(prose), 30))]
    first = set_text(210, 760, "枫坞区民政局", size=18) + set_text(140, 730, "2023年政府信息公开工作年度报告", size=18)
    first += set_text(124, 690, "一、总体情况")
    first += "".join(set_text(124 if i == 0 else 100, 670 - 20 * i, line) for i, line in enumerate(lines[:3]))
    first += set_text(290, 30, "- 1 -")
    second = "".join(set_text(100, 760 - 20 * i, line) for i, line in enumerate(lines[3:]))
    second += set_text(124, 680, "二、主动公开政府信息情况")
    second += "".join(f"100 {y} m 400 {y} l S " for y in (660, 630, 600, 570))
    second += "".join(f"{x} 660 m {x} 570 l S " for x in (100, 200, 300, 400))
    rows = (("信息内容", "本年制发件数", "现行有效件数"), ("规章", "0", "12"), ("行政规范性文件", "3", "/"))
    for row, texts in enumerate(rows):
        second += "".join(set_text(104 + 100 * i, 640 - 30 * row, text) for i, text in enumerate(texts))
    second += set_text(124, 530, "三、其他") + set_text(290, 30, "- 2 -")
    return make_pdf([first, second])


def test_a_report_reads_as_paragraphs_headings_and_tables_in_their_order() -> None:
    document = read_document(make_source(make_report()))
    prose = ("二〇二三年本局主动公开各类政府信息，" + SENTENCE) * 3
    texts = [block.text if isinstance(block, TextLine) else block.layout for block in document.blocks]
    assert texts == [
        "枫坞区民政局",
        "2023年政府信息公开工作年度报告",
        "一、总体情况",
        prose,
        "二、主动公开政府信息情况",
        "ruled",
        "三、其他",
    ]
    assert [line.number for line in document.lines] == list(range(1, 7))
    assert (document.media_type, document.pages, document.problems) == ("application/pdf", 2, ())
    metadata = find_metadata(document)
    assert (metadata.title, metadata.organization, metadata.year) == (
        "枫坞区民政局2023年政府信息公开工作年度报告",
        "枫坞区民政局",
        2023,
    )


def test_lines_and_cells_know_their_place_on_the_page() -> None:
    document = read_pdf(make_source(make_report()))
    paragraph = document.lines[3]
    assert paragraph.page == 1
    assert paragraph.bbox == pytest.approx((100, 162, 460, 215), abs=3)
    (table,) = (block for block in document.blocks if isinstance(block, Table))
    (cell,) = (cell for cell in table.cells if cell.text == "12")
    assert cell.evidence.page == 2
    assert cell.evidence.bbox is not None
    left, top, right, bottom = cell.evidence.bbox
    assert 300 < left < right < 320
    assert 842 - 620 < top < bottom < 842 - 605


def test_a_file_without_text_at_all_has_no_blocks() -> None:
    document = read_pdf(make_source(make_pdf([""])))
    assert (document.blocks, document.problems, document.pages) == ((), (), 1)


# Bad files


def test_an_encrypted_file_needs_its_password() -> None:
    content = make_encrypted(user="secret-1")
    assert read_code(content) == "encrypted"
    assert read_code(content, password="secret-2") == "wrong_password"
    (page,) = read_pages(content, password="secret-1")
    assert read_text(page) == "1204 items"
    assert read_text(read_pages(content, password="owner")[0]) == "1204 items"


def test_a_file_that_only_forbids_changes_needs_no_password() -> None:
    assert read_text(read_pages(make_encrypted(user=""))[0]) == "1204 items"


def test_a_password_stands_in_no_representation() -> None:
    assert "secret-1" not in repr(make_source(b"%PDF-", password="secret-1"))


def test_a_password_for_a_file_that_needs_none_is_ignored() -> None:
    assert read_text(read_pages(make_pdf([set_text(100, 700, "公开")]), password="secret-1")[0]) == "公开"


def test_too_many_pages_are_an_error() -> None:
    content = make_pdf([""] * (MAX_PAGES + 1))
    assert read_code(content) == "too_many_pages"


def test_a_file_without_pages_is_an_error() -> None:
    assert read_code(make_pdf([])) in ("no_pages", "damaged")


def test_a_cut_file_is_damaged() -> None:
    content = make_report()
    assert read_code(content[:200]) == "damaged"
    assert read_code(b"%PDF-1.7\n") == "damaged"


def test_a_missing_page_is_a_problem_and_the_others_are_read() -> None:
    content = make_pdf([set_text(100, 700, "首页"), set_text(100, 700, "中页"), set_text(100, 700, "末页")])
    broken = re.sub(rb"\[(\d+ 0 R) \d+ 0 R (\d+ 0 R)\]", rb"[\1 1 0 R    \2]", content)
    assert broken != content
    pages = read_pages(broken)
    texts = [page.code if isinstance(page, Problem) else read_text(page) for page in pages]
    assert texts[0] == "首页"
    assert "中页" not in texts


def test_files_with_flipped_bits_and_cuts_are_read_or_refused() -> None:
    good = make_report()
    for seed in range(60):
        rng = random.Random(seed)
        content = bytearray(good)
        for _ in range(rng.choice((1, 10, 100))):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        if seed % 3 == 0:
            del content[rng.randrange(len(content)) :]
        try:
            document = read_pdf(make_source(bytes(content)))
        except DocumentError as error:
            assert error.code in ("damaged", "encrypted", "no_pages", "too_many_pages")
        else:
            assert document.pages
