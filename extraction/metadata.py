"""What a report says of itself: title, organization, year, numbers and date of publication."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from extraction.agencies import (
    find_head_agency,
    find_signature,
    is_agency,
    is_dated,
    read_agency,
    read_opening_agency,
    read_title_agency,
)
from extraction.index_card import check_value, find_document_number, read_card, read_chinese_year, read_date
from extraction.script import fold_script
from extraction.titles import TITLE, YEAR, YEAR_DIGITS, FoldedLine, find_marked_title, find_other_title, find_title
from models.document import Document, Table, TextLine
from models.report import Metadata
from models.width import fold_width

HEAD_LINES = 60  # title and card stand in the first 20; navigation may come before
FOOT_LINES = 15  # signature and date, and the footer of the site below them
HEAD_CHARACTERS = 400  # of a line
BODY_CHARACTERS = 6_000  # the year of the report is said early
FIRST_YEAR, LAST_YEAR = 2003, 2099  # the first local rules on disclosure are of 2003

_BARE_YEAR = re.compile(rf"(?<![\d〔\[])({YEAR_DIGITS})(?![\d〕\]年])")
_SECTION = re.compile(r"[一二]\s*[、.．，,]|[12]\s*[、.．]\s*(?:总体|概述|概况|基本|工作|主动公开)|[(（]一[)）]")
_PERIOD = re.compile(
    rf"(?:自|从|为|是|期限|时间)?\s*({YEAR_DIGITS})\s*年\s*1\s*月\s*1\s*日\s*(?:起)?\s*[,，]?\s*(?:至|到|-|—|－|~|～|——)\s*"
    rf"(?:止?({YEAR_DIGITS}|同|当)\s*年)?\s*12\s*月\s*31\s*日"
)
_UNTIL = re.compile(rf"(?:截至|截止|截止到|截至到|至)\s*({YEAR_DIGITS})\s*年\s*12\s*月\s*(?:31\s*日|底)")
_WRITTEN_BY = re.compile(
    r"本(?:年度|年)?(?:报告|年报)(?:系|是)?由([\u4e00-\u9fff（）()]{3,40}?)(?:根据|按照|依据|编制)"
)


def find_metadata(document: Document) -> Metadata:
    """What the document prints of itself, and where it prints nothing what its markup says; never a guess."""
    (head, to_section), foot = _read_head(document), _read_foot(document)
    card = read_card(line.text for line in head)
    title = find_title(head, to_section=to_section) or find_marked_title(card, document.metadata)
    title = title or find_other_title(head)
    published = card.get("published") or check_value("published", document.metadata.get("published", ""))
    return Metadata(
        title=title,
        organization=_find_organization(title, card, head, foot, document),
        year=_find_year(title, document),
        index_number=card.get("index_number"),
        document_number=card.get("document_number") or _find_first(find_document_number(line.text) for line in head),
        published=published or _find_signed_date(foot),
    )


def _read_head(document: Document) -> tuple[list[FoldedLine], bool]:
    """Lines and rows of tables above the first section, at most `HEAD_LINES`; and whether a section follows them."""
    texts: list[tuple[str, int]] = []
    for block in document.blocks:
        if isinstance(block, Table):
            texts += [(row, 0) for row in _read_rows(block, HEAD_LINES)]
        elif block.text and not block.text.isspace():
            if _SECTION.match(block.text.lstrip(" \t\u3000*|")) and texts:
                return _fold_lines(texts[:HEAD_LINES]), True
            texts.append((block.text, block.heading))
        if len(texts) >= HEAD_LINES:
            break
    return _fold_lines(texts[:HEAD_LINES]), False


def _read_rows(table: Table, limit: int) -> list[str]:
    rows: dict[int, list[str]] = {}
    for cell in table.cells:
        if cell.row >= limit:
            break
        rows.setdefault(cell.row, []).append(cell.text.replace("\n", ""))
    return ["|".join(row) for row in rows.values()]


def _read_foot(document: Document) -> list[FoldedLine]:
    """The last lines, without rows of tables."""
    texts: list[tuple[str, int]] = []
    for block in reversed(document.blocks):
        text = block.text.strip("|\t \u3000") if isinstance(block, TextLine) else ""
        if text and not ("\t" in text or "|" in text):
            texts.append((text[-HEAD_CHARACTERS:], 0))
            if len(texts) == FOOT_LINES:
                break
    return _fold_lines(texts[::-1])


def _fold_lines(texts: Sequence[tuple[str, int]]) -> list[FoldedLine]:
    if not texts:
        return []
    joined = "\n".join(text[:HEAD_CHARACTERS].replace("\n", " ") for text, _ in texts)
    folded = fold_width(fold_script(joined)).replace("\u200b", "").split("\n")
    return [
        FoldedLine(text.strip(" *#|"), "".join(text.split()).strip("*#|·"), heading)
        for text, (_, heading) in zip(folded, texts, strict=True)
    ]


def _find_year(title: str | None, document: Document) -> int | None:
    """The year that is reported on: of the title, of the period, or the one that the sentences speak of."""
    for pattern in (YEAR, _BARE_YEAR):
        if title and (match := pattern.search(title)) and (year := _read_year(match[1])):
            return year
    body = _read_body(document)
    for match in _PERIOD.finditer(body):
        if match[2] in (None, match[1], "同", "当"):
            return _read_year(match[1])
    if match := _UNTIL.search(body):
        return _read_year(match[1])
    return _count_years(body)


def _read_body(document: Document) -> str:
    """The prose of the document, folded; rows of tables hold no year of the report."""
    lines = (block.text for block in document.blocks if isinstance(block, TextLine))
    stripped = (line.strip("|\t ") for line in lines)
    prose = "\n".join(line[:2000] for line in stripped if len(line) > 8 and not ("\t" in line or "|" in line))
    return fold_width(fold_script(prose[:BODY_CHARACTERS]))


def _count_years(body: str) -> int | None:
    """The year that most sentences speak of, `None` where two are named as often; titles are links to other years."""
    prose = "\n".join(line for line in body.split("\n") if not TITLE.fullmatch("".join(line.split())))
    years = Counter(year for match in YEAR.finditer(prose) if (year := _read_year(match[1])))
    ranked = years.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def _read_year(text: str) -> int | None:
    year = int(text) if text.isdigit() and text.isascii() else read_chinese_year(text)
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


def _find_organization(
    title: str | None,
    card: dict[str, str],
    head: Sequence[FoldedLine],
    foot: Sequence[FoldedLine],
    document: Document,
) -> str | None:
    """The agency of the title; the card's where that is fuller, or the title names none; then signature and markup."""
    marked = fold_width(fold_script(document.metadata.get("organization", "")))
    others = (
        read_agency(card.get("organization")),
        find_signature([line.squeezed for line in foot]),
        read_agency(marked),
    )
    titled = _read_titled(title) if title else None
    if titled is None:
        return _find_first(others) or _find_author(head, document)
    whole = is_agency(titled)
    fuller = (
        other for other in others if other and (other.endswith(titled) or (not whole and other.startswith(titled)))
    )
    return next(fuller, titled)


def _read_titled(title: str) -> str | None:
    return read_title_agency(title) if TITLE.fullmatch(title) else read_opening_agency(title)


def _find_author(head: Sequence[FoldedLine], document: Document) -> str | None:
    """The agency that the report says it was written by, or that stands above it."""
    body = _read_body(document)
    match = _WRITTEN_BY.search(body)
    if match and is_agency(match[1]):
        return match[1]
    prose = "\n".join(line for line in body.split("\n") if "。" in line)
    return find_head_agency([line.squeezed for line in head], prose)


def _find_signed_date(foot: Sequence[FoldedLine]) -> str | None:
    return _find_first(read_date(line.text) for line in reversed(foot) if is_dated(line.squeezed))


def _find_first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
