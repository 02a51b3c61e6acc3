"""What can be seen of a printed line: its folded head, its numbering, and where it stands in the document."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from operator import attrgetter

from extraction.script import fold_script
from models.document import Document, TextLine
from models.quick import quicken
from models.width import fold_width

STRIPPED = " \t\r\n\u3000\xa0\ufeff\u200b|"  # from both ends of a line
HEAD_CHARACTERS = 40  # the longest heading of the 2021 form has 20; with a numeral, additions and a run-in beginning
HEAD_OF_LONG = 24  # of a line too long to be a heading, only the beginning can be one
RAW_CHARACTERS = 3 * HEAD_CHARACTERS  # blanks and pinyin stand between the characters of a head
MAX_CACHED = 20_000  # lines; one takes about 0.3 KB
SHORTEST_LEAD = 4  # characters before a blank
PLACES = 10  # tenths of the document
SHORTEST_TITLE, LONGEST_TITLE = 8, 60  # characters of a title on one line
FIRST_LINES = 4  # lines whose number is told, since titles stand there
ERA_LINES = 60  # a title stands behind navigation and an index card, if at all
FIRST_ORDINALS = frozenset(["一", "1", "I"])
FIRST_NEW_YEAR = 2019  # from this year on the six sections are fixed by 国办公开办函〔2019〕60号

_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad|*]+")
_MARKS = "#>·•●■◆▪※★"
_NUMERAL = "一二三四五六七八九十"
_NUMBERINGS = (
    ("part", re.compile(rf"^第([{_NUMERAL}\d]{{1,3}})(?:部分|章|节)[、.,:]?")),
    ("first", re.compile(rf"^第([{_NUMERAL}]{{1,3}})[、,]")),
    ("decimal", re.compile(r"^(\d{1,2}\.\d{1,2})[、.,]?(?=[\u4e00-\u9fff])")),
    ("chinese", re.compile(rf"^([{_NUMERAL}]{{1,3}})[、.,:;·。]")),
    ("bracket", re.compile(rf"^[(\[〔]([{_NUMERAL}]{{1,3}})[)\]〕][、.,:]?")),
    ("arabic", re.compile(r"^(\d{1,2})[、.,:](?:(?!\d)|(?=20\d\d年))")),
    ("arabic-bracket", re.compile(r"^\(?(\d{1,2})\)[、.,]?")),
    ("roman", re.compile(r"^([IVX]{1,4})[、.,]")),
    ("half-bracket", re.compile(rf"^([{_NUMERAL}]{{1,3}})\)")),
    ("lost", re.compile(r"^()[、.,:]")),
    ("bare", re.compile(rf"^(?!一[是方定些个年])([{_NUMERAL}])(?=[\u4e00-\u9fff]{{3}})")),
)
_NUMBERED = re.compile(rf"[第(\[〔IVX、.,:\d{_NUMERAL}]")  # what any of them begins with
_LINE_END = " \t\r\n\u3000|*"
_GAP = re.compile(r"[ \t\u3000\xa0]+")
_YEAR = re.compile(r"(20[0-4]\d|二[〇○零Oo0][〇○零Oo0一二][〇○零Oo0一二三四五六七八九])(?:年|政府信息)")
# Titles: of an annual report on disclosure, and of a document of another kind.
_REPORT_TITLE = re.compile(r"(?:信息公开|政务公开|公开工作).{0,10}(?:报告|年报|总结)")
_OTHER_TITLE = re.compile(
    r"(?:报告|年报|总结|指南|流程|通知|方案|办法|要点|预算|决算|公开|说明|数据|目录|清单|汇总|纪要|统计|分析|报表|通报|情况)"
    r"(?:\(.{1,12}\))?$|培训|召开|会议"
)
_NO_TITLE = re.compile(r"[:>》«»/。，；]|上一|下一|首页|通知|培训|指南|附件")
_TRAIL = re.compile(r"[:>«»/。，；,;]|首页")
_PREFACE = re.compile(
    r"本(?:年度?)?(?:年报|报告)(?!.{0,6}通知)|编制了.{0,30}(?:年度报告|年报)|现(?:将|就|向).{0,40}(?:年度报告|工作情况)"
    r"|公开条例》.{0,40}(?:编制|编写).{0,30}报告"
)
_CHINESE_DIGITS = str.maketrans("〇○零Oo一二三四五六七八九", "00000123456789")


@quicken
@dataclass(frozen=True, slots=True)
class LineView:
    """What the classifier sees of a line: its text, and where it stands among the lines and tables.

    `before` and `after` are the kinds of its neighbours (`find_kind`, or `table`, or `none` at the ends); `gap`
    whether an empty line stands before it; `place` its tenth of the document; `era` that of the report (old, new,
    unknown); `chief` the style of numbering that the report begins with; `topic` what its title promises (report,
    other, unknown); `run` whether the line's number goes on with the count of the chief style (next, off, none).
    """

    text: str
    heading: int = 0
    order: int = FIRST_LINES
    place: int = 0
    before: str = "none"
    after: str = "none"
    gap: bool = False
    era: str = "unknown"
    chief: str = "none"
    topic: str = "unknown"
    run: str = "none"


# Where a line stands: all that is seen of it but its text.
find_context: Callable[[LineView], tuple[object, ...]] = attrgetter(
    *(entry.name for entry in fields(LineView) if entry.name != "text")
)


@quicken
@dataclass(frozen=True, slots=True)
class FoldedLine:
    """A line folded for comparison: `core` is its head without the numbering, `length` that of the whole line.

    `lead` is the part of `core` before a blank, `end` the last character.
    """

    head: str = field(compare=False)
    core: str
    lead: str
    numbering: str
    ordinal: str
    length: int
    end: str


def fold_head(text: str) -> str:
    """Fold width and script of a line's head and strip blanks, pipes and markup marks.

    >>> fold_head("## 三、 收到和處(chù)理 政府信息公開申請情況 |")
    '三、收到和处理政府信息公开申请情况'
    """
    folded = fold_script(text[:RAW_CHARACTERS].replace("－", "-"))
    return _BLANKS.sub("", fold_width(folded)).lstrip(_MARKS)


def split_numbering(head: str) -> tuple[str, str, int]:
    """Style, ordinal and length of the numbering of a folded head; ("none", "", 0) where there is none.

    >>> split_numbering("(三)政府信息管理")
    ('bracket', '三', 3)
    """
    if not _NUMBERED.match(head):
        return "none", "", 0
    for style, pattern in _NUMBERINGS:
        if match := pattern.match(head):
            return style, match[1], match.end()
    return "none", "", 0


def fold_line(text: str) -> FoldedLine:
    """Fold a line into what its features are made of."""
    if len(text) <= RAW_CHARACTERS:
        return _fold_cached(text, 0, "")
    return _fold_cached(text[:RAW_CHARACTERS], len(text), text.rstrip(_LINE_END)[-1:])


@functools.lru_cache(maxsize=MAX_CACHED)
def _fold_cached(text: str, length: int, end: str) -> FoldedLine:
    """Fold a line; `length` and `end` are those of a long one, of which `text` is only the beginning."""
    head = fold_head(text)
    style, ordinal, start = split_numbering(head)
    length = length or len(head)
    keep = HEAD_CHARACTERS if length <= HEAD_CHARACTERS + start else HEAD_OF_LONG
    core = head[start : start + keep]
    parts = [part for part in _GAP.split(text.strip()) if len(part) >= SHORTEST_LEAD]
    lead = fold_head(parts[0]).removeprefix(head[:start])[:keep] if len(parts) > 1 else core
    return FoldedLine(head, core, lead, style, ordinal, length - start, end or text.rstrip(_LINE_END)[-1:])


def find_kind(line: FoldedLine) -> str:
    """The kind of a line as its neighbours see it: long, chapter, numbered or short."""
    if line.length > HEAD_CHARACTERS or line.end in "。；;":
        return "long"
    if line.numbering == "none":
        return "short"
    return "chapter" if line.numbering in ("part", "chinese") else "numbered"


def find_era(lines: Iterable[FoldedLine]) -> str:
    """Whether a report speaks of a year before 2019 (old), of a later one (new), or of none (unknown)."""
    first = None
    for head in (line.head for line in lines):
        if match := _YEAR.search(head):
            year = int(match[1].translate(_CHINESE_DIGITS))
            if "报告" in head or "年报" in head:
                return _name_era(year)
            first = first or year
    return _name_era(first) if first else "unknown"


def _name_era(year: int) -> str:
    return "new" if year >= FIRST_NEW_YEAR else "old"


def find_topic(lines: Iterable[FoldedLine]) -> str:
    """Whether what stands above the first numbered line is of a report on disclosure, another text, or unknown."""
    topic, last = "unknown", ""
    for line in lines:
        if line.ordinal in FIRST_ORDINALS:
            break
        head = line.head
        if _PREFACE.search(head):
            return "report"
        if line.length > LONGEST_TITLE or line.numbering != "none":
            last = ""
            continue
        if any(_REPORT_TITLE.search(title) and not _NO_TITLE.search(title) for title in (head, last + head)):
            return "report"
        if line.length >= SHORTEST_TITLE and _OTHER_TITLE.search(head) and not _TRAIL.search(head):
            topic = "other"
        last = head
    return topic


def find_chief(lines: Iterable[FoldedLine]) -> str:
    """The style of numbering of the first line that is numbered as a first one, "none" where there is none."""
    for line in lines:
        if line.ordinal in FIRST_ORDINALS:
            return line.numbering
    return "none"


def find_runs(lines: Iterable[FoldedLine], chief: str) -> list[str]:
    """Of each line, whether its number goes on with the count of the chief style: next, off, or none."""
    runs, last = [], 0
    for line in lines:
        value = _read_ordinal(line.ordinal) if line.numbering == chief else 0
        if not value:
            runs.append("none")
            continue
        runs.append("next" if value == last + 1 else "off")
        last = value if value > last else last
    return runs


def _read_ordinal(ordinal: str) -> int:
    """A numeral up to 19 as a number, 0 where it is none."""
    if ordinal.isdigit():
        return int(ordinal)
    if ordinal.startswith("十"):
        return 10 + _read_ordinal(ordinal[1:])
    return _NUMERAL.index(ordinal) + 1 if len(ordinal) == 1 and ordinal in _NUMERAL else 0


def view_lines(document: Document, table_blocks: frozenset[int]) -> tuple[tuple[int, LineView], ...]:
    """Every printed line that is no table line, as (index in `document.blocks`, view)."""
    lines: list[tuple[int, TextLine, bool]] = []
    folded: list[FoldedLine] = []
    kinds: list[str] = []  # of lines and of runs of table lines, in order
    ranks: list[int] = []  # the index of each line in `kinds`
    gap = False
    for index, block in enumerate(document.blocks):
        if index in table_blocks or not isinstance(block, TextLine):
            if not kinds or kinds[-1] != "table":
                kinds.append("table")
        elif (line := fold_line(block.text)).head:
            ranks.append(len(kinds))
            kinds.append(find_kind(line))
            lines.append((index, block, gap))
            folded.append(line)
            gap = False
            continue
        gap = True
    era = find_era(folded[:ERA_LINES])
    title = document.metadata.get("title", "")
    topic = find_topic([*([fold_line(title)] if title else []), *folded[:ERA_LINES]])
    chief = find_chief(folded)
    runs = find_runs(folded, chief)
    kinds = ["none", *kinds, "none"]
    return tuple(
        (
            index,
            LineView(
                text=line.text,
                heading=line.heading,
                order=min(number, FIRST_LINES),
                place=PLACES * number // len(lines),
                before=kinds[rank],
                after=kinds[rank + 2],
                gap=gap,
                era=era,
                chief=chief,
                topic=topic,
                run=runs[number],
            ),
        )
        for number, ((index, line, gap), rank) in enumerate(zip(lines, ranks, strict=True))
    )
