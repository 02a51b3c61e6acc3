"""A Word document as a file: the body with its headers, footers, footnotes and numbering, packed by python-docx."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any

NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in (
        ("w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
        ("r", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
        ("v", "urn:schemas-microsoft-com:vml"),
        ("o", "urn:schemas-microsoft-com:office:office"),
        ("w10", "urn:schemas-microsoft-com:office:word"),
    )
)
FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
FOOTNOTES_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
SECTION = "<w:sectPr>"
ABSTRACT_NUMBERING = (
    '<w:abstractNum {ns} w:abstractNumId="77"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0">'
    '<w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:suff w:val="nothing"/><w:lvlText w:val="%1、"/>'
    '<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl></w:abstractNum>'
)
NUMBERING = '<w:num {ns} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'


@dataclass(frozen=True, slots=True)
class WordParts:
    """The markup of a document: body with its sections, paragraphs of headers and footers, footnotes.

    `even_footer` is that of even pages where they differ; `numbering` adds the list `一、 二、 三、` under number 77.
    """

    body: str
    header: str = ""
    footer: str = ""
    even_footer: str = ""
    footnotes: tuple[str, ...] = ()
    numbering: bool = False
    title: str = ""


def pack_document(parts: WordParts) -> bytes:
    """The document as the bytes of a .docx file; the same parts give the same bytes.

    Raises `ValueError` where the body does not end with a section.
    """
    from docx import Document

    if SECTION not in parts.body:
        raise ValueError("the body of a document ends with a section")
    document = Document()
    references = _add_edges(document, parts)
    if parts.numbering:
        _add_numbering(document)
    if parts.footnotes:
        _add_footnotes(document, parts.footnotes)
    document.core_properties.title = parts.title
    body = document.element.body
    for child in list(body):
        body.remove(child)
    for child in list(_parse(f"<w:body {{ns}}>{parts.body.replace(SECTION, SECTION + references)}</w:body>")):
        body.append(child)
    file = io.BytesIO()
    document.save(file)
    return _fix_dates(file.getvalue())


def _parse(markup: str) -> Any:
    from docx.oxml import parse_xml

    return parse_xml(markup.replace("{ns}", NAMESPACES, 1))


def _add_edges(document: Any, parts: WordParts) -> str:
    """Write headers and footers; gives the references to them that every section needs."""
    section = document.sections[0]
    edges = [(section.header, parts.header), (section.footer, parts.footer)]
    if parts.even_footer:
        document.settings.odd_and_even_pages_header_footer = True
        edges += [(section.even_page_header, parts.header), (section.even_page_footer, parts.even_footer)]
    for edge, content in edges:
        if not content:
            continue
        edge.is_linked_to_previous = False
        element = edge._element
        for child in list(element):
            element.remove(child)
        for child in list(_parse(f"<w:hdr {{ns}}>{content}</w:hdr>")):
            element.append(child)
    found = section._sectPr.xpath("./w:headerReference | ./w:footerReference")
    references = []
    for reference in found:
        kind, target = (reference.get(name) for name in _reference_names())
        references.append(f'<w:{reference.tag.split("}")[1]} w:type="{kind}" r:id="{target}"/>')
    return "".join(references)


def _reference_names() -> tuple[str, str]:
    from docx.oxml.ns import qn

    return qn("w:type"), qn("r:id")


def _add_numbering(document: Any) -> None:
    numbering = document.part.numbering_part.element
    numbering.insert(0, _parse(ABSTRACT_NUMBERING))
    numbering.append(_parse(NUMBERING))


def _add_footnotes(document: Any, notes: tuple[str, ...]) -> None:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    separators = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{tag}/></w:r></w:p></w:footnote>'
        for kind, number, tag in (
            ("separator", -1, "separator"),
            ("continuationSeparator", 0, "continuationSeparator"),
        )
    )
    body = "".join(f'<w:footnote w:id="{number}">{note}</w:footnote>' for number, note in enumerate(notes, start=1))
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    markup = f"{declaration}<w:footnotes {NAMESPACES}>{separators}{body}</w:footnotes>"
    part = Part(PackURI("/word/footnotes.xml"), FOOTNOTES, markup.encode(), document.part.package)
    document.part.relate_to(part, FOOTNOTES_RELATION)


def _fix_dates(content: bytes) -> bytes:
    """The archive with one date for all its members, so that bytes depend on the parts alone."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(zipfile.ZipInfo(member.filename), old.read(member), zipfile.ZIP_DEFLATED)
    return file.getvalue()
