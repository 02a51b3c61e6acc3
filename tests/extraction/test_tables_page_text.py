from __future__ import annotations

from collections.abc import Sequence

import pytest

from extraction.tables.page_text import join_characters
from models.numbers import State, parse_value
from models.page import Character
from tests.extraction.page_rows import write


def read(characters: Sequence[Character], *, width: float = 200) -> str:
    return join_characters(characters, width=width)[0]


def test_lines_of_a_label_are_joined_without_a_blank() -> None:
    assert read([*write("没有现成信息", y=20), *write("需要另行制作", y=32)], width=70) == "没有现成信息需要另行制作"


def test_justified_label_has_no_blanks() -> None:
    assert read(write("总计", step=60)) == "总计"
    assert read([*write("总"), *write(" ", 10), *write("计", 60)]) == "总计"


def test_characters_in_any_order_are_read_from_left_to_right() -> None:
    assert read(write("本年新收")[::-1]) == "本年新收"


def test_one_character_a_line_is_read_downwards() -> None:
    column = [character for number, letter in enumerate("办理结果") for character in write(letter, y=20 + 12 * number)]
    assert read(column, width=16) == "办理结果"


def test_columns_written_downwards_are_read_from_the_right() -> None:
    columns = [c for n, letter in enumerate("三、本年") for c in write(letter, 14, 20 + 12 * n)]
    columns += [c for n, letter in enumerate("办理结果") for c in write(letter, 0, 20 + 12 * n)]
    assert read(columns, width=30) == "三、本年办理结果"


def test_number_that_filled_its_line_goes_on_in_the_next() -> None:
    assert read([*write("12345", y=20), *write("678", y=32)], width=36) == "12345678"


def test_numbers_on_lines_with_room_left_are_not_made_one() -> None:
    text = read([*write("12", y=20), *write("34", y=32)], width=60)
    assert parse_value(text).state is State.UNREADABLE


def test_digits_apart_from_one_another_are_not_made_one_number() -> None:
    assert parse_value(read([*write("12"), *write("34", 20)])).state is State.UNREADABLE


def test_thousands_separators_and_points_stay_in_the_number() -> None:
    assert read(write("1,204.50")) == "1,204.50"


def test_note_set_high_is_no_digit_of_the_number() -> None:
    text = read([*write("12"), *write("3", 10, 16, size=6)])
    assert text == "12³"
    assert parse_value(text).state is State.UNREADABLE


def test_character_printed_twice_for_boldness_is_one() -> None:
    assert read([*write("总计"), *write("总计", 0.3)]) == "总计"
    assert read([*write("77"), *write("77", 0.3)]) == "77"


def test_latin_words_keep_their_blanks() -> None:
    assert read(write("annual report")) == "annual report"
    assert read([*write("第"), *write("20", 10), *write("条", 20)]) == "第20条"


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\u200b"])
def test_cell_without_ink_is_empty(text: str) -> None:
    assert join_characters(write(text), width=50) == ("", False)


def test_cell_whose_last_line_has_no_room_is_full() -> None:
    assert join_characters(write("（四）无"), width=50)[1]
    assert not join_characters(write("（四）无"), width=80)[1]


def test_character_of_no_size_is_kept() -> None:
    assert read([Character("5", (0, 0, 0, 0), (0, 0), 0)]) == "5"
