"""Word documents: lines and tables in reading order from the file's own structure, as Word would print them."""

from __future__ import annotations

from collections.abc import Iterator

from extraction.readers.docx_blocks import BlockWriter
from extraction.readers.docx_flow import FlowReader, Leftovers
from extraction.readers.docx_numbering import ListCounter, read_numbering
from extraction.readers.docx_package import open_package
from extraction.readers.docx_styles import read_styles
from extraction.readers.limits import check_size, find_cut_lines
from models.document import Document, DocumentError, Problem, Source, Table, TextLine

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def read_docx(source: Source) -> Document:
    """Read a Word document.

    Raises `DocumentError` with code `damaged`, `encrypted`, `empty`, `too_large`, `too_deep`, `too_complex`,
    `too_many_lines` or `table_too_large`.
    """
    package = open_package(source.content)
    styles = read_styles(package.styles)
    flow = FlowReader(styles, ListCounter(read_numbering(package.numbering, styles.numbering)))
    writer = BlockWriter()
    writer.write_parts(flow.read_parts(package.body))
    lines = [block for block in writer.blocks if isinstance(block, TextLine)]
    check_size(lines)
    if not any(isinstance(block, Table) or block.text for block in writer.blocks):
        pictures = "; it holds pictures only" if flow.leftovers.pictures else ""
        raise DocumentError("empty", f"no text is printed in the document{pictures}")
    return Document(
        path=source.path,
        sha256=source.sha256,
        media_type=MEDIA_TYPE,
        blocks=tuple(writer.blocks),
        problems=(*package.problems, *_tell_leftovers(flow.leftovers), *find_cut_lines(lines)),
    )


def _tell_leftovers(left: Leftovers) -> Iterator[Problem]:
    """What stands in the document and was not read."""
    if left.documents:
        yield Problem("read", "embedded_document", f"{left.documents} documents embedded in this one were not read")
    if left.objects:
        yield Problem("read", "embedded_object", f"{left.objects} objects of other programs were not read")
    if left.pictures:
        yield Problem("read", "pictures", f"{left.pictures} large pictures were not read")
    if left.covered:
        message = f"{left.covered} cells covered by a merged cell hold text that is not printed"
        yield Problem("read", "covered_text", message)
