"""Labels that reach down by a wrong span into rows that are not theirs, or go on in a row below."""

from __future__ import annotations

from extraction.forms import Match, RowMatch
from extraction.gaps import find_crowded, find_parted
from extraction.row_labels import continue_label, last_label, list_labels
from extraction.rows import PrintedRow, find_rows
from models.document import Cell, Evidence, Table
from models.form import load_forms

FORMS = load_forms()


def print_cells(*cells: tuple[str, int, int, int]) -> list[PrintedRow]:
    """Rows of a table of cells one column wide: text, row, column and the row at which each ends."""
    table = tuple(Cell(text, row, column, end, column + 1, Evidence()) for text, row, column, end in cells)
    return find_rows([Table(table, "html")])


def print_refusals() -> list[PrintedRow]:
    """The second ground of refusal spans the third one's row as well, so that its label is moved to the right."""
    cells = [("三、本年度办理结果", 0, 0, 3), ("（三）不予公开", 0, 1, 3), ("2.其他法律行政法规禁止公开", 0, 2, 2)]
    cells += [("", 0, 3, 1), ("", 0, 4, 1), ("3.危及“三安全一稳定”", 1, 3, 2), ("", 1, 4, 2), ("", 1, 5, 2)]
    cells += [("4.保护第三方合法权益", 2, 2, 3), ("", 2, 3, 3), ("", 2, 4, 3)]
    return print_cells(*cells)


def test_a_row_of_empty_cells_has_its_own_label_however_many_reach_into_it() -> None:
    labels = [last_label(row) for row in print_refusals()]
    assert labels == ["2.其他法律行政法规禁止公开", "3.危及“三安全一稳定”", "4.保护第三方合法权益"]


def test_a_row_of_headings_without_places_has_no_label() -> None:
    rows = print_cells(*((text, 0, column, 1) for column, text in enumerate(["类别", "甲", "乙", "总计"])))
    assert [last_label(row) for row in rows] == [""]


def test_a_label_with_places_of_its_own_is_not_lent_to_the_row_that_it_reaches_into() -> None:
    rows = print_cells(
        ("六、举报投诉数量", 0, 0, 2), ("", 0, 1, 1), ("七、依申请公开信息收取的费用", 1, 1, 2), ("2.5", 1, 2, 2)
    )  # fmt: skip
    assert set(list_labels(rows)[1]) == {"七、依申请公开信息收取的费用"}


def test_a_label_beside_labels_is_lent_to_all_rows_that_it_spans() -> None:
    rows = print_cells(
        ("行政复议", 0, 0, 2), ("结果维持", 0, 1, 1), ("1", 0, 2, 1), ("结果纠正", 1, 1, 2), ("2", 1, 2, 2)
    )
    assert "行政复议" in list_labels(rows)[1]


def test_a_row_left_out_is_in_doubt_where_an_empty_row_with_a_label_stands() -> None:
    form = FORMS["statistics@2014"]
    count, lost = len(form.rows), 5
    places = tuple(RowMatch(i, *place, 0.99, 0.99, 0.0, (0,)) for i, place in enumerate(form.rows) if i != lost)
    match = Match(form, places, 50.0, 0.0, 0, 0)
    labels = [(f"某数{i}", i, 0, i + 1) for i in range(count)]
    values = [("" if i == lost else "1", i, 1, i + 1) for i in range(count)]
    assert form.rows[lost] in find_crowded(match, print_cells(*sorted(labels + values, key=lambda cell: cell[1:3])))
    alone = [value for value in values if value[1] != lost]  # a label alone has no places that could be the row's
    assert form.rows[lost] not in find_crowded(match, print_cells(*sorted(labels + alone, key=lambda cell: cell[1:3])))


def test_a_row_left_out_is_in_doubt_where_a_row_of_empty_places_stands() -> None:
    form = FORMS["requests@2021"]
    found = tuple(RowMatch(i, *place, 0.9, 0.9, 0.0, tuple(range(7))) for i, place in enumerate(form.rows[:-1]))
    match = Match(form, found, 50.0, 0.0, 0, 0)
    whole = [f"某数{i}|1|0|0|0|0|0|1" for i in range(len(found))]

    def is_doubted(last: str) -> bool:
        return form.rows[-1] in find_crowded(match, print_over_pages(*((1, line) for line in [*whole, last])))

    assert is_doubted("|||||||")
    assert not is_doubted("||")  # fewer places than columns are no row of the form


def print_over_pages(*rows: tuple[int, str]) -> list[PrintedRow]:
    """Rows of a page, a label and six values that are parted by bars."""
    cells = [
        Cell(text, r, c, r + 1, c + 1, Evidence(page=page))
        for r, (page, line) in enumerate(rows)
        for c, text in enumerate(line.split("|"))
    ]
    return find_rows([Table(tuple(cells), "unruled")])


BROKEN = ((1, "2.重复申请|3|0|0|0|0|0|3"), (1, "3.要求提供|1|0|0|0|0|0|1"), (2, "申请人类别||||||||"))
REST = (2, "公开出版物|||||||")


def test_a_label_goes_on_behind_headings_that_the_next_page_repeats() -> None:
    rows = print_over_pages(*BROKEN, REST, (2, "4.无正当理由|1|0|0|0|0|0|1"))
    assert continue_label(rows, 1) == ["3.要求提供公开出版物"]
    assert continue_label(rows, 0) == []
    same_page = print_over_pages(*((1, line) for _, line in (*BROKEN, REST)))
    assert continue_label(same_page, 1) == ["3.要求提供申请人类别"]


def test_a_label_goes_on_in_another_table_behind_a_page_break_alone() -> None:
    above, below = ("3.要求提供|1|0|0|0|0|0|1", 1, 0), ("公开出版物|||||||", 2, 0)
    tables = []
    for line, page, row in (above, below):
        cells = (Cell(t, row, c, row + 1, c + 1, Evidence(page=page)) for c, t in enumerate(line.split("|")))
        tables.append(Table(tuple(cells), "unruled"))
    assert continue_label(find_rows(tables), 0) == ["3.要求提供公开出版物"]
    cells = (Cell(t, 0, c, 1, c + 1, Evidence(page=1)) for c, t in enumerate(below[0].split("|")))
    assert continue_label(find_rows([tables[0], Table(tuple(cells), "unruled")]), 0) == []


def test_values_between_the_neighbours_of_an_empty_row_may_be_its_own_though_it_stands_elsewhere() -> None:
    form = FORMS["requests@2021"]
    lines = ("六其他处理||||||||", "2.乙|1|0|0|0|0|0|1", "|2|0|0|0|0|0|2", "（七）总计|3|0|0|0|0|0|3")
    rows = print_over_pages(*((1, line) for line in lines))
    unpaid, other, total = form.rows[21:24]

    def match(*places: tuple[int, tuple[int, int]]) -> Match:
        found = tuple(RowMatch(i, *place, 0.9, 0.0, 1.0, tuple(range(7))) for i, place in places)
        return Match(form, found, 50.0, 0.0, 0, 0, {})

    assert find_parted(match((1, unpaid), (0, other), (3, total)), rows) == {other}
    assert not find_parted(match((1, unpaid), (0, form.rows[4]), (2, other), (3, total)), rows)


def test_values_above_repeated_headings_may_be_those_of_a_row_without_any_below_them() -> None:
    form = FORMS["requests@2021"]
    rows = print_over_pages(*BROKEN, REST, (2, "4.无正当理由|1|0|0|0|0|0|1"))
    places = {form.blocks[b].rows[r].leaf[:4]: (b, r) for b, r in form.rows}
    publication = places["3.要求"]

    def match(*printed: int) -> Match:
        found = tuple(RowMatch(i, *publication, 0.9, 0.0, 1.0, tuple(range(7))) for i in printed)
        return Match(form, found, 50.0, 0.0, 0, 0, {})

    assert find_parted(match(3), rows) == {publication}
    assert not find_parted(match(1), rows)
