"""The cells of tables on scans: what of them both readers saw, and what becomes of their text."""

from __future__ import annotations

import numpy as np
import pytest

from extraction.pictures.packing import pack_pixels
from extraction.scanned_cells import drop_specks, find_characters, read_scanned_tables, read_seen
from models.document import Cell, Evidence, Table
from models.numbers import State
from models.picture import Candidate, Placement, ScannedPage, SeenCell, SeenCharacter
from tests.extraction.fake_engine import FakeEngine

OPTIONS = {"unit": "件", "kind": "integer", "printed_unit": ""}
BOX = (40.0, 40.0, 120.0, 70.0)  # of the cell that is read, on a page of one pixel a point


def see(*texts: str) -> list[SeenCharacter]:
    return [SeenCharacter(text, (10.0 * n, 0, 10.0 * n + 8, 10), 0.9) for n, text in enumerate(texts)]


def test_ticks_and_dust_beside_a_number_are_no_part_of_it() -> None:
    assert [c.text for c in drop_specks(see(".", "1", "2", "√"))] == ["1", "2"]
    assert [c.text for c in drop_specks(see("1", ".", "5"))] == ["1", ".", "5"]
    assert drop_specks(see("。")) == []


def test_characters_of_a_box_come_line_by_line() -> None:
    lines = [SeenCharacter(t, (x, y, x + 8, y + 8), 1.0) for t, x, y in (("3", 20, 20), ("1", 0, 1), ("2", 10, 0))]
    assert "".join(c.text for c in find_characters(lines, (0, 0, 40, 40))) == "123"
    assert find_characters(lines, (100, 0, 140, 40)) == []


def make_seen(*candidates: tuple[str, float]) -> SeenCell:
    return SeenCell(tuple(Candidate(text, p) for text, p in candidates), ())


def test_the_most_probable_number_is_the_value_and_the_print_stays() -> None:
    value, raw = read_seen(make_seen(("1204", 0.9), ("1201", 0.05)), "1,204", OPTIONS)
    assert (value.number, raw) == (1204, "1,204")


def test_an_empty_cell_is_blank_and_never_zero() -> None:
    value, raw = read_seen(make_seen(("", 0.98)), "", OPTIONS)
    assert (value.state, value.number, raw) == (State.BLANK, None, None)


def test_what_no_candidate_says_with_weight_is_unreadable() -> None:
    for seen in (make_seen(), make_seen(("8", 0.2), ("3", 0.1))):
        assert read_seen(seen, "?", OPTIONS)[0].state is State.UNREADABLE


def test_a_number_goes_before_print_that_is_none() -> None:
    assert read_seen(make_seen(("0J", 0.5), ("0", 0.4)), "0J", OPTIONS)[0].number == 0


def read_cell(text: str, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, *, mended: bool = False) -> Cell:
    """A cell with ink in it, which the reader of pages took for a text, when its picture is read anew."""
    monkeypatch.setattr("extraction.recognition.cell_reader.load_engine", lambda: engine)
    grey = np.full((200, 200), 255, np.uint8)
    grey[48:62, 60:100] = 0
    page = ScannedPage(1, pack_pixels(grey), b"", 1.0, Placement(np.eye(3), 1.0, (200, 200)), (), 0.0, 1.0, 0.0)
    cell = Cell(text, 0, 0, 1, 1, Evidence(page=1, bbox=BOX), box=BOX, mended=mended)
    (table,) = read_scanned_tables([Table((cell,), "ruled")], [page], wanted={0})
    return table.cells[0]


@pytest.mark.parametrize("text", ["三0", "0", "日", "Wll", "O0"])
def test_short_print_that_may_be_a_misread_number_is_read_anew(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = read_cell(text, FakeEngine("30"), monkeypatch)
    assert (cell.text, cell.seen is not None) == ("30", True)


@pytest.mark.parametrize("text", ["其他", "总计", "第1项", "本年新收申请数量"])
def test_words_stay_labels_whatever_their_picture_reads_as(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = read_cell(text, FakeEngine("30"), monkeypatch)
    assert (cell.text, cell.seen) == (text, None)


def test_a_number_that_the_page_reads_otherwise_becomes_the_more_probable_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_cell("8", FakeEngine("30"), monkeypatch).text == "30"


def test_print_that_says_the_same_number_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_cell("1,204", FakeEngine("1204"), monkeypatch).text == "1,204"


def test_in_the_place_of_a_number_words_give_way_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_cell("专用章", FakeEngine("30"), monkeypatch, mended=True).text == "30"


def test_what_reads_as_nothing_with_weight_keeps_its_text_but_in_the_place_of_a_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doubtful = FakeEngine("30", probability=0.4)
    assert read_cell("8", doubtful, monkeypatch).text == "8"
    assert read_cell("8", doubtful, monkeypatch, mended=True).text == ""
