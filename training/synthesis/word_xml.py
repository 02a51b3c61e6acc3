"""Pieces of WordprocessingML as text: runs, paragraphs, cells, rows, sections; lengths in points come out as twips."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

from training.synthesis.word_styles import Sheet

# What XML 1.0 cannot hold at all.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Font:
    """How a run is set: name, size in points; `latin` is the font of digits and letters, `color` a hex RGB."""

    name: str
    size: float
    latin: str = ""
    bold: bool = False
    color: str = ""


@dataclass(frozen=True, slots=True)
class Paragraphing:
    """How a paragraph is set; lengths in points. `leading` 0 is single spacing; `level` 1 to 9 shows in outlines."""

    align: str = "both"
    indent: float = 0.0
    before: float = 0.0
    after: float = 0.0
    leading: float = 0.0
    numbered: bool = False
    page_break: bool = False
    keep_next: bool = False
    level: int = 0
    rule: str = ""


PLAIN = Paragraphing()


def twips(points: float) -> int:
    """Points as twentieths of a point."""
    return round(points * 20)


def write_run(text: str, font: Font, *, deleted: bool = False) -> str:
    """Text in one font; line breaks become breaks inside the paragraph, tabs tabs."""
    parts: list[str] = []
    tag = "w:delText" if deleted else "w:t"
    for number, line in enumerate(_FORBIDDEN.sub("", text).split("\n")):
        parts += ["<w:br/>"] * bool(number)
        for place, piece in enumerate(line.split("\t")):
            parts += ["<w:tab/>"] * bool(place)
            parts += [f'<{tag} xml:space="preserve">{escape(piece)}</{tag}>'] * bool(piece)
    return f"<w:r>{_font_xml(font)}{''.join(parts)}</w:r>"


def write_field(name: str, font: Font) -> str:
    """A field that the word processor computes, as PAGE or NUMPAGES."""
    return f'<w:fldSimple w:instr="{name}">{write_run("1", font)}</w:fldSimple>'


def write_paragraph(runs: str, setting: Paragraphing = PLAIN, *, mark: Font | None = None, section: str = "") -> str:
    """A paragraph of runs; `mark` is the font of its end, which an empty line and a number take; `section` ends one."""
    parts = ["<w:keepNext/>"] * setting.keep_next + ["<w:pageBreakBefore/>"] * setting.page_break
    if setting.numbered:
        parts.append('<w:numPr><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr>')
    if setting.rule:
        line = f'w:val="single" w:sz="12" w:space="4" w:color="{setting.rule}"'
        parts.append(f"<w:pBdr><w:bottom {line}/></w:pBdr>")
    leading = (
        f' w:line="{twips(setting.leading)}" w:lineRule="exact"'
        if setting.leading
        else ' w:line="240" w:lineRule="auto"'
    )
    parts.append(f'<w:spacing w:before="{twips(setting.before)}" w:after="{twips(setting.after)}"{leading}/>')
    parts.append(
        f'<w:ind w:left="0" w:right="0" w:firstLine="{twips(setting.indent)}"/><w:jc w:val="{setting.align}"/>'
    )
    if setting.level:
        parts.append(f'<w:outlineLvl w:val="{setting.level - 1}"/>')
    parts += [_font_xml(mark)] if mark else []
    return f"<w:p><w:pPr>{''.join(parts)}{section}</w:pPr>{runs}</w:p>"


def write_section(sheet: Sheet, *, kind: str = "nextPage", columns: int = 1) -> str:
    """The end of a section of pages; headers and footers are put in when the document is packed."""
    left, top, right, bottom = (twips(side) for side in sheet.margins)
    turned = ' w:orient="landscape"' if sheet.width > sheet.height else ""
    return (
        f'<w:sectPr><w:type w:val="{kind}"/>'
        f'<w:pgSz w:w="{twips(sheet.width)}" w:h="{twips(sheet.height)}"{turned}/>'
        f'<w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}" '
        f'w:header="{min(top, 850)}" w:footer="{min(bottom, 850) * 2 // 3}" w:gutter="0"/>'
        f'<w:cols w:num="{columns}" w:space="425"/></w:sectPr>'
    )


def write_row(cells: Iterable[str], *, height: float, heading: bool, whole: bool) -> str:
    """A row of cells; `height` is the least one in points, `heading` repeats it on every page."""
    properties = "<w:cantSplit/>" * whole
    properties += f'<w:trHeight w:val="{twips(height)}" w:hRule="atLeast"/>' if height else ""
    properties += "<w:tblHeader/>" * heading
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def write_cell(width: float, content: str, properties: str) -> str:
    """A cell of paragraphs; `properties` are the further ones in the order of the schema."""
    return f'<w:tc><w:tcPr><w:tcW w:w="{twips(width)}" w:type="dxa"/>{properties}</w:tcPr>{content}</w:tc>'


def write_text_box(content: str, *, width: float, height: float) -> str:
    """A run with a framed box of paragraphs at the right of the text."""
    style = (
        f"position:absolute;margin-left:0;margin-top:6pt;width:{width:.0f}pt;height:{height:.0f}pt;z-index:5;"
        "mso-position-horizontal:right;mso-position-horizontal-relative:margin"
    )
    return (
        f'<w:r><w:pict><v:shape id="box1" type="#_x0000_t202" style="{style}" filled="t" stroked="t" '
        'coordsize="21600,21600" path="m,l,21600r21600,l21600,xe"><v:textbox><w:txbxContent>'
        f'{content}</w:txbxContent></v:textbox><w10:wrap type="topAndBottom"/></v:shape></w:pict></w:r>'
    )


def write_watermark(text: str) -> str:
    """A run with a grey text across the page, for a header."""
    style = (
        "position:absolute;margin-left:0;margin-top:0;width:400pt;height:100pt;rotation:315;z-index:-251658752;"
        "mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        "mso-position-vertical:center;mso-position-vertical-relative:margin"
    )
    return (
        '<w:r><w:pict><v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
        'path="m@7,l@8,m@5,21600l@6,21600e"><v:textpath on="t" fitshape="t"/></v:shapetype>'
        f'<v:shape id="PowerPlusWaterMarkObject1" o:spid="_x0000_s2049" type="#_x0000_t136" style="{style}" '
        'fillcolor="silver" stroked="f"><v:fill opacity=".5"/>'
        f'<v:textpath style="font-family:&quot;SimSun&quot;;font-size:1pt" string={quoteattr(text)}/>'
        "</v:shape></w:pict></w:r>"
    )


def write_note_mark(number: int, font: Font) -> str:
    """The raised mark of a footnote in the text."""
    small = replace(font, size=font.size * 0.7)
    properties = _font_xml(small).replace("</w:rPr>", '<w:vertAlign w:val="superscript"/></w:rPr>')
    return f'<w:r>{properties}<w:footnoteReference w:id="{number}"/></w:r>'


def write_change(old: str, new: str, font: Font) -> str:
    """A tracked change: the old text struck out, the new one put in."""
    who = 'w:author="审核" w:date="2024-01-12T09:00:00Z"'
    gone = f'<w:del w:id="901" {who}>{write_run(old, font, deleted=True)}</w:del>' if old else ""
    return f'{gone}<w:ins w:id="902" {who}>{write_run(new, font)}</w:ins>'


def _font_xml(font: Font) -> str:
    latin, name = quoteattr(font.latin or font.name), quoteattr(font.name)
    size = round(font.size * 2)
    return (
        f'<w:rPr><w:rFonts w:hint="eastAsia" w:ascii={latin} w:hAnsi={latin} w:eastAsia={name} w:cs={latin}/>'
        + "<w:b/>" * font.bold
        + (f'<w:color w:val="{font.color}"/>' if font.color else "")
        + f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
    )
