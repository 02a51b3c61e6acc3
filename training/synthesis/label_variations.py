"""What agencies do to the wording of their tables: aliases, misprints, explanations, other numerals."""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.data_files import read_data
from models.form import Form
from training.synthesis.grid_edits import change_texts, heading_cells
from training.synthesis.printed import PrintedCell, PrintedTable

HALF_WIDTH = str.maketrans("（），：；／", "(),:;/")
WORDINGS = Path(__file__).with_name("labels.yaml")
NUMERALS = "一二三四五六七八九十"


@functools.cache
def load_wordings() -> Mapping[str, Any]:
    """Further aliases, slips of the pen and explanations."""
    return read_data(WORDINGS)


def alias_labels(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """Some labels in another wording of the same meaning."""
    known = {label.leaf: label.aliases for block in form.blocks for label in (*block.rows, *block.columns)}
    more = load_wordings()["aliases"]
    share = rng.choice((0.15, 0.4, 1.0))

    def change(cell: PrintedCell) -> str:
        text = cell.text.lstrip()
        choices = known.get(text, ()) + tuple(more.get(text, ()))
        return cell.text.replace(text, rng.choice(choices)) if choices and rng.random() < share else cell.text

    return change_texts(table, change)


def misprint_labels(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """One to five labels with a slip of the pen."""
    labels = [cell for cell in table.cells if not cell.field_id and len(cell.text.strip()) > 3]
    chosen = rng.sample(labels, min(len(labels), rng.choice((1, 1, 2, 3, 5))))
    return change_texts(table, lambda cell: misprint(rng, cell.text) if cell in chosen else cell.text)


def misprint(rng: random.Random, text: str) -> str:
    """The text with one character lost, doubled, changed or swapped, or with one word mistaken for another."""
    mistaken = [(right, wrong) for right, wrong in load_wordings()["lookalikes"] if right in text]
    if mistaken and rng.random() < 0.6:
        right, wrong = rng.choice(mistaken)
        return text.replace(right, wrong, 1)
    places = [place for place, char in enumerate(text) if "一" <= char <= "鿿" and char not in NUMERALS]
    if len(places) < 3:
        return text
    place = rng.choice(places)
    head, char, tail = text[:place], text[place], text[place + 1 :]
    return rng.choice(
        (
            head + tail,
            head + char + char + tail,
            head + tail[:1] + char + tail[1:],
            head + rng.choice("的年和政数") + tail,
        )
    )


def explain_labels(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """One or two labels with an explanation behind."""
    labels = [cell for cell in table.cells if not cell.field_id and 1 < len(cell.text.strip()) < 20]
    chosen = rng.sample(labels, min(len(labels), rng.choice((1, 1, 2))))
    return change_texts(
        table, lambda cell: cell.text + rng.choice(load_wordings()["explanations"]) if cell in chosen else cell.text
    )


def cut_headings(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """Headings of which the end is lost (`本年新`)."""
    chosen = [cell for cell in heading_cells(table) if len(cell.text) > 4 and rng.random() < 0.4]
    return change_texts(
        table, lambda cell: cell.text[: rng.randint(3, len(cell.text) - 1)] if cell in chosen else cell.text
    )


def renumber_labels(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """`1.属于` as `1、属于`, `1．属于`, `（1）属于`, `①属于` or without numeral."""
    pattern = rng.choice(("{}、", "{}．", "（{}）", "{}. ", "circle", ""))

    def change(match: re.Match[str]) -> str:
        number = int(match[2])
        return match[1] + (chr(0x245F + number) if pattern == "circle" else pattern.format(number))

    return change_texts(table, lambda cell: re.sub(r"^(\s*)(\d)\.(?=\D)", change, cell.text))


def halve_punctuation(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """Labels with half-width punctuation."""
    return change_texts(table, lambda cell: cell.text.translate(HALF_WIDTH))


def space_labels(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """Labels spread with blanks (`总 计`) or with one blank in the wrong place."""
    share = rng.choice((0.1, 0.4))

    def change(cell: PrintedCell) -> str:
        text = cell.text
        if len(text.strip()) < 2 or rng.random() >= share:
            return text
        if len(text) <= 4 and "（" not in text:
            return rng.choice((" ", "  ", "　")).join(text)
        place = rng.randint(1, len(text) - 1)
        return text[:place] + " " + text[place:]

    return change_texts(table, change)
