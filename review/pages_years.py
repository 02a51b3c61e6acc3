"""Sums that tie the report of one year to those of the years beside it: what is carried over, what stays in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.form import Identity, load_forms
from models.identity import Status, check_identities
from review.pages_forms import find_field, split_label

Numbers = Mapping[str, Decimal]
Term = list[str | None]


@dataclass(frozen=True, slots=True)
class YearBeside:
    """A report of the same agency on the year before or after: its forms, and its numbers by field."""

    document_id: int
    year: int
    forms: tuple[str, ...]
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class YearCheck:
    """A tie over two years in words: both sides with their sums, and whether it holds."""

    words: tuple[str, str]
    sums: tuple[Decimal | None, Decimal | None]
    status: str


def make_year(document: Any, cells: Iterable[Any]) -> YearBeside:
    """A report as the years beside it need it; `cells` are its cells as they stand now."""
    cells = list(cells)
    numbers = {cell.field: cell.now_value for cell in cells if cell.now_value is not None}
    forms = tuple(dict.fromkeys(cell.form for cell in cells))
    return YearBeside(document.document_id, document.year, forms, numbers)


def dump_year_sums(
    here: YearBeside, before: YearBeside | None, after: YearBeside | None
) -> dict[str, list[dict[str, Any]]]:
    """By form of a report the sums with the reports beside it, for the script of the page.

    A term is `[field, label]`, or `[field, label, number]` where it stands in the other report; the number is `None`
    where none is printed there. `at` is the field beside which it is shown whether the sum holds.
    """
    found: dict[str, list[dict[str, Any]]] = {form: [] for form in here.forms}
    for form, entry in (*_dump_before(here, before), *_dump_after(here, after)):
        found[form].append(entry)
    return found


def _dump_before(here: YearBeside, before: YearBeside | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """What this report carries over from the year before."""
    if before is None:
        return
    for form, tie in _list_ties(here.forms):
        names = _name_fields(form, tie)
        left: list[Term] = [[field, names[field]] for field in tie.left]
        right: list[Term] = [[field, names[field]] for field in tie.right]
        right += [_make_constant(before, field, names[field]) for field in tie.last_right]
        yield form, {"left": left, "right": right} | _make_head(tie, before, at=tie.left[0])


def _dump_after(here: YearBeside, after: YearBeside | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the report of the year after carries over from this one."""
    if after is None:
        return
    for form, tie in _list_ties(after.forms):
        own = next((name for name in here.forms if all(find_field(name, field) for field in tie.last_right)), None)
        if own is None:
            continue
        names = _name_fields(form, tie)
        left: list[Term] = [_make_constant(after, field, names[field]) for field in tie.left]
        right: list[Term] = [[field, names[field]] for field in tie.last_right]
        right += [_make_constant(after, field, names[field]) for field in tie.right]
        yield own, {"left": left, "right": right} | _make_head(tie, after, at=tie.last_right[0])


def check_years(earlier: YearBeside, later: YearBeside) -> list[YearCheck]:
    """Whether the report of a year joins that of the year before."""
    checks = []
    for form, tie in _list_ties(later.forms):
        names = _name_fields(form, tie)
        check = check_identities(later.numbers, [tie], last=earlier.numbers)[0]
        left = " + ".join(f"{later.year} {names[field]}" for field in tie.left)
        right = " + ".join(
            [f"{earlier.year} {names[field]}" for field in tie.last_right]
            + [f"{later.year} {names[field]}" for field in tie.right]
        )
        checks.append(YearCheck((left, right), (check.left, check.right), check.status.value))
    return sorted(checks, key=lambda check: check.status != Status.FAILS.value)


def _list_ties(forms: Iterable[str]) -> Iterable[tuple[str, Identity]]:
    known = load_forms()
    return [(form, tie) for form in forms if form in known for tie in known[form].across_years]


def _name_fields(form_id: str, tie: Identity) -> Mapping[str, str]:
    """Each field by its row and its column."""
    form, names = load_forms()[form_id], {}
    for name in (*tie.left, *tie.right, *tie.last_right):
        field = find_field(form_id, name)
        paths = split_label(field, form) if field is not None else ((), ())
        names[name] = " · ".join(path[-1] for path in paths if path) or name
    return names


def _make_constant(beside: YearBeside, field: str, name: str) -> Term:
    value = beside.numbers.get(field)
    return [f"{beside.year} {field}", f"{beside.year} {name}", None if value is None else format(value, "f")]


def _make_head(tie: Identity, beside: YearBeside, *, at: str) -> dict[str, Any]:
    return {"id": tie.identity_id, "relation": tie.relation, "at": at, "year": beside.year}
