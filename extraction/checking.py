"""The identities of what was mapped, and what does not add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from extraction.mapping import REGULAR, MappedCell, MappedForm
from models.identity import Check, Status, check_identities
from models.numbers import parse_value
from models.report import Finding, Reading

SURPLUS = "surplus_value"
SURE = 0.99  # of a label, or the share of headings that were found
SOUND_GRID = 0.9
MIN_DISORDERED, DISORDERED = 3, 0.5  # sums of rows with numbers that fail, and of all of them


def check_form(mapped: MappedForm) -> list[Check]:
    """Check every identity of a form on the numbers that were read."""
    numbers = {c.field.field_id: c.value.number for c in mapped.cells if c.value.number is not None}
    return check_identities(numbers, mapped.match.form.identities)


def is_certain(cell: MappedCell) -> bool:
    """Whether a number can stand nowhere else: a whole row of a true grid, all its headings and its label found.

    Such a cell may be under review just because a sum with it fails.
    """
    order, match = cell.order, cell.match
    if order is None or match is None or not cell.value.plain:
        return False
    labelled = bool(cell.form.blocks[match.block].rows[match.row].path)
    headed = order.printed and order.score >= SURE and not order.doubtful and None not in order.columns
    named = match.in_order and (match.score >= SURE or not labelled)
    return cell.how == "complete" and cell.layout in REGULAR and cell.quality >= SOUND_GRID and headed and named


def find_disordered(mapped: MappedForm, checks: Iterable[Check]) -> frozenset[str]:
    """The fields of the rows with numbers, where the sums of most of these rows fail.

    One row may be misprinted; where most do not add up the columns stand in another order than they were read in. Rows
    of zeros read the same in any order. On scans, whose headings are misread, one row tells it where a number of it is
    the sum of the others.
    """
    rows = {c.field.field_id: (c.match.block, c.match.row) for c in mapped.cells if c.match is not None}
    numbers = {c.field.field_id: c.value.number for c in mapped.cells}
    telling = [
        check
        for check in checks
        if check.status is not Status.UNKNOWN
        and len({rows.get(field) for field in check.identity.fields}) == 1
        and any(numbers.get(field) for field in check.identity.fields)
    ]
    failing = [check for check in telling if check.status is Status.FAILS]
    if len(failing) < max(MIN_DISORDERED, DISORDERED * len(telling)):
        telling = [check for check in failing if mapped.scanned and _holds_turned(check, numbers)]
    return frozenset(field for check in telling for field in check.identity.fields)


def _holds_turned(check: Check, numbers: Mapping[str, Decimal | None]) -> bool:
    """Whether a sum that fails would hold with its total and one of its parts in each other's places."""
    if check.left is None or check.right is None or check.identity.relation != "=":
        return False
    both = check.left + check.right
    return any(2 * number == both for field in check.identity.left if (number := numbers.get(field)))


def find_findings(mapped: MappedForm, checks: Iterable[Check], readings: Mapping[str, Reading]) -> list[Finding]:
    """Identities that do not hold, and printed values that belong to no cell.

    `source` where every number in it was accepted or stands beyond doubt where it was read, so that the document itself
    does not add up; else `reading`.
    """
    failing = [check for check in checks if check.status is Status.FAILS]
    certain = {cell.field.field_id for cell in mapped.cells if is_certain(cell)} if failing else set()
    findings = [
        Finding(
            check.identity.identity_id,
            check.identity.fields,
            check.left,
            check.right,
            "reading" if any(readings[f].decision.review for f in set(check.identity.fields) - certain) else "source",
            check.identity.relation,
        )
        for check in failing
    ]
    family = mapped.match.form.family
    for _, cell in mapped.surplus:
        note = f"a value more than there are columns: {cell.text}"
        findings.append(Finding(f"{family}.{SURPLUS}", (), None, parse_value(cell.text).number, "source", note=note))
    return findings
