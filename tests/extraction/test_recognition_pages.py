"""Reading of whole pages, the engine behind it, and both readers put together."""

from __future__ import annotations

import itertools
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from extraction.recognition import ocr_engine
from extraction.recognition.agreement import make_page_candidates, merge_candidates
from extraction.recognition.cell_crops import CellCrop
from extraction.recognition.cell_reader import CellReading
from extraction.recognition.page_reader import PrintedCharacter, read_page_texts
from extraction.recognition.strips import gather_batches, stack_glyphs
from models.picture import Candidate

WITHOUT_NETWORK = """
import socket
def refuse(*_): raise AssertionError("the network was asked")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
import numpy as np
from extraction.recognition.page_reader import read_page_texts
read_page_texts(np.full((64, 256), 255, np.uint8))
"""


def draw_page(texts: dict[tuple[int, int], str], *, size: int = 28) -> np.ndarray:
    picture = Image.new("L", (640, 360), 255)
    draw = ImageDraw.Draw(picture)
    for place, text in texts.items():
        draw.text(place, text, 0, ImageFont.load_default(size=size))
    return np.asarray(picture)


def test_lines_are_read_with_a_box_for_every_character() -> None:
    page = draw_page({(40, 40): "Table 2023", (60, 200): "7730.28"})
    texts = {text.text: text for text in read_page_texts(page)}
    assert set(texts) == {"Table 2023", "7730.28"}
    number = texts["7730.28"]
    assert "".join(character.text for character in number.characters) == "7730.28"
    for character in number.characters:
        left, top, right, bottom = character.box
        assert 55 <= left < right <= 220 and 195 <= top < bottom <= 245
        assert page[int(top) : int(bottom) + 1, int(left) : int(right) + 1].min() < 100
    edges = [(character.box[0], character.box[2]) for character in number.characters]
    assert all(after[0] >= before[1] - 2 for before, after in itertools.pairwise(edges))


def test_a_zero_without_top_and_bottom_is_one_and_brackets_apart_are_none() -> None:
    page = np.full((200, 640), 255, np.uint8)
    picture = Image.fromarray(page)
    draw = ImageDraw.Draw(picture)
    for x in (100, 300, 500):
        draw.arc((x, 60, x + 18, 90), 115, 245, 0, 4)
        draw.arc((x, 60, x + 18, 90), 295, 65, 0, 4)
    texts = [text for text in read_page_texts(np.asarray(picture)) if text.text]
    assert len(texts) == 3 and {text.text for text in texts} == {"0"}
    assert all(len(text.characters) == 1 for text in texts)
    wide = read_page_texts(draw_page({(40, 40): "(          )"}))
    assert "0" not in {text.text for text in wide}


def test_characters_do_not_take_ruling_into_their_boxes() -> None:
    picture = Image.fromarray(draw_page({(100, 100): "2468"}, size=30))
    ImageDraw.Draw(picture).rectangle((80, 96, 240, 138), outline=0, width=2)
    characters = [c for text in read_page_texts(np.asarray(picture)) for c in text.characters]
    assert "".join(c.text for c in characters) == "2468"
    assert all(c.box[3] - c.box[1] <= 30 for c in characters)


def test_colour_is_read_like_grey() -> None:
    page = draw_page({(40, 40): "Table 2023"})
    assert read_page_texts(np.stack([page] * 3, axis=2))[0].text == read_page_texts(page)[0].text


def test_given_lines_are_read_without_looking_for_others() -> None:
    page = draw_page({(40, 40): "Table 2023", (60, 200): "7730.28"})
    corners = np.array([[[50, 195], [220, 195], [220, 245], [50, 245]]], np.float32)
    assert [text.text for text in read_page_texts(page, corners=corners)] == ["7730.28"]


@pytest.mark.parametrize("shape", [(360, 640), (3, 640), (640, 2), (9, 2_000), (1, 1)])
def test_a_page_without_text_gives_none(shape: tuple[int, int]) -> None:
    assert read_page_texts(np.full(shape, 255, np.uint8)) == ()


def test_a_line_of_text_alone_is_read() -> None:
    strip = draw_page({(10, 6): "7730.28"})[:40, :400]
    assert [text.text for text in read_page_texts(strip)] == ["7730.28"]


def test_a_page_of_noise_is_survived() -> None:
    read_page_texts(np.random.default_rng(2).integers(0, 256, (300, 300), dtype=np.uint8))


def test_the_engine_asks_no_network() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_NETWORK], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_missing_network_is_an_error_and_no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(ocr_engine.EngineError, match="no absent"):
        ocr_engine.find_network("absent.onnx")


def test_a_damaged_network_is_an_error(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(b"no network")
    with pytest.raises(ocr_engine.EngineError, match="damaged"):
        ocr_engine._load_session(damaged)


def test_strips_of_a_wrong_height_are_an_error() -> None:
    with pytest.raises(ocr_engine.EngineError):
        ocr_engine.load_engine().read_strips(np.zeros((1, 4, 48, 64), np.float32))


@pytest.mark.parametrize("words", ["std::bad_alloc", "Failed to allocate memory for requested buffer of size 7"])
def test_a_network_without_memory_is_no_page_that_cannot_be_read(words: str) -> None:
    error = RuntimeError(f"Traceback:\n  File main.py, line 98\nStatus Message: {words}\n")
    assert isinstance(ocr_engine._explain(error, "detection failed"), MemoryError)


def test_what_a_network_says_is_told_without_its_traceback() -> None:
    raised = ocr_engine._explain(RuntimeError("Traceback:\n  File main.py, line 98\nbad shape\n"), "detection failed")
    assert (type(raised), str(raised)) == (ocr_engine.EngineError, "detection failed: bad shape")


def test_the_classifier_of_angles_stays_off_and_one_thread_is_used() -> None:
    assert ocr_engine.SETTINGS["Global.use_cls"] is False
    assert ocr_engine.SETTINGS["EngineConfig.onnxruntime.intra_op_num_threads"] == 1


def test_batches_are_bounded_and_hold_every_strip_once() -> None:
    strips = [np.zeros((48, width), np.uint8) for width in (3, 3_200, 40, 41, 900, 3_200, 3_200)]
    batches = list(gather_batches(strips))
    assert sorted(index for chosen, _ in batches for index in chosen) == list(range(7))
    assert all(batch.shape[3] % 8 == 0 and batch.shape[0] * batch.shape[3] <= 6_400 for _, batch in batches)


def test_a_line_that_runs_downwards_is_laid_out_from_left_to_right() -> None:
    piece = np.full((120, 30), 255, np.uint8)
    for top in (5, 45, 85):
        piece[top : top + 28, 4:26] = 0
    row, spans = stack_glyphs(piece)
    assert row.shape[1] > row.shape[0]
    assert len(spans) == 3
    assert spans[0][0] == 0.0
    assert spans[-1][1] == 1.0


def make_reading(*candidates: tuple[str, float]) -> CellReading:
    return CellReading(tuple(Candidate(*candidate) for candidate in candidates), CellCrop(ink=0.9, area=1.5))


def test_both_readers_agree_on_a_value_however_it_is_printed() -> None:
    page = make_page_candidates([PrintedCharacter(c, (0, 0, 1, 1), 0.9) for c in "5件"])
    evidence = merge_candidates(page, make_reading(("5", 0.98), ("6", 0.01)))
    assert evidence.features.agree
    assert evidence.candidates[0].text == "5"
    assert evidence.candidates[0].probability == pytest.approx((0.81 + 0.98) / 2)
    assert evidence.features.margin == pytest.approx(0.97)


def test_readers_that_differ_leave_both_candidates() -> None:
    evidence = merge_candidates((Candidate("0", 1.0),), make_reading(("550", 0.9), ("0", 0.05)))
    assert not evidence.features.agree
    assert [candidate.text for candidate in evidence.candidates] == ["0", "550"]
    assert evidence.features.support == pytest.approx(0.05)


def test_a_page_reader_that_found_nothing_does_not_make_a_cell_empty() -> None:
    assert make_page_candidates([]) == ()
    evidence = merge_candidates((), make_reading(("7", 0.95)))
    assert evidence.candidates == (Candidate("7", 0.95),)
    assert evidence.features.silent and not evidence.features.agree


def test_nothing_from_either_reader_is_not_taken_for_empty() -> None:
    evidence = merge_candidates((), make_reading())
    assert evidence.candidates == ()
    assert not evidence.features.agree
    assert evidence.features.rest == 1.0


def test_empty_mark_and_zero_are_different_candidates() -> None:
    evidence = merge_candidates((Candidate("—", 0.5),), make_reading(("", 0.5), ("0", 0.2)))
    assert {candidate.text for candidate in evidence.candidates} == {"—", "", "0"}
