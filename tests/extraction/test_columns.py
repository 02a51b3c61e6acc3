from __future__ import annotations

from extraction.columns import fill_rows
from extraction.headings import ColumnOrder, make_usual
from extraction.printed_blocks import PrintedBlock, choose_order
from extraction.rows import PrintedRow, find_rows
from models.document import Cell, Evidence, Table
from models.picture import SeenCell

SUMS = (((0, 1, 2), 3),)


def make_rows(*lines: str, layout: str = "tabs", seen: SeenCell | None = None) -> tuple[PrintedRow, ...]:
    cells = [
        Cell(text, r, c, r + 1, c + 1, Evidence(line=r + 1), seen=seen)
        for r, line in enumerate(lines)
        for c, text in enumerate(line.split("|"))
    ]
    return tuple(find_rows([Table(tuple(cells), layout)]))


def fill(*lines: str, order: tuple[int | None, ...] = (0, 1, 2, 3), kept: bool = True, regular: bool = False):  # type: ignore[no-untyped-def]
    block = PrintedBlock(make_rows(*lines), ColumnOrder(order, 1.0, printed=True, width=4), regular, kept, SUMS)
    return [([None if cell is None else cell.text for cell in row.cells], row.how) for row in fill_rows(block)]


def test_as_many_values_as_columns_stand_in_order_wherever_the_label_slipped() -> None:
    assert fill("甲||1|2|3|6|", "|乙|1|2|3|6", "丙|1|2|3|6||") == [(["1", "2", "3", "6"], "complete")] * 3


def test_blanks_take_the_places_that_complete_rows_have() -> None:
    filled = fill("甲||1|2|3|6|", "乙|||2||2|")
    assert filled[1] == (["", "2", "", "2"], "sibling")


def test_a_row_cut_off_at_its_last_value_ends_in_blanks() -> None:
    assert fill("甲||1|2|3|6", "乙||1")[1] == (["1", "", "", ""], "sibling")


def test_the_sum_tells_the_only_place_where_no_row_is_complete() -> None:
    assert fill("甲||1|||1|", "乙||||2|2|")[0][0] == ["1", "", "", "1"]


def test_a_value_that_could_stand_in_two_places_is_lost_not_guessed() -> None:
    assert fill("甲||5|||||")[0] == ([None] * 4, "lost")


def test_without_a_trace_of_blanks_an_incomplete_row_is_lost() -> None:
    assert fill("甲|1|2|3|6", "乙|2|2", kept=False)[1] == ([None] * 4, "lost")


def test_one_value_more_than_columns_belongs_to_none() -> None:
    block = PrintedBlock(make_rows("甲|1|2|3|6|0"), make_usual(4), False, True, SUMS)
    (row,) = fill_rows(block)
    assert [cell.text for cell in row.cells if cell] == ["1", "2", "3", "6"]
    assert [cell.text for cell in row.surplus] == ["0"]


def test_the_sum_tells_which_of_too_many_values_is_the_stranger() -> None:
    assert fill("甲|9|1|2|3|6")[0] == (["1", "2", "3", "6"], "inferred")


def test_printed_order_is_turned_into_that_of_the_form() -> None:
    assert fill("甲|6|1|2|3", order=(3, 0, 1, 2))[0][0] == ["1", "2", "3", "6"]


def test_an_extra_column_is_left_out() -> None:
    assert fill("甲|1|7|2|3|6", order=(0, None, 1, 2, 3))[0][0] == ["1", "2", "3", "6"]


def test_headings_that_contradict_the_sums_are_not_followed() -> None:
    rows = make_rows("甲|1|2|3|6", "乙|0|1|1|2")
    assert choose_order(rows, [ColumnOrder((3, 0, 1, 2), 1.0, printed=True, width=4)], SUMS, regular=False).usual
    right = make_rows("甲|6|1|2|3")
    assert not choose_order(right, [ColumnOrder((3, 0, 1, 2), 1.0, printed=True, width=4)], SUMS, regular=False).usual


def test_true_grid_columns_place_blanks() -> None:
    assert fill("甲|1|2|3|6|", "乙||2||2|", regular=True)[1] == (["", "2", "", "2"], "grid")


def test_a_number_before_the_label_is_no_value() -> None:
    assert fill("1|甲|1|2|3|6")[0] == (["1", "2", "3", "6"], "complete")


def test_where_values_always_stand_close_together_rows_that_are_too_short_are_lost() -> None:
    rows = ("甲|1|2|3|6", "乙|2|2", "丙|1|1", "丁|0|3|3|", "戊|4|4|")
    assert [how for _, how in fill(*rows)[1:]] == ["lost"] * 4


def test_blanks_between_values_show_that_every_place_left_a_trace() -> None:
    rows = ("甲|1|2|3|6", "乙||2||2", "丙|1|||1", "丁|0|3|0|3", "戊|4|||4")
    assert all(how != "lost" for _, how in fill(*rows))


def test_a_column_is_left_out_where_every_row_has_one_value_less_in_spite_of_padding() -> None:
    rows = make_rows(*(f"{label}|1|2|3|" for label in "甲乙丙丁戊"))
    left_out = ColumnOrder((0, 2, 3), 0.9, printed=True, width=4)
    assert choose_order(rows, [left_out], SUMS, regular=False) is left_out
    assert choose_order(make_rows("甲|1|2|3|"), [left_out], SUMS, regular=False) is not left_out


def test_a_true_grid_without_a_column_has_it_left_out_though_cells_are_empty() -> None:
    rows = make_rows("甲|1||3", "乙|||2", "丙|0|0|0")
    left_out = ColumnOrder((0, 2, 3), 0.9, printed=True, width=4)
    assert choose_order(rows, [left_out], SUMS, regular=True) is left_out
    assert choose_order(rows, [left_out], SUMS, regular=False) is not left_out


def test_support_says_how_free_a_row_is_and_whether_its_sums_hold() -> None:
    block = PrintedBlock(make_rows("甲|1|2|3|6||", "乙||2||2||", "丙|||5|||"), make_usual(4), False, True, SUMS)
    complete, placed, free = (row.support for row in fill_rows(block))
    assert (complete.starts, placed.starts, free.starts) == (1, 2, 3)
    assert (placed.holds, placed.fails) == (1, 1)
    assert placed.alike == 2  # the complete row, and itself by its sum


def test_a_stranger_among_the_values_is_found_by_the_sums_or_the_row_is_lost() -> None:
    assert fill("甲|1|2|9|3|6")[0] == (["1", "2", "3", "6"], "inferred")
    assert fill("甲|1|0|2|1|3")[0][1] == "lost"  # 1+0+2 and 0+2+1 make 3
    assert fill("甲|0|0|0|0|0")[0] == (["0", "0", "0", "0"], "extra")


def test_a_lone_zero_is_the_total_where_every_row_ends_in_its_sum() -> None:
    rows = ("甲|1|2|3", "乙|4|4", "丙|1|1|1|3", "丁|5|5")
    assert fill(*rows, "戊|0", kept=False)[4] == (["", "", "", "0"], "total")
    assert fill(*rows, "戊|0", "己", kept=False)[4][1] == "lost", "a total may have gone as well"
    assert fill(*rows, "戊|2", kept=False)[4][1] == "lost", "a total without its parts"
    assert fill("甲|1|2|4", "乙|4|1", "丙|1|1|1|3", "丁|5|2", "戊|0", kept=False)[4][1] == "lost"


def test_a_stranger_that_only_a_sum_tells_among_as_many_values_as_columns_is_never_accepted() -> None:
    assert fill("甲|7|1|2||3", order=(0, 1, 2, 3))[0] == (["1", "2", "", "3"], "inferred")


def test_as_many_values_as_columns_beside_an_empty_place_are_complete_where_no_sum_speaks_against_it() -> None:
    assert fill("甲|1|2|3||6")[0] == (["1", "2", "3", "6"], "complete")
    assert fill("甲|1|2|4||9")[0] == (["1", "2", "4", "9"], "complete")


def test_sums_that_hold_only_without_a_value_too_many_are_followed_but_never_accepted() -> None:
    assert fill("1|||1|2", order=(None, 0, 1, 2, 3))[0] == (["1", "", "", "1"], "inferred")


def test_a_value_beside_the_headings_does_not_push_the_others_one_place_further() -> None:
    order = ColumnOrder((0, 1, 2, 3), 1.0, printed=True, width=4, leaves=(0, 1, 2, 3))
    (row,) = fill_rows(PrintedBlock(make_rows("|||0|0"), order, True, True, SUMS))
    assert [cell.text for cell in row.cells if cell] == ["", "", "", "0"]
    assert ([cell.text for cell in row.surplus], row.how) == (["0"], "inferred")


def test_headings_beside_all_values_yield_to_a_complete_row() -> None:
    order = ColumnOrder((0, 1, 2, 3), 1.0, printed=True, width=4, leaves=(0, 1, 2, 3))
    rows = fill_rows(PrintedBlock(make_rows("|1|2|3|6", "||||0"), order, True, True, SUMS))
    assert [row.how for row in rows] == ["complete", "grid"]


def test_a_row_as_long_as_a_complete_one_that_ends_elsewhere_does_not_follow_its_grid() -> None:
    assert fill("甲|乙|1|2|3|6|", "丙||||0|", regular=True)[1] == (["", "", "", "0"], "inferred")


def test_a_row_that_ends_where_complete_rows_do_follows_their_grid() -> None:
    assert fill("甲|乙|1|2|3|6|", "丙|||||0|", regular=True)[1] == (["", "", "", "0"], "grid")


def test_which_of_two_values_under_one_heading_is_meant_nothing_tells_where_other_rows_have_one() -> None:
    block = PrintedBlock(make_rows("甲|3", "乙|8|0", "丙|5"), make_usual(1), False, True, ())
    assert [row.how for row in fill_rows(block)] == ["complete", "inferred", "complete"]


def test_a_row_of_a_place_too_many_without_headings_is_never_accepted() -> None:
    assert fill("|1|2|3|6")[0] == (["1", "2", "3", "6"], "complete")
    assert fill("|0||0|0")[0][1] == "inferred"


def make_line(r: int, *places: tuple[str, int]) -> list[Cell]:
    return [Cell(text, r, start, r + 1, start + len(text), Evidence(line=r + 1)) for text, start in places]


def fill_lines(*lines: list[Cell]) -> list[str]:
    rows = tuple(find_rows([Table(tuple(cell for line in lines for cell in line), "blanks")]))
    block = PrintedBlock(rows, make_usual(4), False, False, SUMS, aligned=True)
    return [row.how for row in fill_rows(block)]


WHOLE_LINE = make_line(0, ("甲", 0), ("1", 10), ("2", 20), ("3", 30), ("6", 40))


def test_values_under_those_of_a_whole_row_are_told_by_the_line() -> None:
    others = [make_line(r, ("乙", 0), ("2", 20), ("2", 40)) for r in (1, 2, 3)]
    assert fill_lines(WHOLE_LINE, *others) == ["complete", "aligned", "aligned", "aligned"]


def test_where_other_values_stand_under_no_column_the_line_tells_no_places() -> None:
    by_chance = make_line(1, ("乙", 0), ("2", 20))
    astray = [make_line(r, ("丙", 0), ("7", 14 + r)) for r in (2, 3)]
    assert fill_lines(WHOLE_LINE, by_chance, *astray) == ["complete", "inferred", "lost", "lost"]


def test_places_too_many_in_a_row_without_labels_are_never_accepted_without_headings() -> None:
    assert fill("|||1|2|3")[0][1] == "inferred"


def test_a_value_that_reaches_in_from_above_gives_way_to_the_row_that_has_one_of_its_own() -> None:
    above = Cell("—", 0, 2, 2, 3, Evidence())
    cells = (Cell("甲", 0, 0, 1, 1, Evidence()), above, Cell("乙", 1, 0, 2, 1, Evidence()))
    rows = tuple(find_rows([Table((*cells, Cell("42", 1, 3, 2, 4, Evidence())), "html")]))
    fills = fill_rows(PrintedBlock(rows, make_usual(1), True, True, ()))
    assert [[cell.text for cell in row.cells if cell] for row in fills] == [["—"], ["42"]]
    assert fills[1].how == "inferred"


def test_where_blanks_leave_no_trace_a_sum_does_not_tell_the_places_of_a_row() -> None:
    rows = ("甲|1|2|3|6", "乙|2|2", "丙|1|1", "丁|0|3|3|", "戊|4|4|")
    assert fill(*rows, "己||1|2|3")[5][1] != "window"


def test_where_each_cell_has_a_line_of_its_own_the_last_heading_is_no_label_of_a_row_without_labels() -> None:
    rows = make_rows("总计||||1|2|3")
    block = PrintedBlock(rows, make_usual(4), False, True, SUMS, levels=(0,))
    assert fill_rows(block)[0].how == "inferred"


def test_what_is_left_of_a_wall_on_a_scan_moves_nothing_where_most_rows_tell_the_columns() -> None:
    lines = ("甲|1|2||3|6", "乙|0|0||0|0", "丙|2|2||0|4", "丁|0|1|1|0|1")
    order = ColumnOrder((0, 1, 2, 3), 1.0, printed=True, width=4)
    scanned = make_rows(*lines, layout="unruled", seen=SeenCell((), ()))
    row = fill_rows(PrintedBlock(scanned, order, True, True, SUMS))[3]
    assert [cell.text for cell in row.cells if cell] == ["0", "1", "0", "1"]
    assert (row.how, [cell.text for cell in row.surplus]) == ("grid", ["1"])
    digit = make_rows(*lines[:3], "丁|0|1|7|0|1", layout="unruled", seen=SeenCell((), ()))
    assert fill_rows(PrintedBlock(digit, order, True, True, SUMS))[3].how == "extra"  # no wall reads as a 7
    assert fill_rows(PrintedBlock(scanned[2:], order, True, True, SUMS))[1].how != "grid"  # one row of two is not most
    printed = make_rows(*lines, layout="unruled")
    assert fill_rows(PrintedBlock(printed, order, True, True, SUMS))[3].how == "extra"  # no walls are read there


def test_a_number_left_of_all_headings_counts_rows_and_the_others_stay_under_theirs() -> None:
    order = ColumnOrder((0, 1, 2, 3), 1.0, printed=True, width=4, grid=(1, 2, 3, 4))
    (row,) = fill_rows(PrintedBlock(make_rows("1|||0|0"), order, True, True, SUMS))
    assert ([cell.text for cell in row.cells if cell], row.how) == (["", "", "0", "0"], "inferred")
    assert [cell.text for cell in row.surplus] == ["1"]
    (whole,) = fill_rows(PrintedBlock(make_rows("1|0|0|0|0|"), order, True, True, SUMS))
    assert ([cell.column for cell in whole.cells if cell], whole.how) == ([1, 2, 3, 4], "inferred")
    unlike = ColumnOrder((0, 1, 2, 3), 0.5, printed=True, width=4, grid=(1, 2, 3, 4))  # not all headings are known
    assert fill_rows(PrintedBlock(make_rows("1|||0|0"), unlike, True, True, ()))[0].how == "lost"


def test_values_beside_known_headings_of_a_true_grid_are_never_accepted() -> None:
    order = ColumnOrder((0, 1, 2, 3), 1.0, printed=True, width=4, grid=(1, 2, 3, 4))
    rows = fill_rows(PrintedBlock(make_rows("甲||||0|", "乙||||0|", "丙||||0|0"), order, True, True, SUMS))
    assert [row.how for row in rows] == ["grid", "grid", "inferred"]


def test_a_lone_value_in_the_middle_may_be_merged_over_all_columns_where_no_walls_are_drawn() -> None:
    rows = make_rows("甲|1|2|3", "乙||2|", "丙|1||")
    order = make_usual(3)
    assert [row.how for row in fill_rows(PrintedBlock(rows, order, True, True, ()))] == ["complete", "width", "width"]
    bare = fill_rows(PrintedBlock(rows, order, True, True, (), walled=False))
    assert [row.how for row in bare] == ["complete", "inferred", "width"]
    full = make_rows("甲|1|2|3", "乙|4|5|9", "丙|||0")  # no other row leaves a place empty
    assert fill_rows(PrintedBlock(full, order, True, True, (), walled=False))[2].how == "inferred"
    assert [cell.text for cell in bare[1].cells if cell] == ["", "2", ""]
    (alone,) = fill_rows(PrintedBlock(make_rows("||/"), order, True, True, (), walled=False))
    assert alone.how == "inferred"


def test_a_value_where_no_other_row_has_one_beside_an_empty_place_of_theirs_is_never_accepted() -> None:
    rows = ["甲|1|2|3|6|", "乙|1|2|3|6|", "丙|0|0|0||0"]
    assert [how for _, how in fill(*rows, regular=True)] == ["complete", "complete", "inferred"]
    assert [how for _, how in fill(*rows[1:], regular=True)] == ["complete", "complete"]  # one row is no evidence


def test_a_year_before_the_values_is_the_stranger_where_all_others_are_zero() -> None:
    order = make_usual(4)
    (row,) = fill_rows(PrintedBlock(make_rows("2020|0|0|0|0"), order, True, True, SUMS))
    assert ([cell.text for cell in row.cells if cell], row.how) == (["0", "0", "0", "0"], "inferred")
    assert [cell.text for cell in row.surplus] == ["2020"]
