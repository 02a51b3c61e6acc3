"""Rows of a form of which the print does not say whether they are there."""

from __future__ import annotations

from extraction.forms import Match, RowMatch
from extraction.gaps import (
    find_crowded,
    find_joined,
    find_named,
    find_parts,
    find_repeated,
    find_shared,
    find_strangers,
    find_turned,
    find_twins,
)
from extraction.rows import find_rows
from models.document import Cell, Evidence, Table
from models.form import Form, load_forms

STATISTICS = load_forms()["statistics@2014"]


def find_places(form: Form, *words: str) -> list[tuple[int, int]]:
    """Every row whose label has one of the words, as (block, row)."""
    return [(b, r) for b, r in form.rows if any(word in form.blocks[b].rows[r].leaf for word in words)]


def match_rows(*places: tuple[int, int], unclaimed: dict[tuple[int, int], float] | None = None) -> Match:
    rows = tuple(RowMatch(i, b, r, 0.99, 0.99, 0.0, (0,)) for i, (b, r) in enumerate(places))
    return Match(STATISTICS, rows, 50.0, 0.0, 0, 0, unclaimed or {})


def print_table(*lines: str) -> Table:
    cells = [
        Cell(t, r, c, r + 1, c + 1, Evidence()) for r, line in enumerate(lines) for c, t in enumerate(line.split("|"))
    ]
    return Table(tuple(cells), "tabs")


def test_of_two_rows_with_one_label_between_the_same_neighbours_nobody_knows_which_is_printed() -> None:
    first, second = find_places(STATISTICS, "被依法纠错数")
    before, after = find_places(STATISTICS, "四、行政复议数量", "六、举报投诉数量")
    assert find_twins(match_rows(before, second, after)) == {first, second}


def test_a_row_between_its_twin_and_a_row_that_parts_them_is_told_by_the_order() -> None:
    _, second = find_places(STATISTICS, "被依法纠错数")
    before, after = find_places(STATISTICS, "五、行政诉讼数量", "六、举报投诉数量")
    assert not find_twins(match_rows(before, second, after))


def test_of_several_rows_one_after_another_nobody_knows_which_of_two_groups_is_printed() -> None:
    first, second = find_places(STATISTICS, "被依法纠错数")
    others = [(block, row + 1) for block, row in (first, second)]
    before, after = find_places(STATISTICS, "四、行政复议数量", "六、举报投诉数量")
    assert find_twins(match_rows(before, second, others[1], after)) == {first, second, *others}


def test_a_row_left_out_is_in_doubt_where_a_label_like_it_is_claimed_by_none() -> None:
    lost, *others = STATISTICS.rows
    rows = find_rows([print_table(*["某数|1"] * len(STATISTICS.rows))])
    assert lost in find_crowded(match_rows(*others, unclaimed={lost: 0.8}), rows)
    assert lost not in find_crowded(match_rows(*others, unclaimed={lost: 0.1}), rows)


DISPUTES = load_forms()["disputes@2019"]


def test_a_row_that_prints_a_label_unlike_any_may_stand_where_the_forms_own_is_left_out() -> None:
    (place,) = find_places(STATISTICS, "传真申请数")
    stranger = Match(STATISTICS, (RowMatch(0, *place, 0.03, 0.9, 0.0, (0,)),), 50.0, 0.0, 0, 0, {})
    assert find_strangers(stranger, find_rows([print_table("上年同期|1")])) == {place}
    misprint = Match(STATISTICS, (RowMatch(0, *place, 0.5, 0.1, 0.0, (0,)),), 50.0, 0.0, 0, 0, {})
    assert not find_strangers(misprint, find_rows([print_table("2.传直申清|1")]))


def test_between_rows_without_values_an_unclaimed_label_may_be_the_row_left_out() -> None:
    rows = STATISTICS.rows
    matched = [place for number, place in enumerate(rows) if number != 1]
    labels = ["".join(STATISTICS.blocks[b].rows[r].path[-1:]) for b, r in rows]
    printed = find_rows([print_table(*labels)])
    own = tuple(RowMatch(i, b, r, 0.99, 0.1, 0.0, (0,)) for i, (b, r) in enumerate(rows) if (b, r) in matched)
    assert rows[1] in find_crowded(Match(STATISTICS, own, 50.0, 0.0, 0, 0, {}), printed)


def test_of_a_form_found_in_small_part_no_row_is_known_to_be_left_out() -> None:
    few = STATISTICS.rows[:5]
    printed = find_rows([print_table(*(f"某数{number}|1" for number in range(5)))])
    assert find_crowded(match_rows(*few), printed) == set(STATISTICS.rows[5:])


def test_a_value_more_than_columns_may_be_that_of_the_row_left_out_below() -> None:
    matched = [place for number, place in enumerate(STATISTICS.rows) if number != 1]
    lines = ["甲|1|2", *(f"数{number}|1" for number in range(len(matched) - 1))]
    assert STATISTICS.rows[1] in find_crowded(match_rows(*matched), find_rows([print_table(*lines)]))
    assert STATISTICS.rows[1] not in find_crowded(match_rows(*matched), find_rows([print_table("甲|1", *lines[1:])]))


def test_a_part_of_the_columns_is_in_doubt_where_more_headings_stand_above_than_it_has() -> None:
    leaves = [column.leaf for column in DISPUTES.blocks[0].columns]
    part = Match(DISPUTES, (RowMatch(1, 0, 0, 0.0, 0.0, 1.0, tuple(range(5, 15))),), 8.0, 0.0, 0, 0, {})
    values = "|".join("1120000000")
    assert find_parts(part, find_rows([print_table("|".join(leaves), values)]))
    assert not find_parts(part, find_rows([print_table("|".join(leaves[5:]), values)]))


def test_a_row_that_two_forms_claim_is_that_of_the_better_claim() -> None:
    weak = match_rows(STATISTICS.rows[0])
    strong = Match(STATISTICS, (RowMatch(0, *STATISTICS.rows[1], 0.999, 0.1, 0.0, (0,)),), 50.0, 0.0, 0, 0, {})
    assert find_shared([weak, strong]) == {0: 1}
    assert find_shared([weak, weak]) == {0: -1}
    assert find_shared([weak]) == {}


def test_of_rows_whose_labels_one_label_holds_nobody_knows_which_is_printed() -> None:
    fax, online = find_places(STATISTICS, "传真申请数", "网络申请数")
    rows = find_rows([print_table("2.传真申请数3.网络申请数|1", "4.信函申请数|2")])
    assert find_joined(match_rows(online), rows) == {fax, online}
    apart = find_rows([print_table("2.传真申请数|1", "4.不同意公开答复数|2")])  # which holds 同意公开答复数
    assert not find_joined(match_rows(online), apart)


def test_a_row_labelled_by_a_column_of_the_form_may_be_that_column_printed_upright() -> None:
    whole = tuple(range(15))
    match = Match(DISPUTES, (RowMatch(0, 0, 0, 0.0, 0.0, 1.0, whole),), 9.0, 0.0, 0, 0)
    assert find_turned(match, find_rows([print_table("行政诉讼|复议后起诉|尚未审结|2")])) == {(0, 0)}
    assert not find_turned(match, find_rows([print_table("总计|" + "|".join("0" * 15))]))
    assert not find_turned(match, find_rows([print_table("本单位|2")]))


def match_printed(places: list[tuple[int, int]], printed: list[int]) -> Match:
    rows = tuple(RowMatch(i, b, r, 0.99, 0.99, 0.0, (0,)) for i, (b, r) in zip(printed, places, strict=True))
    return Match(STATISTICS, rows, 50.0, 0.0, 0, 0)


def list_leaves(places: list[tuple[int, int]]) -> list[str]:
    return [STATISTICS.blocks[b].rows[r].leaf for b, r in places]


def test_of_a_table_printed_twice_no_row_is_sure() -> None:
    places = list(STATISTICS.rows[1:7])
    lines = [f"{leaf}|{n}" for n in (1, 2) for leaf in list_leaves(places)]
    rows = find_rows([print_table(*lines)])
    # The first half of the one table, the second of the other.
    assert find_repeated(match_printed(places, [0, 1, 2, 9, 10, 11]), rows) == set(STATISTICS.rows)


def test_a_row_printed_twice_is_not_sure_and_one_with_another_number_is_its_own() -> None:
    places = find_places(STATISTICS, "政府网站公开", "政务微博公开", "政务微信公开")
    first, second, third = list_leaves(places)
    rows = find_rows([print_table(f"{first}|1", f"{first}|2", f"{second}|3", f"{third}|4")])
    assert find_repeated(match_printed(places, [0, 2, 3]), rows) == {places[0]}
    other = "（八）" + first.lstrip("0123456789.")
    rows = find_rows([print_table(f"{first}|1", f"{other}|2", f"{second}|3", f"{third}|4")])
    assert not find_repeated(match_printed(places, [0, 2, 3]), rows)


def test_a_row_whose_label_stands_beside_the_table_is_not_left_out() -> None:
    places = find_places(STATISTICS, "政府网站公开", "政务微博公开", "政务微信公开")
    first, second, third = list_leaves(places)
    rows = find_rows([print_table(f"{first}|1", f"{third}|4")])
    match = match_printed([places[0], places[2]], [0, 1])
    assert find_named(match, rows, [f"  {second}  12"]) == {places[1]}
    assert not find_named(match, rows, ["以上为全年情况", f"{second}，" + "其余从略" * 20])
    assert find_named(match, find_rows([print_table(f"{first}|1", f"{third}|4", f"某数{second}|5")]), []) == {places[1]}
