"""What goes to a person on a scan for what stands around a cell."""

from __future__ import annotations

from dataclasses import replace

from extraction.deciding import is_always_reviewed
from extraction.forms import Match, RowMatch
from extraction.headings import ColumnOrder
from extraction.mapping import MappedCell, MappedForm
from extraction.rows import PrintedRow
from extraction.scanned_doubts import find_slipped, find_spacious, mark_doubts
from models.document import Cell, Evidence
from models.form import load_forms
from models.numbers import BLANK, MISSING, parse_value
from models.picture import SeenCell

FORM = load_forms()["requests@2021"]
WIDTH, HEIGHT = 40.0, 20.0
USUAL = ColumnOrder(tuple(range(7)), 1.0, printed=True, width=7)
CLAIMED = range(100)
Place = tuple[int, int]


def make_form(
    tops: dict[Place, float], *, height: float = HEIGHT, tall: dict[Place, float] | None = None
) -> MappedForm:
    """The form with rows printed at these heights of a page, all of them zeros; the others are missing."""
    rows = tuple(RowMatch(n, *place, 1.0, 0.0, 1.0, tuple(range(7))) for n, place in enumerate(tops))
    cells = []
    for b, block in enumerate(FORM.blocks):
        for r, fields in enumerate(block.fields):
            top = tops.get((b, r))
            for column, field in enumerate(fields):
                if top is None:
                    cells.append(MappedCell(field, FORM, MISSING, None, None, "missing", None, None, ""))
                    continue
                high = (tall or {}).get((b, r), height)
                box = (WIDTH * column, top, WIDTH * (column + 1), top + high)
                seen = SeenCell((), ())
                evidence = Evidence(page=1, bbox=box)
                zero = parse_value("0")
                cells.append(
                    MappedCell(field, FORM, zero, "0", evidence, "complete", None, USUAL, "ruled", box=box, seen=seen)
                )
    return MappedForm(Match(FORM, rows, 1.0, 0.0, 0, 0), tuple(cells), (1,), (), scanned=True)


def list_tops(left_out: int, *, room: bool) -> dict[Place, float]:
    """Where the first twelve rows of the form stand, but for one; with room for it, or none."""
    tops, top = {}, 0.0
    for number, place in enumerate(FORM.rows[:12]):
        if number != left_out:
            tops[place] = top
        top += HEIGHT if room or number != left_out else 0.0
    return tops


def test_a_row_that_was_not_found_where_the_page_has_room_for_it_goes_to_a_person() -> None:
    mapped = mark_doubts(make_form(list_tops(5, room=True)), [], claimed=CLAIMED)
    doubted = {(c.field.block, c.field.row) for c in mapped.cells if is_always_reviewed(c)}
    assert doubted == {FORM.rows[5]}


def test_a_row_that_is_left_out_of_a_table_without_a_gap_is_missing() -> None:
    assert find_spacious(make_form(list_tops(5, room=False))) == frozenset()


def test_rows_beside_one_that_is_as_high_as_several_are_in_doubt_with_it() -> None:
    tops = list_tops(5, room=False)
    high = make_form(tops, tall={FORM.rows[4]: 5 * HEIGHT})
    assert find_spacious(high) == {FORM.rows[4], FORM.rows[5]}
    assert find_spacious(make_form(tops, tall={FORM.rows[4]: 3 * HEIGHT})) == {FORM.rows[5]}
    whole = list_tops(-1, room=True)
    below = {place: top + (4 * HEIGHT if n > 4 else 0) for n, (place, top) in enumerate(whole.items())}
    assert FORM.rows[4] not in find_spacious(make_form(below, tall={FORM.rows[4]: 5 * HEIGHT}))


def test_room_further_down_says_nothing_of_rows_above_the_first() -> None:
    tops = {place: HEIGHT * n + (100.0 if n else 0.0) for n, place in enumerate(FORM.rows[2:12])}
    assert find_spacious(make_form(tops)) == frozenset()


def test_few_rows_tell_nothing_of_the_room_between_them() -> None:
    tops = {FORM.rows[0]: 0.0, FORM.rows[2]: 300.0}
    assert find_spacious(make_form(tops)) == frozenset()


def test_marks_that_hardly_another_cell_has_go_to_a_person() -> None:
    mapped = make_form(list_tops(-1, room=True))
    marks = {0: "*", 1: "—", 2: "—", 3: "—", 4: "—"}
    cells = [
        replace(cell, value=parse_value(marks[n]), raw=marks[n]) if n in marks else cell
        for n, cell in enumerate(mapped.cells)
    ]
    marked = mark_doubts(replace(mapped, cells=tuple(cells)), [], claimed=CLAIMED)
    assert [cell.doubt for cell in marked.cells[:5]] == ["lone_mark", "", "", "", ""]
    assert is_always_reviewed(marked.cells[0])


def test_rows_whose_values_were_not_found_are_never_accepted_as_blank() -> None:
    mapped = make_form(list_tops(-1, room=True))
    gone = replace(mapped.cells[0], value=BLANK, raw=None, how="gone", box=None, seen=None)
    assert not is_always_reviewed(gone)  # as print of other kinds has it
    (first, *_) = mark_doubts(replace(mapped, cells=(gone, *mapped.cells[1:])), [], claimed=CLAIMED).cells
    assert is_always_reviewed(first)


def test_what_stands_in_one_box_for_several_cells_is_no_value_of_each() -> None:
    mapped = make_form(list_tops(-1, room=True))
    cells = [replace(mapped.cells[0], box=mapped.cells[1].box), *mapped.cells[1:]]
    marked = mark_doubts(replace(mapped, cells=tuple(cells)), [], claimed=CLAIMED)
    assert [cell.doubt for cell in marked.cells[:3]] == ["merged_value", "merged_value", ""]


def print_rows(count: int) -> list[PrintedRow]:
    cells = tuple(Cell("0", 0, n, 1, n + 1, Evidence(page=1)) for n in range(7))
    return [PrintedRow(0, n, (), cells, cells, (), "", ()) for n in range(count)]


def match_rows(printed: dict[int, int]) -> Match:
    """The rows of the form, by number, with the printed row that each of them claims."""
    rows = [RowMatch(i, *FORM.rows[n], 1.0, 0.0, 1.0, tuple(range(7))) for n, i in printed.items()]
    return Match(FORM, tuple(rows), 1.0, 0.0, 0, 0)


def test_a_row_of_values_that_none_claims_makes_its_neighbours_doubtful_where_rows_are_missing_beside_them() -> None:
    whole = {n: n for n in range(len(FORM.rows))}
    slipped = {n: i for n, i in whole.items() if n != 5} | {
        6: 5
    }  # the row of 6 took the values of 5; its own stand below
    doubted = find_slipped(match_rows(slipped), print_rows(len(whole)), set(slipped.values()))
    assert doubted == {FORM.rows[5], FORM.rows[6]}
    assert find_slipped(match_rows(whole), print_rows(len(whole) + 1), set(whole.values())) == frozenset()
    left_out = {n: n for n in range(len(FORM.rows) - 3) if n != 5}
    shorter = {n: i - (n > 5) for n, i in left_out.items()}  # nothing is printed where it was left out
    assert find_slipped(match_rows(shorter), print_rows(40), set(shorter.values())) == frozenset()
