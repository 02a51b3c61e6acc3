from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.numbers import State, parse_value, plain_number, prints_nothing


@pytest.mark.parametrize(
    ("raw", "unit", "number"),
    [
        ("447228", "件", "447228"),
        ("447,228", "件", "447228"),
        ("４４７２２８", "件", "447228"),
        ("447，228", "件", "447228"),
        ("5件", "件", "5"),
        ("12 件", "件", "12"),
        ("增1558", "项", "1558"),
        ("+19", "项", "19"),
        ("减38", "项", "-38"),
        ("－3", "项", "-3"),
        ("−3", "项", "-3"),
        ("477.35万元", "万元", "477.35"),
        ("1605964元", "万元", "160.5964"),
        ("2601.953875万", "万元", "2601.953875"),
        ("0.5亿元", "万元", "5000"),
        ("96171.6", "万元", "96171.6"),
        ("12万", "条", "120000"),
        ("58個", "个", "58"),
        ("12條", "条", "12"),
        ("減3項", "项", "-3"),
        ("1.5萬元", "万元", "1.5"),
        ("三件", "件", "3"),
        ("二十一", "件", "21"),
        ("0", "件", "0"),
    ],
)
def test_printed_numbers(raw: str, unit: str, number: str) -> None:
    value = parse_value(raw, unit=unit)
    assert (value.state, value.number) == (State.NUMBER, Decimal(number))


@pytest.mark.parametrize("raw", ["", " ", "\u3000", "\xa0", "\u200b"])
def test_blank_is_not_zero(raw: str) -> None:
    assert parse_value(raw).state is State.BLANK


@pytest.mark.parametrize("raw", ["/", "-", "—", "——", "无", "／", "－", "…", "N/A"])
def test_marks_are_no_numbers(raw: str) -> None:
    assert parse_value(raw).state is State.MARK


@pytest.mark.parametrize(
    "raw", ["5①", "3²", "1 5", "1、204", "1,20", "3（含2）", "O", "一", "三三", "100%", "其他", "1.2.3"]
)
def test_what_is_neither_is_never_guessed(raw: str) -> None:
    assert parse_value(raw).state is State.UNREADABLE


def test_unit_of_the_heading_counts_where_the_cell_has_none() -> None:
    assert parse_value("70487", unit="万元", printed_unit="元").number == Decimal("7.0487")
    assert parse_value("70487万元", unit="万元", printed_unit="元").number == Decimal(70487)


def test_a_fraction_among_counts_is_not_plain() -> None:
    assert not parse_value("3.5", unit="件").plain
    assert parse_value("3.5", unit="万元", kind="decimal").plain


def test_record_prints_whole_numbers_as_integers() -> None:
    assert plain_number(Decimal("5.0")) == 5
    assert isinstance(plain_number(Decimal("5.0")), int)
    assert plain_number(Decimal("96171.6")) == 96171.6


@given(st.text(max_size=12))
def test_any_text_has_a_state_and_only_numbers_have_a_number(raw: str) -> None:
    value = parse_value(raw, unit="万元")
    assert (value.number is not None) == (value.state is State.NUMBER)


@given(st.integers(min_value=0, max_value=9_999_999))
def test_every_integer_is_read_as_itself_with_and_without_separators(number: int) -> None:
    assert parse_value(str(number)).number == number
    assert parse_value(f"{number:,}").number == number


@pytest.mark.parametrize("raw", ["", "\u3000 \u200b", "  " * 99])
def test_blanks_print_nothing_whatever_their_number(raw: str) -> None:
    assert prints_nothing(raw)


@pytest.mark.parametrize("raw", ["/", "0", "规章" * 99])
def test_marks_numbers_and_labels_print_something(raw: str) -> None:
    assert not prints_nothing(raw)
