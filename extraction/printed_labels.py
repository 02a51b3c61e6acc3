"""How a document words the labels of a form: what people's corrections teach from."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.headings import ColumnOrder
from extraction.labels import LabelMatcher, make_variants
from extraction.mapping import MappedForm
from extraction.row_labels import continue_label, find_headings, join_labels, last_label
from extraction.rows import PrintedRow
from models.form import Label
from models.report import PrintedLabels


def find_printed_labels(mapped: MappedForm, rows: Sequence[PrintedRow], labels: LabelMatcher) -> PrintedLabels:
    """The wording of each row and column of a form as printed; empty where it is not printed or cannot be told.

    `rows` are those of the document that the form was mapped from. Rows and columns are those of the form's blocks,
    one after the other; each wording goes from the outermost heading to the one next to the values.
    """
    matched = {(row.block, row.row): row.printed for row in reversed(mapped.match.rows)}
    texts = {spot: _list_texts(rows, printed) for spot, printed in matched.items()}
    labels.score_ahead(text for choices in texts.values() if len(choices) > 1 for text in choices)
    found: list[tuple[str, ...]] = []
    for b, block in enumerate(mapped.match.form.blocks):
        for r, label in enumerate(block.rows):
            if (b, r) in matched:
                found.append(_find_row_label(rows[matched[b, r]], texts[b, r], label, labels))
            else:
                found.append(())
    return PrintedLabels(tuple(found), _find_columns(mapped, rows))


def _list_texts(rows: Sequence[PrintedRow], index: int) -> list[str]:
    """All that may be the label of a printed row."""
    row = rows[index]
    texts = [last_label(row), *join_labels(row, alone=True), *continue_label(rows, index)]
    return [text for text in dict.fromkeys(texts) if text.strip()]


def _find_row_label(row: PrintedRow, texts: Sequence[str], label: Label, labels: LabelMatcher) -> tuple[str, ...]:
    """The label of a printed row: of the `texts` that it may be the one that is most like the form's."""
    if not texts or not label.path:
        return ()
    best = texts[0]
    if len(texts) > 1:
        places = [labels.index[variant] for variant in make_variants(label)]
        scores = labels.score_labels(texts)[:, places].max(axis=1).tolist()
        best = texts[scores.index(max(scores))]
    outer = tuple(cell.text for cell in row.labels[:-1] if cell.text.strip() and cell.text not in best)
    return (*outer, best)


def _find_columns(mapped: MappedForm, rows: Sequence[PrintedRow]) -> tuple[tuple[str, ...], ...]:
    """The headings over each column, where the grid of the print is to be trusted."""
    cells = {cell.field.field_id: cell for cell in mapped.cells}
    found: list[tuple[str, ...]] = []
    for block in mapped.match.form.blocks:
        words: dict[int, tuple[str, ...]] = {}
        for fields in block.fields:
            for field in fields:
                cell = cells[field.field_id]
                if cell.order is not None and cell.match is not None and len(cell.order.columns) == len(block.columns):
                    for column, texts in _read_headings(rows[cell.match.printed], cell.order).items():
                        words.setdefault(column, texts)
                    break
        found += [words.get(column, ()) for column in range(len(block.columns))]
    return tuple(found)


def _read_headings(row: PrintedRow, order: ColumnOrder) -> dict[int, tuple[str, ...]]:
    """By column of the form the heading cells over its place, from the top."""
    above = [cell for cell in find_headings(row) if cell.row < row.row and cell.text.strip()]
    words: dict[int, tuple[str, ...]] = {}
    for column, place in zip(order.columns, order.grid, strict=False):
        over = [cell for cell in above if cell.column <= place < cell.column_end]
        texts = tuple(dict.fromkeys(cell.text for cell in sorted(over, key=lambda cell: cell.row)))
        if column is not None and texts:
            words[column] = texts
    return words
