"""`gouji show --page`: a page as a picture, with a box where each cell was read."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF
from PIL import Image, ImageChops
from typer.testing import CliRunner

from extraction.readers.page_pictures import MAX_PIXELS, PagePicture, count_pages, fit_scale, render_page
from models.document import DocumentError, Source
from service.command import app
from service.page_overlay import LEVELS, choose_pages, draw_page, find_level, make_marks
from service.reading import read_record

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
FORM = "proactive@2021"


def make_source(content: bytes, **more: Any) -> Source:
    return Source("report.pdf", content, "0" * 64, **more)


def make_pdf(*pages: tuple[float, float], password: str | None = None) -> bytes:
    """Pages of these sizes in points, each with a black square of 20 points whose corner is at (30, 40)."""
    pdf = FPDF(unit="pt")
    pdf.set_fill_color(0)
    for size in pages:
        pdf.add_page(format=size)
        pdf.rect(30, 40, 20, 20, style="F")
    if password is not None:
        pdf.set_encryption(owner_password="owner", user_password=password)
    return bytes(pdf.output())


def make_cell(field: str, bbox: tuple[float, ...], *, page: int = 1, confidence: float = 0.99999, **more: Any) -> Any:
    cell = {"id": field, "form": FORM, "state": "number", "value": 3, "raw": "3", "confidence": confidence}
    return cell | {"review": False, "reasons": [], "evidence": {"page": page, "bbox": list(bbox)}} | more


def make_record(*cells: Any, findings: tuple[Any, ...] = ()) -> dict[str, Any]:
    return {"pages": 2, "cells": list(cells), "findings": list(findings)}


def make_picture(image: Image.Image | None = None) -> PagePicture:
    """A page of 300 x 200 points at two pixels a point."""
    return PagePicture(1, image or Image.new("RGB", (600, 400), "white"), (2.0, 2.0))


def count_color(image: Image.Image, color: tuple[int, int, int], box: tuple[int, int, int, int]) -> int:
    part = image.crop(box)
    alike = ImageChops.difference(part, Image.new("RGB", part.size, color)).convert("L")
    return alike.histogram()[0]


def find_dark(image: Image.Image) -> tuple[int, int, int, int] | None:
    return image.convert("L").point(lambda value: 255 * (value < 100)).getbbox()


def test_a_page_is_drawn_as_it_is_shown_with_its_origin_at_the_top_left() -> None:
    picture = render_page(make_source(make_pdf((300, 200))), 1, dpi=144)
    assert picture.image.size == (600, 400)
    assert find_dark(picture.image) == (60, 80, 100, 120)
    assert picture.scale == (2.0, 2.0)


def test_a_page_that_is_turned_is_drawn_turned() -> None:
    content = make_pdf((300, 200)).replace(b"/Type /Page\n", b"/Type /Page\n/Rotate 90\n")
    picture = render_page(make_source(content), 1, dpi=72)
    assert picture.image.size == (200, 300)
    assert find_dark(picture.image) == (140, 30, 160, 50)


@pytest.mark.parametrize("size", [(10_000.0, 10_000.0), (14_400.0, 3.0), (20.0, 14_400.0)])
def test_a_huge_page_is_scaled_down(size: tuple[float, float]) -> None:
    picture = render_page(make_source(make_pdf(size)), 1, dpi=600)
    assert picture.image.width * picture.image.height <= 1.01 * MAX_PIXELS
    assert max(picture.image.size) <= 16_001


def test_a_page_without_area_has_a_scale_too() -> None:
    assert fit_scale(0, 0, dpi=72) == 1


@pytest.mark.parametrize("number", [0, -1, 3])
def test_a_page_that_does_not_exist_is_a_wrong_call(number: int) -> None:
    with pytest.raises(ValueError, match="there is no page"):
        render_page(make_source(make_pdf((300, 200), (300, 200))), number, dpi=72)


def test_a_document_without_pages_of_its_own_is_a_wrong_call() -> None:
    with pytest.raises(ValueError, match="no pages of their own"):
        count_pages(make_source("一、总体情况".encode()))


def test_an_encrypted_document_is_drawn_with_its_password_only() -> None:
    content = make_pdf((300, 200), password="open-sesame")
    assert render_page(make_source(content, password="open-sesame"), 1, dpi=72).image.size == (300, 200)
    for password, code in ((None, "encrypted"), ("another", "wrong_password")):
        with pytest.raises(DocumentError) as caught:
            render_page(make_source(content, password=password), 1, dpi=72)
        assert caught.value.code == code


def test_a_damaged_document_is_an_error_with_a_code() -> None:
    with pytest.raises(DocumentError) as caught:
        render_page(make_source(b"%PDF-1.7\n1 0 obj\nendobj\n"), 1, dpi=72)
    assert caught.value.code == "damaged"


def test_a_box_is_drawn_around_its_print_and_leaves_the_print_as_dark_as_it_is() -> None:
    page = Image.new("RGB", (600, 400), "white")
    page.paste("black", (100, 100, 120, 120))
    image = draw_page(make_picture(page), make_record(make_cell("a.x", (50, 50, 60, 60))))
    assert count_color(image, LEVELS[0].color, (95, 95, 125, 125)) > 80
    assert count_color(image, (0, 0, 0), (100, 100, 120, 120)) == 400


def test_the_colour_says_accepted_or_review_and_how_sure() -> None:
    cells = [
        make_cell("a.x", (10, 10, 20, 20)),
        make_cell("a.x", (10, 10, 20, 20), confidence=0.995),
        make_cell("a.x", (10, 10, 20, 20), confidence=0.995, review=True),
        make_cell("a.x", (10, 10, 20, 20), confidence=0.0, review=True),
    ]
    assert [find_level(cell) for cell in cells] == [0, 1, 2, 3]


def test_cells_of_other_pages_and_other_forms_and_without_boxes_are_not_drawn() -> None:
    other = make_cell("b.x", (10, 10, 20, 20), form="disputes@2019")
    cells = (make_cell("a.x", (10, 10, 20, 20), page=2), make_cell("a.y", ()) | {"evidence": None}, other)
    plain = draw_page(make_picture(), make_record(), form_id=FORM)
    assert draw_page(make_picture(), make_record(*cells), form_id=FORM).tobytes() == plain.tobytes()
    assert draw_page(make_picture(), make_record(*cells)).tobytes() != plain.tobytes()


def test_cells_with_one_box_are_one_mark_of_the_least_certain() -> None:
    sure = make_cell("a.x", (10, 10, 20, 20))
    doubtful = make_cell("a.y", (10, 10, 20, 20), confidence=0.3, review=True, reasons=["merged_value"])
    (mark,) = make_marks([sure, doubtful], make_picture())
    assert (mark.level, mark.reasons) == (3, ("merged_value",))


def test_a_box_beyond_the_page_is_cut_at_its_edge() -> None:
    (mark,) = make_marks([make_cell("a.x", (-50, 190, 9_000, 9_000))], make_picture())
    assert mark.box == (0, 377, 599, 399)
    draw_page(make_picture(), make_record(make_cell("a.x", (-50, 190, 9_000, 9_000), review=True, reasons=["x"])))


def test_the_box_of_an_empty_cell_stays_within_its_walls() -> None:
    (mark,) = make_marks([make_cell("a.x", (10, 10, 50, 30), state="blank", value=None, raw=None)], make_picture())
    assert mark.box[0] > 20
    assert mark.box[2] < 100


def list_changes(page: Image.Image, cell: Any) -> Image.Image:
    """What reasons add to the picture of a page."""
    with_reasons = draw_page(make_picture(page), make_record(cell))
    without = draw_page(make_picture(page), make_record(cell | {"reasons": []}))
    return ImageChops.difference(with_reasons.crop((0, 0, 600, 400)), without.crop((0, 0, 600, 400)))


def test_the_number_of_a_reason_stands_beside_its_box_where_it_covers_nothing() -> None:
    cell = make_cell("a.x", (50, 50, 60, 60), review=True, reasons=["low_confidence"])
    page = Image.new("RGB", (600, 400), "white")
    box = list_changes(page, cell).getbbox()
    assert box is not None
    assert box[0] > 120  # at the right of the box
    page.paste("black", (124, 90, 200, 130))
    box = list_changes(page, cell).getbbox()
    assert box is not None
    assert box[2] < 100  # at the left, since print stands at the right


def test_no_number_is_written_where_it_would_cover_print() -> None:
    page = Image.new("RGB", (600, 400), "black")
    cell = make_cell("a.x", (50, 50, 60, 60), review=True, reasons=["low_confidence"])
    assert list_changes(page, cell).getbbox() is None


def test_cells_of_a_sum_that_does_not_hold_are_underlined() -> None:
    cell = make_cell("a.x", (50, 50, 60, 60))
    plain = draw_page(make_picture(), make_record(cell)).crop((0, 0, 600, 400))
    marked = draw_page(make_picture(), make_record(cell, findings=({"cells": ["a.x"]},))).crop((0, 0, 600, 400))
    box = ImageChops.difference(plain, marked).getbbox()
    assert box is not None
    assert box[1] > 120


@pytest.mark.parametrize("size", [(4, 4), (200, 3000), (3000, 20)])
def test_the_legend_fits_under_pages_of_any_shape(size: tuple[int, int]) -> None:
    picture = PagePicture(1, Image.new("RGB", size, "white"), (0.5, 0.5))
    image = draw_page(picture, make_record(make_cell("a.x", (1, 1, 2, 2), review=True, reasons=["low_confidence"])))
    assert image.width >= max(560, size[0])
    assert image.height > size[1] + 30


def test_pages_are_chosen_by_number_or_all() -> None:
    assert list(choose_pages("all", 3)) == [1, 2, 3]
    assert list(choose_pages("2", 3)) == [2]
    for page in ("0", "4", "-1", "x", "", "２", "9" * 5000):
        with pytest.raises(ValueError, match=r"page|digits"):
            choose_pages(page, 3)


ROWS = (
    ("第二十条第（一）项",),
    ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数"),
    ("规章", "0", "0", "0"),
    ("行政规范性文件", "3", "1", "20"),
    ("第二十条第（五）项",),
    ("信息内容", "本年处理决定数量"),
    ("行政许可", "41"),
    ("第二十条第（六）项",),
    ("信息内容", "本年处理决定数量"),
    ("行政处罚", "17"),
    ("行政强制", ""),
    ("第二十条第（八）项",),
    ("信息内容", "本年收费金额（单位：万元）"),
    ("行政事业性收费", "0"),
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report whose only table begins on its first page and goes on over the second."""
    font = find_chinese_font()
    pdf = FPDF(unit="pt", format="A4")
    pdf.add_font("zh", fname=font)
    pdf.set_font("zh", size=11)
    pdf.set_auto_page_break(False)
    pdf.add_page()
    for line in ("云岭县商务局2023年政府信息公开工作年度报告", "一、总体情况", "二、主动公开政府信息情况"):
        pdf.cell(w=0, h=24, text=line, new_x="LMARGIN", new_y="NEXT")
    for number, row in enumerate(ROWS):
        if number == 8:
            pdf.add_page()
        for column, text in enumerate(row):
            width = 480.0 if len(row) == 1 else 120.0 if column == 0 else 360 / (len(row) - 1)
            pdf.cell(w=width, h=24, text=text, border=1, align="C")
        pdf.ln(24)
    path = tmp_path_factory.mktemp("report") / "report.pdf"
    pdf.output(str(path))
    return path


def find_chinese_font() -> str:
    names = ("arphic/uming.ttc", "wqy/wqy-zenhei.ttc", "arphic/ukai.ttc", "droid/DroidSansFallbackFull.ttf")
    fonts = Path("/usr/share/fonts/truetype")
    path = next((fonts / name for name in names if (fonts / name).exists()), None)
    if path is None:
        pytest.skip("no Chinese font is installed")
    return str(path)


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_form_names_the_pages_that_its_cells_stand_on(report: Path) -> None:
    record = json.loads(read_record(str(report)))
    (table,) = record["tables"]
    assert (table["form"], table["pages"]) == (FORM, [1, 2])
    assert {cell["evidence"]["page"] for cell in record["cells"]} == {1, 2}


def test_a_form_of_a_document_without_pages_names_none(examples: list[Path]) -> None:
    record = json.loads(read_record(str(examples[0])))
    assert record["tables"]
    assert all(table["pages"] == [] for table in record["tables"])


def test_show_draws_a_page_into_the_current_folder(run_gouji: Run, report: Path, tmp_path: Path) -> None:
    run = run_gouji("show", str(report), "--page", "2", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout.decode().startswith("report-page-2.png: 3 cells, ")
    with Image.open(tmp_path / "report-page-2.png") as image:
        assert image.format == "PNG"
        assert image.width == 910  # of A4 at 110 dots an inch


def test_show_draws_all_pages_under_the_name_given(run_gouji: Run, report: Path, tmp_path: Path) -> None:
    run = run_gouji("show", str(report), "--page", "all", "--out", "new/a.png", "--dpi", "40", cwd=tmp_path)
    assert run.returncode == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["a-page-1.png", "a-page-2.png"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--page", "3"], "there is no page 3"),
        (["--page", "first"], "a number or all"),
        (["--page", "1", "--out", "a.jpg"], "PNG"),
        (["--page", "1", "--form", "requests@1999"], "known are"),
        (["--out", "a.png"], "needs --page"),
        (["--page", "1", "--dpi", "100000"], "--dpi"),
    ],
)
def test_a_wrong_option_is_told_with_status_2(at_home: Path, report: Path, options: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["show", str(report), *options], env={"COLUMNS": "300"})
    assert result.exit_code == 2
    assert message in result.output
    assert list(at_home.iterdir()) == []


def test_a_document_without_pages_is_told_with_status_2(at_home: Path, examples: list[Path]) -> None:
    for path in (examples[0], examples[-1]):
        result = CliRunner().invoke(app, ["show", str(path.resolve()), "--page", "1"], env={"COLUMNS": "300"})
        assert result.exit_code == 2
        assert "no pages of their own" in result.output


def test_a_document_that_cannot_be_read_is_told_with_status_1(at_home: Path) -> None:
    (at_home / "damaged.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\nendobj\n")
    (at_home / "locked.pdf").write_bytes(make_pdf((300, 200), password="secret"))
    for name, code in (("absent.pdf", "not_found"), ("damaged.pdf", "damaged"), ("locked.pdf", "encrypted")):
        result = CliRunner().invoke(app, ["show", name, "--page", "1"])
        assert result.exit_code == 1
        assert f"{name}: {code}: " in result.output


def test_a_picture_can_be_written_and_read_again() -> None:
    buffer = io.BytesIO()
    picture = replace(make_picture(), number=2)
    draw_page(picture, make_record(make_cell("a.x", (1, 1, 5, 5), page=2))).save(buffer, format="PNG")
    assert Image.open(buffer).size[0] == 600
