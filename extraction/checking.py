"""The identities of what was mapped, and what does not add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from extraction.mapping import MappedForm
from models.identity import Check, Status, check_identities
from models.numbers import parse_value
from models.report import Finding, Reading

SURPLUS = "surplus_value"


def check_form(mapped: MappedForm) -> list[Check]:
    """Check every identity of a form on the numbers that were read."""
    numbers = {c.field.field_id: c.value.number for c in mapped.cells if c.value.number is not None}
    return check_identities(numbers, mapped.match.form.identities)


def find_findings(mapped: MappedForm, checks: Iterable[Check], readings: Mapping[str, Reading]) -> list[Finding]:
    """Identities that do not hold, and printed values that belong to no cell.

    `source` where every number in it was accepted, so that the document itself does not add up; else `reading`.
    """
    findings = [
        Finding(
            check.identity.identity_id,
            check.identity.fields,
            check.left,
            check.right,
            "reading" if any(readings[f].decision.review for f in check.identity.fields) else "source",
            check.identity.relation,
        )
        for check in checks
        if check.status is Status.FAILS
    ]
    family = mapped.match.form.family
    for _, cell in mapped.surplus:
        note = f"a value more than there are columns: {cell.text}"
        findings.append(Finding(f"{family}.{SURPLUS}", (), None, parse_value(cell.text).number, "source", note=note))
    return findings
