"""What was learned from corrections, in words and numbers for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.learning import Lesson

SHOWN = 30
MEASURES = (
    ("cells", "cells answered"),
    ("wrong", "wrong as read"),
    ("silent_errors", "wrong and accepted"),
    ("reviewed", "asked about"),
)


def describe_gain(lesson: Lesson) -> str:
    """The lesson as lines of text."""
    lines = [
        f"{lesson.corrections} answers on {lesson.documents} documents:"
        f" {lesson.learned_from} to learn from, {lesson.held_out} held out",
        f"wordings learned: {len(lesson.learned)}",
        *(
            f"  {w.wording} is {w.leaf} ({w.family}; {w.documents} documents, {w.cells} cells)"
            for w in lesson.learned[:SHOWN]
        ),
        f"wordings refused: {len(lesson.refused)}",
        *(f"  {w.wording} for {w.leaf} ({w.family}): {w.reason}" for w in lesson.refused[:SHOWN]),
        f"cells to learn confidence from: {lesson.examples}",
        "",
        *_compare(lesson.before, lesson.after),
        f"models written to {lesson.folder}",
    ]
    return "\n".join(lines)


def _compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    if not before["cells"]:
        return ["nothing is held out that could be read: what it gains is not known (--documents)"]
    rows = [f"{'held-out documents: ' + str(before['documents']):28}{'before':>10}{'after':>10}"]
    for name, text in MEASURES:
        rows.append(f"  {text:26}{before[name]:>10}{after[name]:>10}")
    rows.append(f"  {'error rate':26}{before['error_rate']:>10.4f}{after['error_rate']:>10.4f}")
    return rows
