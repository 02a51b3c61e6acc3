from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from review.store.runs import Input, Refusal
from service.run_order import Batch, estimate_seconds, make_batch, make_batches

PRINTED = b"%PDF-1.6\n1 0 obj\n<</Length 2 0 R/Filter/FlateDecode>>\nstream\n"
SCANNED = b"%PDF-1.5\n1 0 obj\n<</Type /XObject /Subtype /Image /Filter /CCITTFaxDecode>>\nstream\n"


def make_input(place: str, size: int | None = 1000, number: int = 1, problem: Refusal | None = None) -> Input:
    return Input(number, place, {"url": place}, size, 0, problem)


def list_places(batches: list[Batch]) -> list[list[str]]:
    return [[entry.place for entry in batch.inputs] for batch in batches]


def test_scans_are_read_first_and_texts_at_the_end() -> None:
    inputs = [make_input(place) for place in ("a.txt", "b.docx", "c.png", "d.doc", "e.pdf", "f.html")]
    order = list_places(list(make_batches(inputs)))
    assert order == [["c.png"], ["d.doc"], ["e.pdf"], ["b.docx"], ["a.txt"], ["f.html"]]


def test_a_pdf_that_begins_with_a_picture_is_a_scan_however_small(tmp_path: Path) -> None:
    for name, content in (("printed.pdf", PRINTED), ("scanned.pdf", SCANNED)):
        (tmp_path / name).write_bytes(content)
    printed = make_input(str(tmp_path / "printed.pdf"), 1_500_000)
    scanned = make_input(str(tmp_path / "scanned.pdf"), 9_000)
    assert estimate_seconds(scanned) > 2 * estimate_seconds(printed)
    assert [batch.heavy for batch in make_batches([printed, scanned])] == [True, False]


def test_a_pdf_that_is_gone_or_no_file_is_estimated_by_its_size(tmp_path: Path) -> None:
    for name in ("gone.pdf", "nul\0.pdf", "https://example.test/a.pdf", "zip://a.pdf::file://b.zip"):
        place = name if "://" in name else str(tmp_path / name)
        assert not make_batch(make_input(place, 100_000)).heavy
        assert estimate_seconds(make_input(place, None)) < estimate_seconds(make_input(place, 10**6))
    (tmp_path / "folder.pdf").mkdir()
    assert not make_batch(make_input(str(tmp_path / "folder.pdf"))).heavy


def test_what_cannot_be_fetched_is_light_whatever_its_name() -> None:
    refused = make_input("a.png", None, problem=Refusal("not_found", "there is no such file"))
    assert not make_batch(refused).heavy
    assert list_places(list(make_batches([refused, make_input("b.png")]))) == [["b.png"], ["a.png"]]


def test_only_a_window_of_inputs_is_held() -> None:
    taken = 0

    def list_inputs() -> Iterator[Input]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield make_input(f"{number:02}.docx", number=number)

    batches = make_batches(list_inputs(), window=10)
    assert [next(batches).inputs[0].input_id for _ in range(5)] == [0, 1, 2, 3, 4]
    assert taken == 14
    assert len(list(batches)) == 95


def test_a_heavy_document_that_comes_late_is_read_at_once_and_texts_wait_for_the_end() -> None:
    inputs = [make_input(f"{number}.txt", number=number) for number in range(20)]
    inputs.insert(15, make_input("late.png", number=99))
    order = [place for batch in list_places(list(make_batches(inputs, window=8))) for place in batch]
    assert order.index("late.png") <= 15 - 8 + 1
    assert sorted(order) == sorted(entry.place for entry in inputs)


def test_texts_go_out_together_and_in_smaller_batches_towards_the_end() -> None:
    sizes = [len(batch.inputs) for batch in make_batches(make_input(f"{n}.txt", number=n) for n in range(400))]
    assert sizes[0] == 8
    assert sizes[-1] == 1
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == 400


@pytest.mark.parametrize("size", [None, 400_000])
def test_a_large_text_and_one_of_unknown_size_go_out_alone(size: int | None) -> None:
    inputs = [make_input(f"{number}.txt", size, number) for number in range(200)]
    assert all(len(batch.inputs) == 1 for batch in make_batches(inputs))
