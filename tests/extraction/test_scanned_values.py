"""Values in a line of their own beside a label of two lines are those of its row."""

from __future__ import annotations

from extraction.forms import Match, RowMatch
from extraction.rows import find_rows
from extraction.scanned_values import join_values
from models.document import Cell, Evidence, Table
from models.form import load_forms

FORM = load_forms()["requests@2021"]
COLUMNS = 7
LINE = 13.0  # points from line to line
HIGH = 12.0  # of a line


def make_line(row: int, label: str, values: list[str], *, top: float | None = None, page: int = 1) -> list[Cell]:
    """A line of an aligned table: a label and values, each where it is printed."""
    top = LINE * row if top is None else top
    cells = []
    for column, text in enumerate([label, *values]):
        box = (60.0 * column, top, 60.0 * column + 50.0, top + HIGH)
        if text or column == 0:
            cells.append(Cell(text, row, column, row + 1, column + 1, Evidence(page=page, bbox=box), box=box))
    return cells


def join(lines: list[list[Cell]], claimed: list[int], *, layout: str = "unruled") -> Table:
    table = Table(tuple(cell for line in lines for cell in line), layout)
    rows = find_rows([table])
    matched = tuple(RowMatch(n, 0, i, 1.0, 0.0, 1.0, tuple(range(COLUMNS))) for i, n in enumerate(claimed))
    (joined,) = join_values([table], rows, [Match(FORM, matched, 1.0, 0.0, 0, 0)], {1})
    return joined


def list_values(table: Table, row: int) -> list[str]:
    return [c.text for c in sorted(table.cells, key=lambda c: c.column) if c.row == row and c.column > 0]


ZEROS = ["0"] * COLUMNS
NONE = [""] * COLUMNS


def test_values_in_the_middle_of_a_label_of_two_lines_are_those_of_its_row() -> None:
    between = make_line(1, "权益", [*ZEROS[:6], "3"], top=LINE / 2)
    lines = [make_line(0, "保护第三方合法", NONE), between, make_line(3, "其他", ZEROS)]
    joined = join(lines, [0, 2])
    assert list_values(joined, 0) == [*ZEROS[:6], "3"]
    assert list_values(joined, 1) == []
    assert list_values(joined, 3) == ZEROS


def test_values_that_another_row_claims_stay() -> None:
    lines = [make_line(0, "保护第三方合法权益", NONE), make_line(1, "属于三类内部事务信息", ZEROS, top=LINE / 2)]
    joined = join(lines, [0, 1])
    assert list_values(joined, 0) == []
    assert list_values(joined, 1) == ZEROS


def test_values_of_two_lines_that_may_be_a_rows_stay_where_they_are() -> None:
    above, below = make_line(0, "", ZEROS, top=LINE / 2), make_line(2, "", ZEROS, top=3 * LINE / 2)
    lines = [above, make_line(1, "保护第三方合法权益", NONE), below]
    joined = join(lines, [1])
    assert list_values(joined, 1) == []


def test_values_far_from_the_label_or_too_few_are_not_the_rows() -> None:
    far = [make_line(0, "保护第三方合法权益", NONE), make_line(1, "", ZEROS)]
    assert list_values(join(far, [0]), 0) == []
    few = [make_line(0, "保护第三方合法权益", NONE), make_line(1, "", ZEROS[:5], top=LINE / 2)]
    assert list_values(join(few, [0]), 0) == []


def test_pages_with_characters_of_their_own_stay() -> None:
    lines = [make_line(0, "保护第三方合法", NONE, page=2), make_line(1, "权益", ZEROS, page=2, top=LINE / 2)]
    assert list_values(join(lines, [0]), 0) == []


def test_rules_tell_which_row_values_are_in() -> None:
    lines = [make_line(0, "保护第三方合法", NONE), make_line(1, "权益", ZEROS, top=LINE / 2)]
    assert list_values(join(lines, [0]), 0) == ZEROS
    assert list_values(join(lines, [0], layout="ruled"), 0) == []
