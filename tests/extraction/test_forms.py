"""Rows and columns found again whatever happens to their labels: hand-made tables through the mapping."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extraction.deciding import is_always_reviewed
from extraction.forms import FormMatcher
from extraction.labels import LabelMatcher
from extraction.mapping import MappedForm, map_cells
from extraction.rows import find_rows
from models.document import Cell, Evidence, Table
from models.numbers import State
from tests.extraction.form_tables import FORMS, HEADINGS, REQUESTS, expected, number_rows, numbers, print_rows, read


def test_a_clean_table_is_read_whole(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    assert numbers(read(matcher, labels, print_rows(rows))["requests@2021"]) == expected(rows)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2.其他法律行政法规禁止公开", "2.其他法律行政止公开"),
        ("5.属于三类内部事务信息", "三类内容事务信息"),
        ("6.属于四类过程性信息", "6.属于四类过程性性信息"),
        ("（一）予以公开", "(一)予以公開"),
        ("2.重复申请", "動(dòng)2.重復(fù)申請"),
        ("四、结转下年度继续办理", "四、结转下年度继续办理（件）"),
        ("1.属于国家秘密", ""),
        ("3.其他", "3．其 他"),
        ("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "部分公开(区分处理的,只计这一情况)"),
    ],
)
def test_a_changed_label_shifts_no_number(before: str, after: str, matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    printed = [[after if row[0] == before else row[0], *row[1:]] for row in rows]
    assert printed != rows
    assert numbers(read(matcher, labels, print_rows(printed))["requests@2021"]) == expected(rows)


def test_rows_without_values_tell_the_form_though_empty_cells_have_vanished(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    headings = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
    rows = [[row[0]] if 10 <= i < 23 else row for i, row in enumerate(number_rows(REQUESTS))]
    mapped = read(matcher, labels, headings + [text for row in rows for text in row])
    assert [form for form in mapped if form.startswith("requests")] == ["requests@2021"]


def test_a_misprinted_label_between_two_rows_takes_its_place_though_a_heading_row_stands_there(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    rows = number_rows(REQUESTS)
    group = ["三、本年度办理结果", *[""] * 7]
    printed = [*rows[:2], group, ["（一）予公以开", *rows[2][1:]], *rows[3:]]
    assert numbers(read(matcher, labels, print_rows(printed))["requests@2021"]) == expected(rows)


@pytest.mark.parametrize("half", [0, 1])
def test_a_label_broken_over_two_rows_has_the_values_of_either(
    half: int, matcher: FormMatcher, labels: LabelMatcher
) -> None:
    rows = number_rows(REQUESTS)
    label, values = rows[3][0], rows[3][1:]
    halves = label[:16], label[16:]
    parts = [[halves[0], *values], [halves[1], *[""] * 7]] if half == 0 else [[halves[0]], [halves[1], *values]]
    printed = rows[:3] + parts + rows[4:]
    assert numbers(read(matcher, labels, print_rows(printed))["requests@2021"]) == expected(rows)


def test_headings_broken_over_lines_tell_which_column_is_left_out(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    lines = ["申请人情况 |", "自然人 |法人或其他组织 |总", "计 |", "商业", "企业 |科研机构 |法律服务机构 |其他 |"]
    lines += [" |".join([row[0], *row[1:4], *row[5:], ""]) for row in rows]
    read_numbers = numbers(read(matcher, labels, lines)["requests@2021"])
    wanted = {key: None if key.endswith("social") else value for key, value in expected(rows).items()}
    assert read_numbers == wanted


def test_an_extra_heading_in_the_lowest_line_is_an_extra_column(matcher: FormMatcher, labels: LabelMatcher) -> None:
    group = "结果维持\t结果纠正\t其他结果\t尚未审结\t总计"
    lines = [
        "\t行政复议\t\t\t\t\t行政诉讼",
        "未经复议直接起诉\t复议后起诉",
        "\t".join(["序号", group, group, group]),
        "\t".join(["1", "0", "", "0", "", "0", "0", "1", "", "0", "1", "", "0", "0", "", "0"]),
    ]
    mapped = read(matcher, labels, lines)["disputes@2019"]
    assert [None if n is None else int(n) for n in (c.value.number for c in mapped.cells)] == [
        0, None, 0, None, 0, 0, 1, None, 0, 1, None, 0, 0, None, 0,
    ]  # fmt: skip


def print_grid(rows: list[list[tuple[str, int, int]]]) -> tuple[Table, ...]:
    """A ruled table: for each cell its text, rows and columns spanned, from the first free column on."""
    cells: list[Cell] = []
    for r, row in enumerate(rows):
        for text, height, width in row:
            taken = {c for cell in cells if cell.row <= r < cell.row_end for c in range(cell.column, cell.column_end)}
            column = next(c for c in range(99) if c not in taken)
            cells.append(Cell(text, r, column, r + height, column + width, Evidence()))
    return (Table(tuple(cells), "ruled"),)


def read_grid(
    matcher: FormMatcher, labels: LabelMatcher, rows: list[list[tuple[str, int, int]]]
) -> dict[str, MappedForm]:
    tables = print_grid(rows)
    printed = find_rows(tables)
    return {form.match.form.form_id: form for form in map_cells(matcher.match_forms(printed), printed, tables, labels)}


def test_permuted_columns_in_other_words_are_told_by_the_likest(matcher: FormMatcher, labels: LabelMatcher) -> None:
    orders = [1, 2, 4, 3, 0], [0, 1, 4, 3, 2], [0, 4, 2, 1, 3]
    words = [["维持", "纠错", "其它结果", "尚未审理", "共计"], ["维持", "纠正", "其他", "尚未审理", "合计"]]
    first, *others = ([(words[min(i, 1)][c], 1, 1) for c in order] for i, order in enumerate(orders))
    mapped = read_grid(
        matcher,
        labels,
        [
            [("行政复议", 1, 5), ("行政诉讼", 1, 10)],
            [(text, 2, 1) for text, _, _ in first] + [("未经复议直接诉讼", 1, 5), ("复议后诉讼", 1, 5)],
            [cell for group in others for cell in group],
            [(str(5 * i + c), 1, 1) for i, order in enumerate(orders) for c in order],
        ],
    )["disputes@2019"]
    assert [int(cell.value.number or 0) for cell in mapped.cells] == list(range(15))


def test_a_heading_over_two_lines_is_not_the_first_column(matcher: FormMatcher, labels: LabelMatcher) -> None:
    mapped = read_grid(
        matcher,
        labels,
        [
            [("第二十条第（一）项", 1, 4)],
            [("信息内容", 2, 1), ("", 1, 1), ("", 1, 1), ("现行有效件数", 2, 1)],
            [("本年制发件数", 1, 1), ("本年废止件数", 1, 1)],
            [("规章", 1, 1), ("1", 1, 1), ("2", 1, 1), ("3", 1, 1)],
            [("行政规范性文件", 1, 1), ("4", 1, 1), ("5", 1, 1), ("6", 1, 1)],
        ],
    )["proactive@2021"]
    values = {key.removeprefix("proactive."): value for key, value in numbers(mapped).items() if value is not None}
    assert values == {
        "rules.issued": 1, "rules.repealed": 2, "rules.in_force": 3,
        "normative_documents.issued": 4, "normative_documents.repealed": 5, "normative_documents.in_force": 6,
    }  # fmt: skip


@pytest.mark.parametrize(("layout", "state"), [("unruled", State.UNREADABLE), ("ruled", State.BLANK)])
def test_a_number_that_ran_into_a_label_is_no_empty_cell(
    layout: str, state: State, matcher: FormMatcher, labels: LabelMatcher
) -> None:
    rows = [[(text, 1, 1) for text in row] for row in number_rows(REQUESTS)]
    headings = ["", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
    rows[11] = [("8.属于行政查0询事项", 1, 1), ("", 1, 1), *rows[11][2:]]
    (table,) = print_grid([[(text, 1, 1) for text in headings], *rows])
    tables = (replace(table, layout=layout),)
    printed = find_rows(tables)
    (form,) = map_cells(matcher.match_forms(printed), printed, tables, labels)
    cells = {cell.field.field_id: cell.value.state for cell in form.cells}
    assert cells["requests.refused.administrative_enquiries.natural_person"] is state


@pytest.mark.parametrize("mark", [",", "\u3000", ";"])
def test_values_that_were_not_parted_from_their_label_are_no_empty_cells(
    mark: str, matcher: FormMatcher, labels: LabelMatcher
) -> None:
    rows = [[(mark.join(row), 1, 1)] for row in number_rows(REQUESTS)]
    headings = [[("", 1, 1), *((label.leaf, 1, 1) for label in REQUESTS.blocks[0].columns)]]
    tables = (print_grid([*headings, *rows])[0],)
    printed = find_rows(tables)
    (form,) = map_cells(matcher.match_forms(printed), printed, tables, labels)
    assert State.BLANK not in {cell.value.state for cell in form.cells}


def test_columns_in_unknown_words_and_rows_unclaimed_are_never_accepted(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    rows = number_rows(REQUESTS)
    words = ["个人提出", "公司厂商", "院校研究所", "慈善团体", "律所公证处", "别的来源", "全口径"]
    rows[8] = ["伤及旁人利益", *rows[8][1:]]
    mapped = read(matcher, labels, ["\t".join(["", "", *reversed(words)]), *print_rows(rows)[3:]])["requests@2021"]
    assert all(map(is_always_reviewed, mapped.cells))


def test_a_row_left_out_is_missing_and_the_others_stay(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    mapped = read(matcher, labels, print_rows(rows[:7] + rows[8:]))["requests@2021"]
    gone = [f.field_id for f in REQUESTS.blocks[0].fields[7]]
    assert numbers(mapped) == expected(rows) | dict.fromkeys(gone)
    assert {c.value.state for c in mapped.cells if c.field.field_id in gone} == {State.MISSING}


def test_an_extra_row_is_no_cell(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    extra = [["（备注）补充公开的数量", "9", "9", "9", "9", "9", "9", "54"]]
    assert numbers(read(matcher, labels, print_rows(rows[:5] + extra + rows[5:]))["requests@2021"]) == expected(rows)


def test_permuted_rows_keep_their_numbers(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    mapped = read(matcher, labels, print_rows(rows[:6] + [rows[8], rows[7], rows[6]] + rows[9:]))["requests@2021"]
    assert numbers(mapped) == expected(rows)


def test_a_row_that_the_form_does_not_know_is_not_taken_for_one_printed_elsewhere(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    printed = [
        "信息内容\t本年新制作数量\t本年新公开数量\t对外公开总数量", "规章\t1\t2\t3", "行政规范性文件\t4\t5\t6",
        "行政裁决\t7\t8\t9", "信息内容\t上一年项目数量\t本年增/减\t处理决定数量",
        "其他对外管理服务事项\t10\t11\t12", "行政许可\t13\t14\t15",
    ]  # fmt: skip
    read_cells = numbers(read(matcher, labels, printed)["proactive@2019"])
    columns = ("items_last_year", "items_change", "decisions")
    assert [read_cells[f"proactive.licensing.{column}"] for column in columns] == [13, 14, 15]


def test_permuted_columns_keep_their_numbers(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    headings = ["\t总计\t自然人\t法人或其他组织", "\t商业企业\t科研机构\t社会公益组织\t法律服务机构\t其他"]
    printed = headings + ["\t".join([row[0], row[7], *row[1:7]]) for row in rows]
    assert numbers(read(matcher, labels, printed)["requests@2021"]) == expected(rows)


def test_other_handling_in_one_row_is_the_form_of_2019(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(FORMS["requests@2019"])
    assert "requests@2019" in read(matcher, labels, print_rows(rows))


def test_this_years_table_is_read_not_last_years_below(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    last = [[row[0], *(str(int(value) + 50) for value in row[1:])] for row in rows]
    # A row that only last year's table has must not fill this year's.
    lines = print_rows(rows[:10] + rows[11:]) + print_rows(last)
    gone = [f.field_id for f in REQUESTS.blocks[0].fields[10]]
    assert numbers(read(matcher, labels, lines)["requests@2021"]) == expected(rows) | dict.fromkeys(gone)


def test_this_years_table_is_read_though_last_years_has_the_better_labels(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    rows = number_rows(REQUESTS)
    garbled = [[row[0].replace("公开", "公升").replace("他", "它"), *row[1:]] for row in rows]
    last = [[row[0], *(str(int(value) + 50) for value in row[1:])] for row in rows]
    lines = print_rows(garbled) + print_rows(last)
    assert numbers(read(matcher, labels, lines)["requests@2021"]) == expected(rows)


def test_a_label_printed_before_that_of_its_group_keeps_its_values(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    lines = [
        "申请人情况",
        "自然人",
        "法人或其他组织",
        "总计",
        "商业企业",
        "科研机构",
        "社会公益组织",
        "法律服务机构",
        "其他",
    ]
    for row in rows:
        group = ["（五）不予处理"] if row[0].startswith("1.信访") else []
        lines += [row[0], *group, *row[1:]]
    assert numbers(read(matcher, labels, lines)["requests@2021"]) == expected(rows)


def test_a_table_that_goes_on_without_headings_keeps_the_order_of_its_columns(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    rows = number_rows(REQUESTS)
    headings = ["\t总计\t自然人\t法人或其他组织", "\t商业企业\t科研机构\t社会公益组织\t法律服务机构\t其他"]
    printed = ["\t".join([row[0], row[7], *row[1:7]]) for row in rows]
    sentence = "以上为本年度申请办理情况的第一部分，其余各项数据见下表，单位均为件。"
    assert numbers(
        read(matcher, labels, [*headings, *printed[:9], sentence, *printed[9:]])["requests@2021"]
    ) == expected(rows)


def test_one_cell_a_line_is_the_same_table(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    headings = ["申请人情况", "自然人", "法人或其他组织", "总计"]
    headings += ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
    lines = headings + [text for row in rows for text in row]
    assert numbers(read(matcher, labels, lines)["requests@2021"]) == expected(rows)


def test_blanks_stay_blank_and_in_their_columns(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    printed = [*rows[:4], [rows[4][0], "5", "", "", "", "", "", "5"], *rows[5:]]
    mapped = read(matcher, labels, print_rows(printed))["requests@2021"]
    own = {f.field_id for f in REQUESTS.blocks[0].fields[4]}
    states = {c.field.field_id.rsplit(".", 1)[1]: c.value.state for c in mapped.cells if c.field.field_id in own}
    assert states["natural_person"] is states["total"] is State.NUMBER
    assert {states[key] for key in ("company", "research", "social", "legal_service", "other")} == {State.BLANK}


def test_yuan_in_a_cell_of_ten_thousands_is_converted(matcher: FormMatcher, labels: LabelMatcher) -> None:
    form = FORMS["proactive@2021"]
    lines = []
    for block in form.blocks:
        lines += [block.title, "\t".join(["信息内容", *(column.leaf for column in block.columns)])]
        lines += ["\t".join([row.leaf, *["3"] * len(block.columns)]) for row in block.rows]
    lines[-1] = "行政事业性收费\t1605964元"
    mapped = read(matcher, labels, lines)["proactive@2021"]
    cell = next(c for c in mapped.cells if c.field.field_id == "proactive.fees.amount")
    assert float(cell.value.number or 0) == 160.5964
    assert cell.raw == "1605964元"


def test_a_value_merged_over_a_row_is_never_spread(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    cells = []
    for r, row in enumerate(rows):
        cells += [Cell(text, r, c, r + 1, c + 1, Evidence()) for c, text in enumerate(row)]
    merged = [replace(cell, column_end=8, text="5") for cell in cells if (cell.row, cell.column) == (4, 1)]
    kept = [cell for cell in cells if cell.row != 4 or cell.column == 0]
    tables = (Table((*kept, *merged), "html"),)
    printed = find_rows(tables)
    mapped = map_cells(matcher.match_forms(printed), printed, tables, labels)
    form = next(form for form in mapped if form.match.form.form_id == "requests@2021")
    own = {f.field_id for f in REQUESTS.blocks[0].fields[4]}
    assert {c.value.state for c in form.cells if c.field.field_id in own} == {State.UNREADABLE}


def test_a_budget_table_is_no_form(matcher: FormMatcher, labels: LabelMatcher) -> None:
    lines = ["科目\t预算数\t决算数", "一般公共服务支出\t1204\t1180", "公共安全支出\t96\t95", "教育支出\t455\t460"]
    assert read(matcher, labels, lines) == {}


def test_circled_numbers_before_a_short_label_do_not_move_it_to_the_next_row(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    rows = number_rows(REQUESTS)
    printed = [["③其他" if row[0] == "3.其他" else row[0], *row[1:]] for row in rows if row[0] != "（七）总计"]
    found = numbers(read(matcher, labels, print_rows(printed))["requests@2021"])
    own = {key: None if key.startswith("requests.concluded.") else value for key, value in expected(rows).items()}
    assert found == own


def test_a_lost_label_beside_a_row_left_out_is_never_accepted(matcher: FormMatcher, labels: LabelMatcher) -> None:
    rows = number_rows(REQUESTS)
    left_out, lost = rows[10][0], rows[11][0]
    printed = [["其中：网上申请" if row[0] == lost else row[0], *row[1:]] for row in rows if row[0] != left_out]
    mapped = read(matcher, labels, print_rows(printed))["requests@2021"]
    asked = {cell.field.row for cell in mapped.cells if is_always_reviewed(cell)}
    assert {10, 11} <= asked
    assert len(asked) == 2


def test_a_column_whose_heading_is_not_found_is_not_called_empty_where_rows_have_no_cells(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    headings = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "总计"]
    mapped = read(matcher, labels, headings + [row[0] for row in number_rows(REQUESTS)])["requests@2021"]
    other = [cell for cell in mapped.cells if cell.field.field_id.endswith(".other") and cell.how == "gone"]
    assert other
    assert all(is_always_reviewed(cell) for cell in other if cell.value.state is State.BLANK)


def test_without_a_whole_row_a_column_whose_heading_is_not_found_may_be_left_out(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    headings = "\t自然人\t商业企业\t科研机构\t社会公益组织\t法律服务机构\t总计\t"
    rows = [[row[0], row[1], "", "", "", "", "", row[7]] for row in number_rows(REQUESTS)]
    mapped = read(matcher, labels, [headings, *("\t".join(row) for row in rows)])["requests@2021"]
    assert all(is_always_reviewed(cell) for cell in mapped.cells if cell.value.state is not State.MISSING)
    whole = [[*rows[0][:2], "0", "0", "0", "0", "0", rows[0][7]], *rows[1:]]
    mapped = read(matcher, labels, [headings, *("\t".join(row) for row in whole)])["requests@2021"]
    assert not any(is_always_reviewed(cell) for cell in mapped.cells)


def test_the_first_of_several_other_results_is_not_taken_for_all_of_them(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    lines = ["\t".join(row) for row in number_rows(REQUESTS)]
    cut = 2 + next(i for i, line in enumerate(lines) if line.startswith("5.要求行政机关"))
    lines[cut - 1] = "（六）其他处理\t1.申请人无\t" + lines[cut - 1].split("\t", 1)[1]  # the page ends within its label
    assert set(read(matcher, labels, [*HEADINGS, *lines[:cut]])) == {"requests@2021"}
