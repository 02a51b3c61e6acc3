"""The mapping that all peers share, and how a peer that is not there is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.peers.__main__ import APART, OWN, PEERS
from benchmarks.peers.documents import KINDS, Entry
from benchmarks.peers.mapping import make_peer_record, map_grids
from benchmarks.peers.measuring import Peer, load_answers, measure_peer
from benchmarks.peers.page import BEGIN, END, make_page, write_page
from models.form import load_forms

ROOT = Path(__file__).parent.parent
HEAD = ["", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]


def make_requests(*, heading: bool = True) -> list[list[str]]:
    rows = [[label.leaf, *(str(place) for place in range(7))] for label in load_forms()["requests@2021"].blocks[0].rows]
    return [HEAD, *rows] if heading else rows


def test_rows_and_columns_of_equal_labels_are_cells() -> None:
    cells = map_grids([make_requests()])
    assert len(cells) == 175
    assert {cell["form"] for cell in cells.values()} == {"requests@2021"}
    assert cells["requests.new.company"]["value"] == 1
    assert cells["requests.carried_out.total"]["value"] == 6


def test_a_page_that_a_table_goes_on_to_has_its_columns_in_order() -> None:
    rows = make_requests()
    cells = map_grids([rows[:12], rows[12:]])
    assert all(cell["state"] == "number" for cell in cells.values())


def test_a_column_out_of_order_is_to_be_looked_at_and_shifts_no_other() -> None:
    order = [0, 7, 1, 2, 3, 4, 5, 6]
    cells = map_grids([[[row[place] for place in order] for row in make_requests()]])
    assert cells["requests.new.natural_person"]["value"] == 0
    assert cells["requests.new.total"]["state"] == "missing"  # columns are taken in the order of the form


def test_a_label_that_is_not_equal_leaves_its_row_to_be_looked_at() -> None:
    rows = [[text.replace("一、本年新收", "一、本年新牧") for text in row] for row in make_requests()]
    cells = map_grids([rows])
    assert cells["requests.new.total"]["state"] == "missing"
    assert cells["requests.new.total"]["review"]


def test_merged_places_that_repeat_their_text_are_one_cell() -> None:
    grid = [
        ["第二十条第（一）项"] * 4,
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["规章", "1", "2", "3"],
        ["行政规范性文件", "4", "5", "6"],
        ["第二十条第（五）项"] * 4,
        ["信息内容", *["本年处理决定数量"] * 3],
        ["行政许可", "7", "7", "7"],
    ]
    cells = map_grids([grid])
    assert sorted(cell["value"] for cell in cells.values() if cell["value"]) == [1, 2, 3, 4, 5, 6, 7]


def test_other_tables_are_no_form() -> None:
    assert map_grids([[["姓名", "电话"], ["张三", "1"]], [], [[]]]) == {}
    assert make_peer_record("x", "", [])["cells"] == []


def test_a_peer_that_is_not_there_is_absent_and_costs_nothing(tmp_path: Path) -> None:
    peer = Peer("img2table", "img2table", tmp_path / "no" / "bin" / "python")
    result = measure_peer(peer, "pdf", [], seconds=1, folder=tmp_path)
    assert "make benchmark" in result.absent
    assert measure_peer(peer, "html", [], seconds=1, folder=tmp_path).absent == "does not read it"


def test_gouji_answers_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# 政府信息公开工作年度报告\n", "utf-8")
    entry = Entry(path, {"cells": {}, "forms": [], "source": "a.md"}, "text")
    result = measure_peer(PEERS[0], "text", [entry], seconds=120, folder=tmp_path)
    assert result.versions["pypdfium2"]
    assert (result.errors, result.pages) == ([], 1)
    assert load_answers(tmp_path / "gouji-text.jsonl")[-1]["peak"] > 10
    assert "| text | 1 | 1 | 0 |" in make_page([result], [entry], about="today")


def test_answers_of_a_run_that_was_stopped_are_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "gouji-text.jsonl"
    path.write_text('{"versions": {}}\n{"path": "a", "seconds": 1}\n', "utf-8")
    assert load_answers(path) == []
    assert load_answers(tmp_path / "none.jsonl") == []


def test_every_peer_has_an_adapter_and_reads_a_kind() -> None:
    assert {peer.python for peer in PEERS} == {OWN, APART}
    assert all(any(peer.reads(kind) for kind in KINDS) for peer in PEERS)
    assert all(PEERS[0].reads(kind) for kind in KINDS)


def test_what_needs_an_environment_of_its_own_is_pinned() -> None:
    lines = (ROOT / "benchmarks/peers/requirements.txt").read_text("utf-8").splitlines()
    assert all("==" in line for line in lines if not line.startswith("#"))
    assert any(line.startswith("img2table==") for line in lines)


def test_the_tables_are_put_between_the_marks_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "peers.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    write_page(page, "new")
    assert page.read_text("utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    page.write_text("without", "utf-8")
    with pytest.raises(ValueError, match="no place"):
        write_page(page, "new")
