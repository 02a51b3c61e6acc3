"""How much of a document is read: beyond it a document is refused, or a line is cut and told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from models.document import DocumentError, Problem, TextLine

MAX_LINES = 200_000
MAX_LINE_CHARACTERS = 50_000  # a whole report on one line has about 15,000
MAX_TABLE_ROWS = 20_000  # the statutory tables have 40 rows, directories that agencies attach some thousand
MAX_PAGES = 1_000  # a report has 3 to 30, a collection of a city's reports some hundred
MAX_PAGE_CHARACTERS = 50_000  # a dense page has 3,000
MAX_PAGE_OBJECTS = 100_000  # a page has 100 to 1,000, one with dotted rules 10,000


def check_size(lines: Iterable[TextLine]) -> None:
    """Refuse a table of more rows than one can be; raises `DocumentError` with code `table_too_large`."""
    rows = 0
    for line in lines:
        if "\t" in line.text or "|" in line.text:
            rows += 1
            if rows > MAX_TABLE_ROWS:
                raise DocumentError("table_too_large", f"a table has more than {MAX_TABLE_ROWS} rows")
        elif line.text and not line.text.isspace():
            rows = 0


def find_cut_lines(lines: Sequence[TextLine]) -> tuple[Problem, ...]:
    """A problem where lines were cut at `MAX_LINE_CHARACTERS`."""
    cut = [line.number for line in lines if len(line.text) >= MAX_LINE_CHARACTERS]
    if not cut:
        return ()
    message = (
        f"{len(cut)} lines are longer than {MAX_LINE_CHARACTERS} characters and were cut, the first is line {cut[0]}"
    )
    return (Problem("read", "long_line", message),)
