"""What a report says of itself: title, organization, year, numbers and date of publication."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extraction.index_card import check_value, find_document_number, read_card, read_chinese_year, read_date
from extraction.script import fold_script
from models.document import Document, Table, TextLine
from models.report import Metadata

HEAD_LINES = 60  # title and card stand in the first 20; navigation may come before
FOOT_LINES = 15  # signature and date, and the footer of the site below them
HEAD_CHARACTERS = 400  # of a line
BODY_CHARACTERS = 6_000  # the year of the report is said early
TITLE_CHARACTERS = 80
TITLE_LINES = 4  # a title may be broken into so many
FIRST_YEAR, LAST_YEAR = 2003, 2099  # the first local rules on disclosure are of 2003

_YEAR_DIGITS = r"(?:20\d\d|二[〇○零ＯO][〇○零ＯO一二三四五六七八九]{2})"
_YEAR = re.compile(rf"(?<!\d)({_YEAR_DIGITS})\s*(?:年度?|度)(?!\s*\d{{1,2}}\s*月)")
_BARE_YEAR = re.compile(rf"(?<![\d〔\[])({_YEAR_DIGITS})(?![\d〕\]年])")
_TITLE = re.compile(r".{0,50}?(?:信息|政务)公开.{0,24}?(?:报告|年报|总结)(?:书|表)?(?:[(（].{0,20}[)）]|\d{4}年?度?)?")
_NO_TITLE = re.compile(
    r"[。；，,：:>＞»›?？!！]|现将|如下|首页|本报告|根据|按照|指南|目录|制度|申请表|填报|附件|[上下]一[篇条]|统计表"
)
_SECTION = re.compile(r"[一1]\s*[、.．，,]\s*(?:总体|概述|概况|基本|工作|主动公开|20|政府信息|信息公开)|[(（]一[)）]")
_AGENCY = re.compile(
    r"[\u4e00-\u9fff（）()·]{2,40}?(?:局|委员会|委|厅|政府|办公室|办公厅|办事处|办|处|室|院|总队|支队|大队|队|中心|镇|乡|街道|公司|站|所|署|部"
    r"|园区|开发区|示范区|新区|管委会|联社|供销社|馆|学校|中学|小学|学院|大学|集团|银行|分行|支行|组|台|协会|联合会|总工会|团委|社|行|会)"
)
_PERIOD = re.compile(
    rf"(?:自|从|为|是|期限|时间)?\s*({_YEAR_DIGITS})\s*年\s*1\s*月\s*1\s*日\s*(?:起)?\s*[,，]?\s*(?:至|到|-|—|－|~|～|——)\s*"
    rf"(?:止?({_YEAR_DIGITS}|同|当)\s*年)?\s*12\s*月\s*31\s*日"
)
_UNTIL = re.compile(rf"(?:截至|截止|截止到|截至到|至)\s*({_YEAR_DIGITS})\s*年\s*12\s*月\s*(?:31\s*日|底)")
_WRITTEN_BY = re.compile(
    r"本(?:年度|年)?(?:报告|年报)(?:系|是)?由([\u4e00-\u9fff（）()]{3,40}?)(?:根据|按照|依据|编制)"
)
_PLACE = re.compile(r".{1,20}(?:省|市|区|县|旗|州|盟)")
_SITE_MARKS = re.compile(r"\s*[-_|—–>»]+\s*")


@dataclass(frozen=True, slots=True)
class _Line:
    """A folded line: `text` with its blanks, `squeezed` without."""

    text: str
    squeezed: str
    heading: int


def find_metadata(document: Document) -> Metadata:
    """What the document prints of itself, and where it prints nothing what its markup says; never a guess."""
    head, foot = _read_head(document), _read_foot(document)
    card = read_card(line.text for line in head)
    title = find_title(head) or _find_marked_title(document, card)
    published = card.get("published") or check_value("published", document.metadata.get("published", ""))
    return Metadata(
        title=title,
        organization=_find_organization(title, card, head, foot, document),
        year=_find_year(title, document),
        index_number=card.get("index_number"),
        document_number=card.get("document_number") or _find_first(find_document_number(line.text) for line in head),
        published=published or _find_signed_date(foot),
    )


def _read_head(document: Document) -> list[_Line]:
    """Lines and rows of tables above the first section, at most `HEAD_LINES`, folded in one go."""
    texts: list[tuple[str, int]] = []
    for block in document.blocks:
        if isinstance(block, Table):
            texts += [(row, 0) for row in _read_rows(block, HEAD_LINES)]
        elif block.text and not block.text.isspace():
            if _SECTION.match(block.text.lstrip(" \t\u3000*")) and texts:
                break
            texts.append((block.text, block.heading))
        if len(texts) >= HEAD_LINES:
            break
    return _fold_lines(texts[:HEAD_LINES])


def _read_rows(table: Table, limit: int) -> list[str]:
    rows: dict[int, list[str]] = {}
    for cell in table.cells:
        if cell.row >= limit:
            break
        rows.setdefault(cell.row, []).append(cell.text.replace("\n", ""))
    return ["|".join(row) for row in rows.values()]


def _read_foot(document: Document) -> list[_Line]:
    """The last lines, without rows of tables."""
    texts: list[tuple[str, int]] = []
    for block in reversed(document.blocks):
        if isinstance(block, TextLine) and block.text.strip() and not ("\t" in block.text or "|" in block.text):
            texts.append((block.text[-HEAD_CHARACTERS:], 0))
            if len(texts) == FOOT_LINES:
                break
    return _fold_lines(texts[::-1])


def _fold_lines(texts: Sequence[tuple[str, int]]) -> list[_Line]:
    joined = "\n".join(text[:HEAD_CHARACTERS].replace("\n", " ") for text, _ in texts)
    folded = unicodedata.normalize("NFKC", fold_script(joined)).replace("\u200b", "").split("\n")
    return [
        _Line(text.strip(" *#"), "".join(text.split()).strip("*#"), heading)
        for text, (_, heading) in zip(folded, texts, strict=True)
    ]


def find_title(lines: Sequence[_Line]) -> str | None:
    """The report's title among lines, joined where it is broken; of several that nearest to the report."""
    best, best_score = None, (0, 0, 0)
    start = 0
    while start < len(lines):
        title, used = _join_title(lines, start)
        if title is None:
            start += 1
            continue
        score = (lines[start].heading > 0, _YEAR.search(title) is not None, start + 1)
        if score >= best_score:
            best, best_score = title, score
        start += used
    return best


def _join_title(lines: Sequence[_Line], start: int) -> tuple[str | None, int]:
    """The title that begins with a line, and the number of its lines."""
    joined = ""
    for used, line in enumerate(lines[start : start + TITLE_LINES], 1):
        if _NO_TITLE.search(line.squeezed) or "|" in line.text or (used > 1 and line.squeezed == lines[start].squeezed):
            break
        joined += line.squeezed
        if len(joined) > TITLE_CHARACTERS:
            break
        if _TITLE.fullmatch(joined) and (used == 1 or _begins_title(lines[start].squeezed)):
            following = lines[start + used].squeezed if start + used < len(lines) else ""
            if re.fullmatch(rf"[(（]?{_YEAR_DIGITS}年?度?[)）]?", following):
                return joined + following, used + 1
            return joined, used
    return None, 0


def _begins_title(text: str) -> bool:
    """Whether a line without the words of a title can be its first: an agency, a year, or the words broken off."""
    return (
        _AGENCY.fullmatch(text) is not None
        or _PLACE.fullmatch(text) is not None
        or _YEAR.search(text) is not None
        or re.search(r"政府$|政府信息|信息公开|关于", text) is not None
    )


def _find_marked_title(document: Document, card: dict[str, str]) -> str | None:
    """A title out of the card or the markup, without what a site adds to it."""
    marked = [card.get("title", "")]
    for key in ("title", "page_title"):
        text = unicodedata.normalize("NFKC", fold_script(document.metadata.get(key, "")))
        marked += [text, *_SITE_MARKS.split(text)]
    for text in marked:
        squeezed = "".join(text.split())
        if _TITLE.fullmatch(squeezed) and not _NO_TITLE.search(squeezed) and not re.search(r"[-_|—–]", squeezed):
            return squeezed
    return None


def _find_year(title: str | None, document: Document) -> int | None:
    """The year that is reported on: of the title, of the period, or the one that the sentences speak of."""
    for pattern in (_YEAR, _BARE_YEAR):
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
    prose = "\n".join(line[:2000] for line in lines if len(line) > 8 and "\t" not in line and "|" not in line)
    return unicodedata.normalize("NFKC", fold_script(prose[:BODY_CHARACTERS]))


def _count_years(body: str) -> int | None:
    """The year that most sentences speak of, `None` where two are named as often."""
    years = Counter(year for match in _YEAR.finditer(body) if (year := _read_year(match[1])))
    ranked = years.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def _read_year(text: str) -> int | None:
    year = int(text) if text.isdigit() and text.isascii() else read_chinese_year(text)
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


def _find_organization(
    title: str | None, card: dict[str, str], head: Sequence[_Line], foot: Sequence[_Line], document: Document
) -> str | None:
    """The agency of the title; the card's where that is fuller, or the title names none; then signature and markup."""
    titled = _read_title_organization(title) if title else None
    marked = unicodedata.normalize("NFKC", fold_script(document.metadata.get("organization", "")))
    others = [card.get("organization"), _find_signature(foot), marked if _AGENCY.fullmatch(marked) else None]
    if titled:
        whole = _AGENCY.fullmatch(titled)
        fuller = (
            other for other in others if other and (other.endswith(titled) or (not whole and other.startswith(titled)))
        )
        return next(fuller, titled)
    return _find_first(others) or _find_author(document)


def _read_title_organization(title: str) -> str | None:
    """The agency in a title: `2023年惠济区人民政府办公室政府信息公开工作年度报告` is of 惠济区人民政府办公室."""
    text = re.sub(rf"[(（]?{_YEAR_DIGITS}(?:年度?|度)?[)）]?", "", title)
    text = re.split(r"(?:关于|的)*(?:政府信息|政务|信息)公开", text, maxsplit=1)[0]
    text = re.sub(r"^(?:关于|年度)|(?:关于|年度|的|本年度?|我局)$", "", text)
    if text.endswith("人民") and "人民政府信息公开" in title:
        text += "政府"  # 人民政府信息公开: one 政府 for two
    elif _PLACE.fullmatch(text) and f"{text}政府信息公开" in title:
        return text
    return text if 2 <= len(text) <= 40 and re.search(r"[\u4e00-\u9fff]{2}", text) else None


def _find_signature(foot: Sequence[_Line]) -> str | None:
    """The agency on the line above a date, or before it, at the foot."""
    for index in range(len(foot) - 1, -1, -1):
        if not _is_date(foot[index].squeezed):
            continue
        before = re.split(r"(?:\d{4}|[〇○零一二三四五六七八九]{4})年", foot[index].squeezed)[0]
        above = foot[index - 1].squeezed if index else ""
        for candidate in (before, above):
            if _AGENCY.fullmatch(candidate):
                return candidate
    return None


def _find_signed_date(foot: Sequence[_Line]) -> str | None:
    dates = (read_date(line.text) for line in reversed(foot) if _is_date(line.squeezed))
    return _find_first(dates)


def _is_date(text: str) -> bool:
    """Whether a line is a date, behind an agency or alone."""
    return (
        len(text) <= 50
        and re.fullmatch(
            r"[\u4e00-\u9fff（）()]{0,40}?(?:\d{4}|[〇○零一二三四五六七八九]{4})年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日",
            text,
        )
        is not None
    )


def _find_author(document: Document) -> str | None:
    """The agency that the report says it was written by."""
    match = _WRITTEN_BY.search(_read_body(document))
    return match[1] if match and _AGENCY.fullmatch(match[1]) else None


def _find_first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
