"""The title of a report: printed, on the card or in the markup, never that of the site or of another report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extraction.agencies import is_agency, is_place, read_opening_agency
from extraction.index_card import is_card_line
from extraction.script import fold_script
from models.quick import quicken
from models.width import fold_width

MAX_CHARACTERS = 80
MAX_LINES = 4  # a title may be broken into so many, dates and sources printed between not counted
MAX_BETWEEN = 3

YEAR_DIGITS = r"(?:20\d\d|二[〇○零ＯO][〇○零ＯO一二三四五六七八九]{2})"
YEAR = re.compile(rf"(?<!\d)({YEAR_DIGITS})\s*(?:年度?|度)(?!\s*[\d一二三四五六七八九十]{{1,2}}\s*月)")
TITLE = re.compile(r".{0,50}?(?:信息|政务)公开.{0,24}?(?:报告|年报|总结)(?:书|表)?(?:[(（].{0,20}[)）]|\d{4}年?度?)?")
_NO_TITLE = re.compile(
    r"[。；，,：:>＞»›?？!！]|现将|如下|首页|本报告|根据|按照|指南|目录|制度|申请表|填报|附件|[上下]一[篇条]|统计表|^(?:面向)?全社会|^面向|^返回"
)
_DATE = re.compile(r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\d{1,2}:\d{2}(?::\d{2})?)?)?")
_YEAR_BELOW = re.compile(rf"[(（]?{YEAR_DIGITS}年?度?[)）]?")
_BROKEN_OFF = re.compile(r"政府$|政府信息|信息公开|关于")
_OTHER_TITLE = re.compile(
    r"[^。；，：:>＞»|]{4,60}"
    r"(?:办法|说明|通知|计划|统计|统计表|年报|报表|纪要|指南|总结|方案|意见|公告|制度|规定|情况|简报|要点|决定|批复|报告)"
)
_NAME_LABEL = re.compile(r"^(?:[【\[](?:信息名称|文件名称|名称|标题)[】\]]|(?:信息名称|文件名称|名称|标题)(?=\S))")
_SITE_MARKS = re.compile(r"\s*[-_|—–>»]+\s*")


@quicken
@dataclass(frozen=True, slots=True)
class FoldedLine:
    """A line folded to simplified script and half width: `text` with its blanks, `squeezed` without."""

    text: str
    squeezed: str
    heading: int


def find_title(lines: Sequence[FoldedLine], *, to_section: bool) -> str | None:
    """The report's title among lines, joined where it is broken and given once.

    Of several, one that names its agency and its year; then the last, where the lines end at the first section
    (`to_section`), else the first: sites list other years' reports around this one.
    """
    best, best_score = None, (False, False, False, 0)
    start = 0
    while start < len(lines):
        title, used = _join_title(lines, start)
        if title is not None:
            named = read_opening_agency(title) is not None
            place = start if to_section else -start
            score = (lines[start].heading > 0, named, YEAR.search(title) is not None, place)
            if best is None or score >= best_score:
                best, best_score = title, score
        start += used
    return best


def _join_title(lines: Sequence[FoldedLine], start: int) -> tuple[str | None, int]:
    """The title that begins with a line and the number of its lines, or none and one."""
    joined = ""
    between = 0
    for used, line in enumerate(lines[start : start + MAX_LINES + MAX_BETWEEN], 1):
        if is_card_line(line.squeezed) or _DATE.fullmatch(line.squeezed):
            between += 1
            if not joined or between > MAX_BETWEEN:
                break
            continue
        if used - between > MAX_LINES:
            break
        if _NO_TITLE.search(line.squeezed) or "|" in line.text or (used > 1 and line.squeezed == lines[start].squeezed):
            break
        if joined and TITLE.fullmatch(line.squeezed) and joined in line.squeezed:
            break  # the agency stands above its title, which names it
        joined += _NAME_LABEL.sub("", line.squeezed)
        if len(joined) > MAX_CHARACTERS:
            break
        if TITLE.fullmatch(joined) and (used == 1 or _begins_title(lines[start].squeezed)):
            following = lines[start + used].squeezed if start + used < len(lines) else ""
            if _YEAR_BELOW.fullmatch(following):
                return joined + following, used + 1
            return joined, used
    return None, 1


def _begins_title(text: str) -> bool:
    """Whether a line without the words of a title can be its first: an agency, a year, or the words broken off."""
    return is_agency(text) or is_place(text) or YEAR.search(text) is not None or _BROKEN_OFF.search(text) is not None


def find_marked_title(card: Mapping[str, str], markup: Mapping[str, str]) -> str | None:
    """A report's title out of the card or the markup, without what a site adds to it."""
    marked = [card.get("title", "")]
    for key in ("title", "page_title"):
        text = fold_width(fold_script(markup.get(key, "")))
        marked += [text, *_SITE_MARKS.split(text)]
    for text in marked:
        squeezed = "".join(text.split())
        if TITLE.fullmatch(squeezed) and not _NO_TITLE.search(squeezed) and not _SITE_MARKS.search(squeezed):
            return squeezed
    return None


def find_other_title(lines: Sequence[FoldedLine]) -> str | None:
    """The title of a document that is no report: a first line that begins with an agency, or is a heading."""
    for line in lines:
        if (
            "首页" not in line.squeezed
            and _OTHER_TITLE.fullmatch(line.squeezed)
            and (line.heading == 1 or read_opening_agency(line.squeezed))
        ):
            return line.squeezed
    return None
