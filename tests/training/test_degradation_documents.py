import io
import json
import random
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from models.document import DocumentError
from models.form import load_forms
from training.degradation.__main__ import main
from training.degradation.documents import degrade_document
from training.degradation.files import ScannedPage, write_scan
from training.degradation.recipes import Recipe
from training.degradation.scan_truth import cut_truth, find_places, move_truth
from training.degradation.scans_corpus import draw_container, make_scans, scan_document
from training.synthesis.converting import find_converter
from training.synthesis.made_documents import MadeDocument

FORM = load_forms()["disputes@2019"]
FIELDS = [field.field_id for field in FORM.fields]
SCAN = Recipe("scan", "light", (150, 150), "grey", 90, (("skew", 0.5), ("grain", 0.1)))


def make_pdf(pages: int = 1) -> tuple[bytes, dict]:
    """A PDF of A5 pages, each with a row of five ruled cells with numbers, and its truth."""
    pictures, cells = [], {}
    for number in range(1, pages + 1):
        page = np.full((1190, 840, 3), 255, np.uint8)
        for place in range(5):
            left, top = 100 + 120 * place, 300
            text = str(10 * number + place)
            cv2.rectangle(page, (left, top), (left + 120, top + 60), (0, 0, 0), 2)
            cv2.putText(page, text, (left + 40, top + 42), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 3, cv2.LINE_AA)
            box = [left / 2, top / 2, left / 2 + 60, top / 2 + 30]
            cells[FIELDS[5 * (number - 1) + place]] = {
                "state": "number",
                "value": int(text),
                "raw": text,
                "form": FORM.form_id,
                "evidence": {"page": number, "bbox": box},
            }
        pictures.append(ScannedPage(page, (144, 144), "colour", 95))
    truth = {
        "organization": "栖河县财政局",
        "year": 2023,
        "forms": [FORM.form_id],
        "cells": cells,
        "facts": [{"item": 1}],
    }
    return write_scan(pictures, "pdf"), truth | {"sections": ["disputes"], "source_errors": [], "level": "digital"}


def test_the_box_of_a_cell_holds_its_number_in_the_scan() -> None:
    content, truth = make_pdf()
    for seed in range(2):
        scan = degrade_document(content, truth, SCAN, seed=str(seed), container="png")
        pixels = np.asarray(Image.open(io.BytesIO(scan.content)))
        for cell in scan.truth["cells"].values():
            left, top, right, bottom = (round(side) for side in cell["evidence"]["pixels"])
            assert np.count_nonzero(pixels[top + 8 : bottom - 8, left + 8 : right - 8] < 128) > 15
            assert cell["evidence"]["bbox"] == pytest.approx(
                [s * 72 / 150 for s in cell["evidence"]["pixels"]], abs=0.1
            )
            assert cell["legibility"] > 0.8
            assert "accept" not in cell


def test_the_truth_says_how_the_scan_was_made() -> None:
    content, truth = make_pdf(2)
    scan = degrade_document(content, truth, SCAN, seed="1", container="tiff")
    assert scan.suffix == ".tif"
    assert (scan.truth["level"], scan.truth["dpi"], scan.truth["pages"]) == ("light", 150, 2)
    assert scan.truth["degradation"]["path"] == "scan"
    assert set(scan.truth["degradation"]["effects"]) == {"skew", "grain"}
    assert [sheet["told_dpi"] for sheet in scan.truth["sheets"]] == [[150, 150]] * 2
    assert scan.truth["year"] == 2023
    assert {cell["evidence"]["page"] for cell in scan.truth["cells"].values()} == {1, 2}


@pytest.mark.parametrize(("turn", "told"), [(0, [204, 98]), (90, [98, 204]), (180, [204, 98]), (270, [98, 204])])
def test_the_resolution_that_is_told_lies_as_the_page_does(turn: int, told: list[int]) -> None:
    content, truth = make_pdf()
    recipe = replace(SCAN, dpi=(204, 98), turn=turn)
    scan = degrade_document(content, truth, recipe, seed="1", container="tiff", fixed_dpi=True)
    assert scan.truth["sheets"][0]["told_dpi"] == told


@pytest.mark.parametrize("container", ["pdf", "pdf-text", "tiff", "png"])
def test_the_same_seed_makes_the_same_file(container: str) -> None:
    content, truth = make_pdf()
    first = degrade_document(content, truth, SCAN, seed="1", container=container)
    assert first == degrade_document(content, truth, SCAN, seed="1", container=container)
    assert first != degrade_document(content, truth, SCAN, seed="2", container=container)


def test_a_picture_of_one_page_has_the_truth_of_that_page() -> None:
    content, truth = make_pdf(2)
    truth["cells"].pop(FIELDS[0])
    scan = degrade_document(content, truth, SCAN, seed="1", container="png")
    states = {key: cell["state"] for key, cell in scan.truth["cells"].items()}
    assert [states[key] for key in FIELDS[5:10]] == ["number"] * 5
    assert [states[key] for key in FIELDS[1:5]] == ["missing"] * 4
    assert scan.truth["pages"] == 1
    assert "year" not in scan.truth
    assert scan.truth["facts"] == []


def test_pages_before_and_behind_the_cells_may_be_left_out() -> None:
    content, truth = make_pdf(3)
    for field_id in FIELDS[:5]:
        truth["cells"].pop(field_id)
    scan = degrade_document(content, truth, SCAN, seed="1", container="tiff", pages="cells")
    assert scan.truth["pages"] == 2
    assert {cell["evidence"]["page"] for cell in scan.truth["cells"].values()} == {1, 2}


def test_the_page_with_the_most_cells_may_be_scanned_alone() -> None:
    content, truth = make_pdf(2)
    truth["cells"].pop(FIELDS[0])
    scan = degrade_document(content, truth, SCAN, seed="1", container="tiff", pages="fullest")
    states = [scan.truth["cells"][field_id]["state"] for field_id in FIELDS[1:10]]
    assert states == ["missing"] * 4 + ["number"] * 5


def test_pages_that_are_none_of_those_known_are_refused() -> None:
    content, truth = make_pdf()
    with pytest.raises(ValueError, match="no pages"):
        degrade_document(content, truth, SCAN, seed="1", pages="first")


def test_a_cell_cut_by_the_end_of_its_page_may_be_read_as_empty() -> None:
    _, truth = make_pdf(2)
    cell = truth["cells"][FIELDS[5]]
    cell["evidence_parts"] = [{"page": 1, "bbox": [0, 0, 9, 9]}, cell["evidence"]]
    cut = cut_truth(truth, 2)["cells"]
    assert {reading["state"] for reading in cut[FIELDS[5]]["accept"]} == {"blank", "missing"}
    assert "accept" not in cut[FIELDS[6]]


def test_cells_of_the_other_pages_are_missing_and_said_to_stand_elsewhere() -> None:
    _, truth = make_pdf(2)
    first, other, *_ = (f for f, cell in truth["cells"].items() if cell["evidence"]["page"] == 2)
    del truth["cells"][first]["evidence"]
    truth["cells"][first] |= {"state": "missing", "value": None}  # the agency left it out
    third = list(truth["cells"])[-1]
    truth["cells"][third]["evidence"] = truth["cells"][third]["evidence"] | {"page": 1}
    cut = cut_truth(truth, 1)["cells"]
    assert cut[first]["state"] == cut[other]["state"] == "missing"
    assert "elsewhere" not in cut[first]
    assert cut[other]["elsewhere"]


def test_a_page_without_forms_has_no_forms_in_its_truth() -> None:
    _, truth = make_pdf()
    cut = cut_truth(truth, 7)
    assert cut["forms"] == []
    assert cut["cells"] == {}


def test_what_nobody_can_see_may_be_read_as_unreadable() -> None:
    _, truth = make_pdf()
    truth["cells"][FIELDS[0]]["accept"] = [{"state": "blank", "value": None}]
    places = find_places(truth)
    seen = [replace(place, score=0.2 if place.field_id in FIELDS[:2] else 0.9) for place in places]
    cells = move_truth(truth, seen, 0.5)["cells"]
    unreadable = {"state": "unreadable", "value": None}
    assert cells[FIELDS[0]]["accept"] == [{"state": "blank", "value": None}, unreadable]
    assert cells[FIELDS[1]]["accept"] == [unreadable]
    assert cells[FIELDS[1]]["value"] == 11
    assert "accept" not in cells[FIELDS[2]]


def test_a_page_that_nobody_could_read_is_scanned_with_more_care() -> None:
    content, truth = make_pdf()
    worst = Recipe("scan", "heavy", (60, 60), "grey", 20, (("defocus", 6.0), ("grain", 3.0)))
    scan = degrade_document(content, truth, worst, seed="1", container="png")
    soft = [cell["legibility"] for cell in scan.truth["cells"].values()]
    assert max(soft) > 0.58


def test_a_document_without_cells_is_scanned_all_the_same() -> None:
    content, _ = make_pdf()
    scan = degrade_document(content, {}, SCAN, seed="1")
    assert scan.content.startswith(b"%PDF")
    assert "cells" not in scan.truth


def test_what_is_no_pdf_or_no_container_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind of file"):
        degrade_document(make_pdf()[0], {}, SCAN, seed="1", container="gif")
    with pytest.raises(DocumentError):
        degrade_document(b"%PDF-1.4\nnothing", {}, SCAN, seed="1")


def test_a_scan_of_a_corpus_is_alike_in_every_run() -> None:
    content, truth = make_pdf()
    document = MadeDocument(content, ".pdf", truth)
    scans = [scan_document(document, f"1/{number}", "test", level="medium") for number in range(2)]
    assert scans == [scan_document(document, f"1/{number}", "test", level="medium") for number in range(2)]
    assert {scan.truth["level"] for scan in scans} == {"medium"}


def test_black_and_white_never_goes_into_a_jpeg() -> None:
    rng = random.Random(1)
    assert {draw_container("one-bit", rng) for _ in range(200)} == {"pdf", "pdf-text", "tiff", "png"}
    assert "jpeg" in {draw_container("grey", rng) for _ in range(200)}


def test_a_level_or_split_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no level"):
        next(make_scans([0], 1, "test", level="worst"))
    with pytest.raises(ValueError, match="no split"):
        next(make_scans([0], 1, "exam"))


@pytest.mark.skipif(not find_converter(".docx") or not find_converter(".html"), reason="no converter to PDF")
def test_a_corpus_has_scans_with_boxes() -> None:
    (scan,) = make_scans([1], 3, "train", level="light")
    assert scan.truth["source"] == f"00001{scan.suffix}"
    assert scan.truth["synthetic"]
    assert any("pixels" in cell.get("evidence", {}) for cell in scan.truth["cells"].values())


def test_the_command_writes_a_scan_and_its_truth(tmp_path) -> None:
    content, truth = make_pdf()
    (tmp_path / "a.pdf").write_bytes(content)
    (tmp_path / "a.truth.json").write_text(json.dumps(truth), "utf-8")
    out = tmp_path / "scans" / "b.tif"
    assert main([str(tmp_path / "a.pdf"), str(out), "--dpi", "150", "--level", "light", "--seed", "3"]) == 0
    with Image.open(out) as image:
        assert image.n_frames == 1
    written = json.loads((tmp_path / "scans" / "b.truth.json").read_text("utf-8"))
    assert (written["source"], written["dpi"], written["level"]) == ("b.tif", 150, "light")


def test_the_command_says_what_it_cannot_do(tmp_path, capsys) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no pdf")
    assert main([str(tmp_path / "a.pdf"), str(tmp_path / "b.pdf")]) == 1
    assert main([str(tmp_path / "none.pdf"), str(tmp_path / "b.pdf")]) == 1
    assert "none.pdf" in capsys.readouterr().err
    for wrong in (["b.gif"], ["b.pdf", "--dpi", "5000"], ["b.tif", "--text-layer"]):
        with pytest.raises(SystemExit):
            main([str(tmp_path / "a.pdf"), *wrong])
