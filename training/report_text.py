"""The accuracy report as markdown: tables of measures, synthetic and real documents apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

CHIEF = (
    ("documents", "documents", "count"),
    ("cells", "cells", "count"),
    ("accuracy", "cells right", "share"),
    ("non_zero_accuracy", "cells right that are not 0", "share"),
    ("silent_errors", "silent errors (wrong and accepted)", "count"),
    ("silent_error_rate", "silent errors of the accepted", "rate"),
    ("review_rate", "cells for review", "share"),
    ("calibration_error", "expected calibration error", "rate"),
    ("auroc", "AUROC of the confidence", "rate"),
    ("risk_area", "area under risk and coverage", "rate"),
    ("forms_found", "forms found", "share"),
    ("sections_right", "sections right", "share"),
    ("findings_missed", "sums wrong in the report, not told", "count"),
    ("findings_invented", "sums told as wrong that are right", "count"),
    ("sentences_at_odds_invented", "sentences told to be at odds with a right table", "count"),
    ("errors", "documents not read", "count"),
)
GROUP = (
    ("cells", "cells", "count"),
    ("accuracy", "right", "share"),
    ("non_zero_accuracy", "right, not 0", "share"),
    ("silent_errors", "silent", "count"),
    ("review_rate", "review", "share"),
    ("calibration_error", "ECE", "rate"),
    ("auroc", "AUROC", "rate"),
)
GROUPS = {
    "form": "By form",
    "kind": "By what the cell holds (`digit`: one digit, `more`: several)",
    "source": "By source",
    "level": "By level of wear",
    "layout": "By layout",
}


def write_number(value: float | int | None, kind: str) -> str:
    """A count, a share in percent, or a small rate; a dash where it is not known."""
    if value is None:
        return "–"
    if kind == "count":
        return f"{value:,}"
    return f"{100 * value:.2f} %" if kind == "share" else f"{value:.5f}"


def write_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A markdown table; the first column is text, the others are numbers."""
    lines = [f"| {' | '.join(head)} |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def write_chief(sets: Mapping[str, Mapping[str, Any]]) -> str:
    """The chief measures of sets side by side."""
    rows = [[text, *(write_number(m.get(name), kind) for m in sets.values())] for name, text, kind in CHIEF]
    shares: dict[str, float] = next((m["errors_caught"] for m in sets.values() if m["errors_caught"]), {})
    for share in shares:
        caught = (m["errors_caught"].get(share) for m in sets.values())
        rows.append(
            [f"wrong cells in the {float(share):.0%} least sure", *(write_number(value, "share") for value in caught)]
        )
    return write_table(["measure", *sets], rows)


def write_groups(measures: Mapping[str, Any], group: str) -> str:
    """One measure table by form, kind, source, level or layout."""
    rows = [
        [f"`{name or '?'}`", *(write_number(found.get(key), kind) for key, _, kind in GROUP)]
        for name, found in measures[f"by_{group}"].items()
    ]
    return write_table([group, *(text for _, text, _ in GROUP)], rows)


def write_calibration(measures: Mapping[str, Any]) -> str:
    """Said against found, by bin of confidence."""
    rows = [
        [
            f"{row['from']:g} to {row['to']:g}",
            write_number(row["cells"], "count"),
            f"{row['confidence']:.5f}",
            f"{row['right']:.5f}",
        ]
        for row in measures["calibration"]
    ]
    return write_table(["confidence", "cells", "said", "found right"], rows)


def write_trial(trial: Mapping[str, Any]) -> str:
    """What learning from corrections gains, on the planted kind and on usual reports."""
    names = (("cells", "count"), ("accuracy", "share"), ("non_zero_accuracy", "share"), ("silent_errors", "count"))
    rows = []
    for name, kind in (*names, ("review_rate", "share"), ("calibration_error", "rate")):
        values = [trial[kinds][when][name] for kinds in ("planted", "usual") for when in ("before", "after")]
        rows.append([name.replace("_", " "), *(write_number(value, kind) for value in values)])
    return write_table(["measure", "planted, before", "planted, after", "usual, before", "usual, after"], rows)


def write_audit(audit: Mapping[str, Any], actual: Mapping[str, float]) -> str:
    """Estimates of an audit beside what is true, which only generated documents tell."""
    rows = []
    for name, found in (("all", audit["total"]), *audit["by_source_kind"].items()):
        interval = f"{found['low']:.5f} to {found['high']:.5f}"
        numbers = (f"{found['population']:,}", str(found["answered"]), str(found["wrong"]))
        rows.append([name, *numbers, f"{found['error']:.5f}", interval, f"{actual[name]:.5f}"])
    return write_table(["accepted cells", "all", "asked", "wrong", "estimate", "95 % interval", "true rate"], rows)


def write_signs(signs: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Signs of drift of several sets against one reference: value, and alarm where there is one."""
    names = [sign["name"] for sign in next(iter(signs.values()))]
    rows = []
    for place, name in enumerate(names):
        found = [signs[key][place] for key in signs]
        rows.append([f"`{name}`", *(f"{s['value']:.4f}{' **alarm**' if s['alarm'] else ''}" for s in found)])
    return write_table(["sign", *signs], rows)


def write_models(cards: Mapping[str, Mapping[str, Any]]) -> str:
    """The models that read: version, data, code."""
    rows = [
        [f"`{name}`", f"`{card['version']}`", f"`{card['data'].get('hash', '–')}`", f"`{card['data']['code']}`"]
        for name, card in cards.items()
    ]
    return write_table(["model", "version", "data", "code"], rows)
