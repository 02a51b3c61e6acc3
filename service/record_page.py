"""The page docs/record.md, made from the forms and the code: `python -m service.record_page` writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from extraction.checking import SURPLUS
from extraction.deciding import REASONS
from extraction.facts.ties import PREFIX
from extraction.readers.archive import MAX_MEMBERS
from extraction.readers.docx_xml import MAX_DEPTH as MAX_WORD_DEPTH
from extraction.readers.docx_xml import MAX_ELEMENTS
from extraction.readers.html_style import MAX_COLUMNS
from extraction.readers.html_tree import MAX_ATTRIBUTES, MAX_DEPTH, MAX_TAGS
from extraction.readers.limits import (
    MAX_LINE_CHARACTERS,
    MAX_LINES,
    MAX_PAGE_CHARACTERS,
    MAX_PAGE_OBJECTS,
    MAX_PAGES,
    MAX_TABLE_ROWS,
)
from extraction.readers.office import TIME_LIMIT as OFFICE_TIME_LIMIT
from extraction.readers.office import VARIABLE
from extraction.readers.page_routes import LARGE_PICTURE
from extraction.readers.picture_files import MAX_PIXELS, MAX_SIDE
from extraction.readers.source import MAX_BYTES, MAX_WHOLE_BYTES
from models.fact_items import FactItem, load_fact_items
from models.form import Form, Identity, load_forms
from service.run_limits import MEMORY_LIMIT, TIME_LIMIT

PAGE = Path(__file__).parent.parent / "docs" / "record.md"

INTRODUCTION = """\
# The record

Made by `python -m service.record_page` from the forms and the code; do not edit by hand.

`gouji extract` writes one record a document: a JSON object on a line of its own, in UTF-8. A document that could not
be read is a record too, with `error` in place of what was read.
"""

RECORD_KEYS: Mapping[str, str] = {
    "source": "the path as given on the command line; a byte that is no UTF-8 is a lone surrogate (`\\udcff`)",
    "sha256": "hash of the bytes; null in an error record whose bytes were not read",
    "media_type": "`text/plain`, `text/markdown`, `text/html`, `application/pdf`, "
    "`application/vnd.openxmlformats-officedocument.wordprocessingml.document` (DOCX), `application/msword` (DOC, WPS, "
    "XML of Word 2003), `application/rtf`, or that of a picture: `image/png`, `image/jpeg`, `image/tiff`, `image/bmp`, "
    "`image/webp`, `image/gif`",
    "pages": "number of pages of a PDF or a picture file; null for other documents, Word files too",
    "scanned_pages": "the pages that were read by their pixels, from 1",
    "title": "the title of the report, or null",
    "organization": "who published it, or null",
    "year": "the year reported on, not that of publication, or null",
    "index_number": "索引号 of the index card, or null",
    "document_number": "文号, or null",
    "published": "date of publication, ISO 8601, or null",
    "tables": "the forms found: `form`, `pages` (that its cells stand on; empty without pages), `tables` (printed "
    "tables of the document, from 1), `confidence` that it is this form, `labels`: the wording as printed of the "
    "form's `rows` and `columns`, in the order of the form, each a list from the outermost heading, empty where it is "
    "not known",
    "cells": "every cell of every form found, each once, in the order of the form; see below",
    "sections": "parts of the report in order: `id`, `title` as printed, `text`, `confidence` of the heading",
    "facts": "numbers that sentences say, in reading order; see below",
    "findings": "identities that do not hold, printed values that belong to no cell, and sentences at odds with a "
    "cell; see below",
    "repairs": "proposals to a person, never applied, the probable first: `changes` (`id`, `printed`, `implied`, "
    "`cause` `source` or `reading`, `supported` by the picture), `probability`, `settles` (identities that then hold), "
    "`reason`",
    "problems": "what went wrong without keeping the document from being read: `stage`, `code`, `message`, and `page` "
    "where it is one page",
    "models": "versions of the trained models that read it",
    "policy": "`threshold` from which on cells are accepted; `target`, `certainty`, `method` and `models` of the "
    "promise that set it, `target` null where none was made",
    "error": "only in error records, which have `source`, `sha256` and `error`: `code` and `message`",
}
CELL_KEYS: Mapping[str, str] = {
    "id": "the field, as listed under its form below",
    "form": "the form the cell was found in",
    "state": "see below",
    "value": "the number as printed, in the unit of the field; null in every state but `number`",
    "raw": "the print itself, or null where there is none",
    "confidence": "calibrated probability that state and value are both right, rounded down to five places",
    "review": "true where a person must look before the cell is used",
    "reasons": "why, in short codes; empty for accepted cells",
    "evidence": "where it stands: the cell, or its row where the cell could not be told; null where neither is known",
    "candidates": "only in cells of scans that a person must look at: what may be printed, the probable first, each "
    "with its `text` (empty for an empty cell) and `probability`",
}
STATES: Mapping[str, str] = {
    "number": "a number is printed; it is never corrected to make a sum work, and never rounded",
    "blank": "the cell is there and empty; not the same as 0",
    "mark": "the cell holds a mark that is no number (`/`, `-`, `—`, `无`), which stands in `raw`",
    "unreadable": "something is printed that could not be read as one number",
    "missing": "the form is there, this cell of it is not",
}
EVIDENCE: Mapping[str, str] = {
    "line": "in text: the line of the source",
    "span": "in text: [start, end) in characters of that line",
    "table": "in HTML and Word documents: the printed table of the document; of DOC, WPS and RTF, of what LibreOffice "
    "made of them",
    "row": "in HTML and Word documents: the row of that table",
    "column": "in HTML and Word documents: the column of that table, merged cells counted with their width",
    "page": "in PDFs and pictures: the page; of a table over several pages, that of the cell",
    "bbox": "in PDFs and pictures: [left, top, right, bottom] in points from the top left of the page as it is shown: "
    "around the print of the cell, the whole cell where nothing is printed, the whole line where a line of text is the "
    "row",
}
SECTION_IDS: Mapping[str, str] = {
    "overview": "总体情况; 概述 of older reports",
    "proactive": "主动公开政府信息情况",
    "requests": "收到和处理政府信息公开申请情况",
    "fees": "收费及减免情况, before 2019",
    "disputes": "行政复议、行政诉讼情况",
    "problems": "存在的主要问题及改进情况",
    "other": "其他需要报告的事项",
    "statistics": "附表 of 2014 to 2018, where it has a heading of its own",
}
FACT_KEYS: Mapping[str, str] = {
    "item": "what is counted, by the names below; null for a count of another kind",
    "value": "the number in its `unit`; 0 where the sentence denies (`未收到政府信息公开申请`)",
    "unit": "as printed (`14万余条` is 140000 条, `477.35万元` is 477.35 万元); where none is, that of the item",
    "text": "the clause that says it, as printed",
    "confidence": "calibrated probability that item and value are both right",
    "evidence": "where the number, or the denial, is printed: keys as for cells; in PDFs the box of the line, in HTML "
    "and Word documents the line of the text read out of it",
    "rounded": "only where true: the sentence says that the number is not exact (余, 多, 近, 约)",
    "cell": "only where a cell says the same: its id",
}
FINDING_KEYS: Mapping[str, str] = {
    "identity": "the identity, as listed under its form below",
    "cells": "the fields it ties together",
    "left": "the sum of its left side",
    "right": "the sum of its right side",
    "kind": "`source` where every cell in it was accepted, so that the document itself does not add up; `reading` "
    "where one of them is under review",
    "relation": "only where it is not `=`: `<=`",
    "note": "only where there is more to say",
}
ERROR_CODES: Mapping[str, str] = {
    "unsupported": "a kind of document that is not read yet: OFD, workbooks, slides, archives, web archives",
    "damaged": "a PDF, a picture or a Word document that cannot be opened, a PDF none of whose pages can be read, a "
    "broken archive, broken XML",
    "encrypted": "a PDF that needs a password, or is encrypted in a way that is not known; an encrypted Word document, "
    "which no password opens",
    "wrong_password": "a PDF that another password opens than the one given",
    "no_pages": "a PDF without pages",
    "too_many_pages": f"a PDF or a picture file of more than {MAX_PAGES:,} pages",
    "needs_libreoffice": "DOC, WPS, RTF and the XML of Word 2003 are read through LibreOffice, which is not installed, "
    f"not where `{VARIABLE}` says, or does not start",
    "conversion_failed": "LibreOffice made nothing of the document",
    "empty": "the file has no bytes, or nothing is printed in it",
    "binary": "named as text, but the bytes are no text",
    "not_found": "there is no such file (or no longer)",
    "not_a_file": "a folder that cannot be searched, a pipe, a socket or a device",
    "no_permission": "the file may not be read",
    "bad_name": "the name of the file is not UTF-8, too long, empty, or holds a NUL",
    "unreadable": "the file system could not give the bytes",
    "too_large": f"more than {MAX_BYTES // 2**20} MB ({MAX_WHOLE_BYTES // 2**20} MB for what is no PDF or picture), "
    f"what an archive unpacks to is too large, or a picture of more than {MAX_PIXELS // 10**6} million pixels or "
    f"{MAX_SIDE:,} along a side",
    "too_many_lines": f"more than {MAX_LINES:,} lines",
    "table_too_large": f"a table of more than {MAX_TABLE_ROWS:,} rows, or a Word table of more than {MAX_COLUMNS} "
    "columns",
    "too_deep": f"markup nested more than {MAX_DEPTH:,} deep, a Word document more than {MAX_WORD_DEPTH}",
    "too_complex": f"markup with more than {MAX_TAGS:,} tags, {MAX_ATTRIBUTES:,} attributes on an element, or too many "
    f"unclosed elements; a Word document of more than {MAX_ELEMENTS:,} elements; an archive of more than "
    f"{MAX_MEMBERS:,} members",
    "timeout": f"reading took longer than allowed ({TIME_LIMIT:g} seconds, or `--time-limit`, without waiting for a "
    f"processor), LibreOffice more than {OFFICE_TIME_LIMIT:g} seconds for one document",
    "out_of_memory": f"reading needs more memory than a worker has ({MEMORY_LIMIT // 2**30} GB)",
    "crashed": "the worker process died while it read the document",
    "unreachable": "of a bulk run: the bytes could not be fetched, three times over, for a reason that may pass",
    "internal": "a fault of Gouji; the message names it",
}
PROBLEM_CODES: Mapping[str, str] = {
    "form_not_found": "a section stands in the report, but no table of its form was recognized: there is none, or it "
    "was not understood",
    "no_print": "a page read by its pixels on which nothing reads as print: blank, a photo",
    "no_table": "with `--tables-only`: a page of a scan without a table with rules; nothing of it was read",
    "ocr_failed": "the reader of pictures failed on a page; nothing of it was read",
    "picture_not_read": f"pictures of {100 * LARGE_PICTURE:.0f} % of a page or more, beside text that was read; a "
    "table may be in them",
    "damaged_page": "a page that cannot be read or drawn, or has no area",
    "too_large": "a page of a picture file of too many pixels; nothing of it was read",
    "too_many_objects": f"a page of more than {MAX_PAGE_OBJECTS:,} objects; nothing of it was read",
    "too_many_characters": f"a page of more than {MAX_PAGE_CHARACTERS:,} characters; nothing of it was read",
    "broken_part": "styles or numbering of a Word document could not be read",
    "embedded_document": "documents embedded in a Word document were not read",
    "embedded_object": "objects of other programs (sheets, formulas) in a Word document were not read",
    "pictures": "large pictures in a Word document were not read; a table may be in them",
    "covered_text": "cells of a Word table that a merged cell covers hold text that is not printed",
    "broken_characters": "bytes of text or HTML that could not be decoded; each stands as U+FFFD",
    "nul_characters": "NUL characters were dropped",
    "long_line": f"a line was cut at {MAX_LINE_CHARACTERS:,} characters",
}

FACTS = (
    "A counted fact is a number with a unit that says how many there were in the year of the report. Shares, rates, "
    "dates, plans, other years and totals over several years are none; nor is a fee that was not charged, where no "
    "amount is printed."
)

FORMS = """\
## Forms

The form is a property of the table, not of the year: a report of 2023 may print a form of 2019. Identities name their
fields without the family; one that holds for every column stands once a column.
"""


def make_record_page() -> str:
    """The whole page as markdown."""
    parts = [
        INTRODUCTION,
        _make_part("Keys of a record", "key", RECORD_KEYS),
        _make_part("Cells", "key", CELL_KEYS),
        _make_part("States of a cell", "state", STATES),
        _make_part("Evidence", "key", EVIDENCE, "Everything counts from 1, but spans: they are half-open, from 0."),
        _make_part("Reasons for review", "code", REASONS),
        _make_part("Sections", "id", SECTION_IDS),
        _make_part(
            "Findings",
            "key",
            FINDING_KEYS,
            f"`FAMILY.{SURPLUS}` is a value printed beyond the columns of the form, as in `disputes.{SURPLUS}`: it has "
            "no cells, `right` is the value, `note` says what is printed. "
            f"`{PREFIX}ITEM`, as in `{PREFIX}requests.received`, is a sentence at odds with the cell that counts the "
            "same, or with the sum of several: `left` is what the cells say, `right` what the sentence says, and "
            "`kind` is `source` where the cells were accepted, the fact is sure and a sum of the table that fails "
            "would hold with what the sentence says; else `reading`, since a sentence may speak of another scope than "
            "the table (one agency of a whole district).",
        ),
        _make_part("Facts", "key", FACT_KEYS, FACTS),
        _make_part("Names of facts", "item", {name: _list_cells(item) for name, item in load_fact_items().items()}),
        _make_part("Error codes", "code", ERROR_CODES),
        _make_part("Codes of problems", "code", PROBLEM_CODES, "The document was read without what they name."),
        FORMS,
        *(_make_form_part(form) for form in load_forms().values()),
    ]
    return "\n".join(parts)


def _list_cells(item: FactItem) -> str:
    """The cells that say the same, by family of forms."""
    sums = [" + ".join(f"`{cell}`" for cell in cells) for cells in item.cells.values()]
    return f"unit {item.unit}" + (f"; says the same as {', or '.join(sums)}" if sums else "")


def _make_part(title: str, head: str, entries: Mapping[str, str], text: str = "") -> str:
    rows = [(f"`{name}`", meaning) for name, meaning in entries.items()]
    lines = [f"## {title}", "", *([text, ""] if text else []), *_make_table((head, "meaning"), rows), ""]
    return "\n".join(lines)


def _make_form_part(form: Form) -> str:
    first, last = form.years
    fields = [(f"`{f.field_id}`", " / ".join(f.label), f.unit, f.kind) for f in form.fields]
    lines = [
        f"### {form.form_id}",
        "",
        f"{form.title}; {f'{first} to {last}' if last else f'from {first} on'}; section `{form.section}`; "
        f"{len(form.fields)} cells.",
        "",
        *_make_table(("id", "label", "unit", "kind"), fields),
        "",
        f"Identities of `{form.form_id}`:",
        "",
        *_make_table(("identity", "what must hold"), _list_identities(form.identities)),
        "",
    ]
    if form.across_years:
        lines += [
            "With the report of the year before (not checked while reading one report):",
            "",
            *_make_table(("identity", "what must hold"), _list_identities(form.across_years)),
            "",
        ]
    return "\n".join(lines)


def _list_identities(identities: Iterable[Identity]) -> Iterator[tuple[str, str]]:
    for identity in identities:
        right = [*map(_name, identity.right), *(f"{_name(field)} of the year before" for field in identity.last_right)]
        left = " + ".join(map(_name, identity.left))
        yield f"`{identity.identity_id}`", f"{left} {identity.relation.replace('<=', '≤')} {' + '.join(right)}"


def _name(field_id: str) -> str:
    return f"`{field_id.split('.', 1)[1]}`"


def _make_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield f"| {' | '.join(text.replace('|', chr(92) + '|') for text in row)} |"


if __name__ == "__main__":
    PAGE.write_text(make_record_page(), "utf-8")
