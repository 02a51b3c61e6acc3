from __future__ import annotations

from typing import Any

from extraction.near_copies import compare_sketches, judge_likeness, make_sketch

WORDS = "本机关全年受理政府信息公开申请并按时答复同时加强平台建设推进主动公开工作"


def make_record(numbers: list[int], words: str = WORDS, year: int = 2023) -> dict[str, Any]:
    cells = [
        {"id": f"f{place}", "form": "x", "state": "number", "value": value, "confidence": 0.9}
        for place, value in enumerate(numbers)
    ]
    return {"year": year, "cells": cells, "sections": [{"text": words}]}


def judge(first: dict[str, Any], other: dict[str, Any], *, same_agency: bool) -> str | None:
    return judge_likeness(compare_sketches(make_sketch(first), make_sketch(other)), same_agency=same_agency)


NUMBERS = [12, 0, 3, 7, 31, 5, 2, 9, 0, 8, 44, 6, 1]


def test_a_scan_with_a_misread_cell_is_a_copy_of_the_web_page() -> None:
    scan = [*NUMBERS[:-1], 7]
    assert judge(make_record(NUMBERS), make_record(scan, ""), same_agency=True) == "linked"


def test_two_reports_of_one_agency_and_year_that_differ_are_shown_to_a_person() -> None:
    assert judge(make_record(NUMBERS), make_record([n + 1 for n in NUMBERS]), same_agency=True) == "proposed"


def test_sister_agencies_with_the_same_words_and_zeros_are_no_copies() -> None:
    assert judge(make_record([0] * 13), make_record([0] * 13), same_agency=False) is None
    assert judge(make_record(NUMBERS), make_record([n + 2 for n in NUMBERS]), same_agency=False) is None


def test_the_same_numbers_and_words_are_a_copy_though_the_agency_is_not_known() -> None:
    assert judge(make_record(NUMBERS), make_record(NUMBERS), same_agency=False) == "linked"
    assert judge(make_record(NUMBERS), make_record(NUMBERS, "别的"), same_agency=False) == "proposed"
    assert make_sketch(make_record(NUMBERS)).fingerprint == make_sketch(make_record([*NUMBERS, 1])).fingerprint


def test_a_document_without_cells_and_words_is_like_nothing() -> None:
    assert judge({}, {}, same_agency=False) is None
    assert make_sketch({}).fingerprint is None
