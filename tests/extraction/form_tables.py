"""Tables as lines of text, read through the mapping, for tests of forms."""

from __future__ import annotations

from extraction.forms import FormMatcher
from extraction.labels import LabelMatcher
from extraction.mapping import MappedForm, map_cells
from extraction.rows import find_rows
from extraction.tables import find_tables
from models.document import Document, TextLine
from models.form import Form, load_forms

FORMS = load_forms()
REQUESTS = FORMS["requests@2021"]
HEADINGS = [
    "\t\t申请人情况\t\t\t\t\t\t总计",
    "\t\t自然人\t法人或其他组织\t\t\t\t\t",
    "\t\t\t商业企业\t科研机构\t社会公益组织\t法律服务机构\t其他\t",
]


def number_rows(form: Form) -> list[list[str]]:
    """Every row of the form with a different number in each column, the last the sum of the others."""
    rows = []
    for i, label in enumerate(row for block in form.blocks for row in block.rows):
        values = [i + 1, 2 * i, i % 3, 0, 1, i % 5]
        rows.append([label.leaf, *map(str, values), str(sum(values))])
    return rows


def read(matcher: FormMatcher, labels: LabelMatcher, lines: list[str]) -> dict[str, MappedForm]:
    blocks = tuple(TextLine(line, i) for i, line in enumerate(lines, 1))
    tables = find_tables(Document("r.txt", "", "text/plain", blocks))
    rows = find_rows(tables)
    mapped = map_cells(matcher.match_forms(rows), rows, tables, labels)
    return {form.match.form.form_id: form for form in mapped}


def numbers(mapped: MappedForm) -> dict[str, int | None]:
    return {c.field.field_id: None if c.value.number is None else int(c.value.number) for c in mapped.cells}


def expected(rows: list[list[str]]) -> dict[str, int | None]:
    fields = [row for block in REQUESTS.blocks for row in block.fields]
    return {
        f.field_id: int(value)
        for row, own in zip(rows, fields, strict=True)
        for f, value in zip(own, row[1:], strict=True)
    }


def print_rows(rows: list[list[str]]) -> list[str]:
    return HEADINGS + ["\t".join(["", *row]) for row in rows]
