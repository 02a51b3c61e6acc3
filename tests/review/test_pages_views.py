from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from models.form import load_forms
from models.numbers import State
from review.pages_cells import find_picture, list_candidates, write_number
from review.pages_compare import find_repetition, pair_cells
from review.pages_documents import show_text
from review.pages_figures import KeptCount, draw_bars, show_share
from review.pages_findings import find_form, read_finding, say_identity
from review.pages_forms import find_sums, lay_out_form, list_sums, merge_headings, name_terms
from review.pages_groups import parse_value, show_tile
from review.pages_people import role_reaches
from review.pages_sources import SourceLine, SourceTable, cut_source, load_source, mark_source, split_line
from review.pages_templates import show_moment
from review.pages_words import find_word, name_form, pick_language

FORMS = list(load_forms())


@pytest.mark.parametrize("form", FORMS)
def test_every_field_of_a_form_has_its_place_in_the_table(form: str) -> None:
    shown = [field.field_id for block in lay_out_form(form) for row in block.rows for field in row.fields]
    assert shown == [field.field_id for field in load_forms()[form].fields]


@pytest.mark.parametrize("form", FORMS)
def test_the_rows_of_a_table_are_equally_wide(form: str) -> None:
    for block in lay_out_form(form):
        reach = [0] * len(block.rows)
        for index, row in enumerate(block.rows):
            for heading in row.headings:
                for below in range(index, index + heading.rows):
                    reach[below] += heading.columns
        assert set(reach) <= {block.depth}
        columns = len(block.rows[0].fields)
        assert not block.head or sum(heading.columns for heading in block.head[0]) == columns


def test_headings_with_an_equal_beginning_are_one() -> None:
    merged = merge_headings([("A", "1"), ("A", "2"), ("B", "1")], 2)
    assert [[heading.rows for _, heading in begun] for begun in merged] == [[2, 1], [1], [1, 1]]


def test_a_field_is_told_the_sums_it_is_in_and_no_others() -> None:
    assert [tie.identity_id for tie in find_sums("requests@2021", "requests.granted.company")] == [
        "requests.granted.total",
        "requests.concluded",
    ]
    assert find_sums("proactive@2021", "proactive.rules.issued") == ()
    assert find_sums("nothing@2021", "x") == ()


def test_terms_of_a_sum_are_named_by_what_they_differ_in() -> None:
    names = name_terms("requests@2021", ("requests.new.total", "requests.carried_in.total"))
    assert list(names.values()) == ["一、本年新收政府信息公开申请数量", "二、上年结转政府信息公开申请数量"]
    names = name_terms("requests@2021", ("requests.new.company", "requests.new.other"))
    assert list(names.values()) == ["商业企业", "其他"]


def test_a_sum_is_shown_at_its_total() -> None:
    shown = {tie.identity_id: tie.shown_at for tie in list_sums("disputes@2019")}
    assert shown["disputes.reconsideration.total"] == "disputes.reconsideration.total"


def test_a_line_is_cut_at_the_places_of_its_cells() -> None:
    parts = split_line("规章\t12\t\t3", [(3, 5, "a"), (6, 6, "b"), (7, 8, "c")])
    assert [(part.text, part.fields) for part in parts] == [
        ("规章\t", ()),
        ("12", ("a",)),
        ("\t", ()),
        ("", ("b",)),
        ("\t", ()),
        ("3", ("c",)),
    ]


@pytest.mark.parametrize("span", [(-5, 2), (3, 99), (9, 4), (0, 0)])
def test_a_span_beyond_its_line_loses_no_text(span: tuple[int, int]) -> None:
    assert "".join(part.text for part in split_line("12345", [(*span, "a"), (1, 3, "b")])) == "12345"


def test_cells_at_one_place_share_it() -> None:
    parts = split_line("合并 5", [(3, 4, "a"), (3, 4, "b"), (2, 4, "c")])
    assert {field for part in parts for field in part.fields} == {"a", "b", "c"}


def test_a_cell_is_shown_with_the_lines_around_it() -> None:
    blocks = [{"line": n, "text": f"line {n}", "heading": 0} for n in range(1, 20)]
    shown = cut_source(blocks, {"id": "a", "evidence": {"line": 10, "span": [0, 4]}})
    assert [block.number for block in shown if isinstance(block, SourceLine)] == [7, 8, 9, 10, 11, 12]
    assert cut_source(blocks, {"id": "a", "evidence": None}) == []
    assert cut_source(blocks, {"id": "a", "evidence": {"line": 500}}) == []


def test_a_cell_of_a_table_is_shown_with_its_headings_and_neighbours() -> None:
    rows = [[{"text": f"{r}", "place": [r + 1, 1], "rows": 1, "columns": 1}] for r in range(20)]
    cell = {"id": "a", "evidence": {"table": 1, "row": 12, "column": 1}}
    shown = cut_source([{"table": 1, "rows": rows}], cell)[0]
    assert isinstance(shown, SourceTable)
    assert [row and row[0].text for row in shown.rows] == ["0", "1", "2", None, "10", "11", "12", None]
    assert [row[0].text for row in shown.rows if row and row[0].fields] == ["11"]


def test_a_source_that_is_not_there_is_empty() -> None:
    assert load_source(None) == ()
    assert mark_source([], []) == []


def test_candidates_begin_with_what_was_read_and_name_nothing_twice() -> None:
    further = [
        {"state": "number", "value": 5, "raw": "5", "probability": 0.8},
        {"state": "blank", "value": None, "raw": None, "probability": 0.1},
    ]
    shown = list_candidates(further, "number", Decimal(5), "5")
    assert [(entry["text"], entry["share"]) for entry in shown] == [("5", 0.8), ("□", 0.1)]
    assert list_candidates([], "number", Decimal(5), "5") == []


def test_numbers_are_written_with_the_digits_they_have() -> None:
    assert write_number(Decimal("1E+3")) == "1000"
    assert write_number(Decimal("96171.60")) == "96171.60"
    assert write_number(None) is None


def test_a_cell_without_a_picture_has_none() -> None:
    pages = json.dumps([{"page": 1, "name": "page-1.png", "width": 595, "height": 842}]).encode()
    box = {"page": 1, "bbox": [100, 200, 130, 210]}
    shown = find_picture(7, box, pages)
    assert shown is not None
    assert shown["href"] == "/documents/7/views/page-1.png"
    assert find_picture(7, box | {"page": 2}, pages) is None
    assert find_picture(7, box, None) is None
    assert find_picture(7, {"line": 3}, pages) is None


@pytest.mark.parametrize(
    ("state", "value", "raw", "text"),
    [("number", "5", "5", "5"), ("blank", None, None, ""), ("mark", None, "—", "—"), ("unreadable", None, "5①", "?")],
)
def test_a_box_holds_a_number_a_mark_or_a_sign(state: str, value: str | None, raw: str | None, text: str) -> None:
    assert show_text(state, value, raw) == text


def test_text_of_last_year_is_marked_and_measured_whatever_its_blanks() -> None:
    old = "加强组织领导，健全工作机制，推进决策公开。"
    repetition = find_repetition("今年新的做法有三。 加强组织领导，\n健全工作机制，推进决策公开。", old)
    assert "".join(stretch.text for stretch in repetition.stretches).startswith("今年新的做法有三。")
    assert [stretch.repeated for stretch in repetition.stretches] == [False, True]
    assert 0.65 < repetition.share < 0.75
    assert find_repetition("", old).share == 0.0
    assert find_repetition("全新", old).stretches[0].repeated is False


def test_short_turns_of_phrase_are_not_repetition() -> None:
    assert find_repetition("政府信息公开工作年度报告", "政府信息公开指南").share == 0.0


def test_two_years_are_compared_field_by_field_and_unknown_is_no_zero() -> None:
    def cell(state: str, value: str | None) -> dict[str, Any]:
        return {"id": "disputes.reconsideration.total", "form": "disputes@2019", "state": state, "value": value}

    def change(*pair: dict[str, Any]) -> tuple[Decimal | None, bool]:
        found = pair_cells([pair[0]], [pair[1]])[0]
        return found.change, found.differs

    assert change(cell("number", "5"), cell("number", "8")) == (Decimal(3), True)
    assert change(cell("number", "5"), cell("number", "5.0")) == (Decimal(0), False)
    assert change(cell("blank", None), cell("number", "0")) == (None, True)
    assert change(cell("blank", None), cell("blank", None)) == (None, False)
    assert pair_cells([cell("number", "5")], [])[0].later is None


def test_a_finding_is_said_in_the_words_of_its_form() -> None:
    cells = tuple(f"disputes.reconsideration.{name}" for name in ("upheld", "corrected", "other", "pending", "total"))
    assert say_identity(find_form(cells), cells) == "结果维持 + 结果纠正 + 其他结果 + 尚未审结 = 总计"
    assert find_form(("unknown.field",)) is None
    assert say_identity(None, ()) == ""


@pytest.mark.parametrize("text", ["", "1", "-", "1-", "a-b", "1-2-3", "٣-١", "9" * 20 + "-1"])
def test_a_list_does_not_go_on_from_nonsense(text: str) -> None:
    assert read_finding(text) is None


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity", "1e", "１２x"])
def test_a_group_of_no_number_has_no_value(text: str) -> None:
    assert parse_value(State.NUMBER, text) is None


@dataclass
class Group:
    group: str
    cells: int
    accepted_machine: int
    accepted_person: int = 0
    accepted_audit: int = 0


def test_bars_are_to_one_scale_and_nothing_is_nothing() -> None:
    drawn = draw_bars([Group("2026-10", 100, 80, 5), Group("2026-11", 50, 50)])
    first, second = ([part["width"] for part in bar["parts"]] for bar in drawn["bars"])
    assert sum(first) == pytest.approx(2 * sum(second), rel=0.01)
    assert [part["kind"] for part in drawn["bars"][0]["parts"]] == ["machine", "person", "open"]
    assert draw_bars([])["bars"] == []
    assert draw_bars([Group("", 0, 0)])["bars"][0]["parts"] == []


def test_small_shares_keep_their_digits() -> None:
    assert [show_share(share) for share in (None, 0.0, 0.0004, 0.25)] == ["—", "0.00 %", "0.04 %", "25.0 %"]


def test_a_role_reaches_itself_and_what_is_below() -> None:
    assert role_reaches("admin", "reader")
    assert role_reaches("reviewer", "reviewer")
    assert not role_reaches("reader", "reviewer")
    assert not role_reaches("root", "reader")
    assert not role_reaches("admin", "root")


def test_a_word_that_is_not_known_stands_for_itself() -> None:
    assert find_word({}, "new_code", "zh") == "new_code"
    assert name_form("requests@2021", "en") == "Requests received and handled 2021"
    assert name_form("other@1999", "zh") == "other 1999"


def test_the_length_of_the_queue_is_counted_now_and_then() -> None:
    counts = iter([7, 5])
    now = [0.0]
    begun: list[Callable[[], None]] = []
    kept = KeptCount(lambda: next(counts), clock=lambda: now[0], aside=begun.append)
    assert [kept.tell(), kept.tell()] == [7, 7]
    now[0] = 60
    assert [kept.tell(), kept.tell()] == [7, 7]  # nobody waits for the count
    assert len(begun) == 1
    begun[0]()
    assert kept.tell() == 5


@pytest.mark.parametrize("box", [(100, 100, 110, 110), (100, 100, 330, 110), (100, 100, 160, 125)])
def test_a_print_is_seen_whole_however_wide_it_is_and_however_narrow_the_screen(box: tuple[float, ...]) -> None:
    pages = json.dumps([{"page": 1, "name": "page-1.png", "width": 595, "height": 842}]).encode()
    picture = find_picture(7, {"page": 1, "bbox": box}, pages)
    assert picture is not None
    left, top, wide, tall = map(float, picture["crop"].split())
    narrow = 1.55 * tall  # what a window of 400 pixels shows of it
    assert left < box[0] and left + wide > box[2] and top < box[1] and top + tall > box[3]
    assert narrow >= box[2] - box[0]


@dataclass
class Asked:
    form: str
    field: str
    evidence: dict[str, Any] | None = None
    lease: str = "l"
    document_id: int = 1
    state: State = State.NUMBER
    raw: str | None = "1"
    organization: str | None = "某县"
    source: str = "a.txt"
    year: int | None = 2023


@pytest.mark.parametrize(
    ("form", "field", "short"),
    [
        ("requests@2021", "requests.granted.company", ("（一）予以公开", "商业企业")),
        ("disputes@2019", "disputes.reconsideration.total", ("行政复议", "总计")),
        ("nothing@1999", "x.y", ("x.y",)),
    ],
)
def test_a_tile_names_the_row_and_the_column_of_its_cell(form: str, field: str, short: tuple[str, ...]) -> None:
    assert show_tile(Asked(form, field), {})["short"] == short


def test_a_time_is_told_in_utc_for_the_script_to_turn() -> None:
    at = datetime(2026, 1, 1, 7, 30, tzinfo=timezone(timedelta(hours=8)))
    assert str(show_moment(at)) == '<time datetime="2025-12-31T23:30:00Z">2025-12-31 23:30 UTC</time>'


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("没有 / none", "没有", "none"),
        ("a / b 不是年度 / is no year", "a / b 不是年度", "is no year"),
        ("Not Found", "Not Found", "Not Found"),
    ],
)
def test_of_a_text_in_both_languages_a_reader_is_told_theirs(text: str, zh: str, en: str) -> None:
    assert (pick_language(text, "zh"), pick_language(text, "en")) == (zh, en)
