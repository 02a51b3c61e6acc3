from __future__ import annotations

from decimal import Decimal

from models.form import Identity
from models.identity import Status, check_identities

TOTAL = Identity("total", ("a", "b"), ("c",))


def check(numbers: dict[str, int], identity: Identity = TOTAL, last: dict[str, int] | None = None) -> Status:
    decimals = {key: Decimal(value) for key, value in numbers.items()}
    before = {key: Decimal(value) for key, value in (last or {}).items()}
    return check_identities(decimals, [identity], last=before)[0].status


def test_a_sum_holds_or_fails() -> None:
    assert check({"a": 1, "b": 2, "c": 3}) is Status.HOLDS
    assert check({"a": 1, "b": 2, "c": 4}) is Status.FAILS


def test_a_blank_makes_a_sum_unknown_not_zero() -> None:
    assert check({"a": 3, "c": 3}) is Status.UNKNOWN


def test_a_part_may_not_exceed_its_whole() -> None:
    part = Identity("part", ("a",), ("b",), relation="<=")
    assert check({"a": 2, "b": 2}, part) is Status.HOLDS
    assert check({"a": 3, "b": 2}, part) is Status.FAILS


def test_years_are_tied_by_last_years_numbers() -> None:
    carried = Identity("carried", ("in",), (), last_right=("out",))
    assert check({"in": 4}, carried, {"out": 4}) is Status.HOLDS
    assert check({"in": 4}, carried, {"out": 5}) is Status.FAILS
    assert check({"in": 4}, carried) is Status.UNKNOWN
