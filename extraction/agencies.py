"""Names of agencies: in titles, on cards, in signatures."""

from __future__ import annotations

import re
from collections.abc import Sequence

# What the names of agencies, and of the enterprises and schools that report as well, end with.
_ENDINGS = (
    "局|委员会|委|厅|政府|办公室|办公厅|办事处|办|处|室|院|总队|支队|大队|队|中心|镇|乡|街道|公司|站|所|署|部|园区|开发区|示范区"
    "|新区|保税区|管委会|联社|供销社|馆|学校|中学|小学|学院|大学|集团|银行|分行|支行|组|台|协会|联合会|总工会|团委|社|行|会"
)
_AGENCY = re.compile(rf"[\u4e00-\u9fff（）()]{{2,40}}?(?:{_ENDINGS})")
_OPENING = re.compile(
    rf"([\u4e00-\u9fff（）()]{{2,40}}?(?:{_ENDINGS}))(?=关于|\d{{4}}年|二[〇○零]..年|政务公开|政府信息|信息公开|部门|政府网站|法治政府)"
)
_PLACE = re.compile(r"[\u4e00-\u9fff]{1,20}(?:省|市|区|县|旗|州|盟)")
_YEAR = re.compile(r"[(（]?(?:20\d\d|二[〇○零Ｏ][〇○零Ｏ一二三四五六七八九]{2})(?:年度?|度)?[)）]?")
_DISCLOSURE = re.compile(r"(?:关于|的)*(?:政府信息|政务|信息)公开")
_DATE = re.compile(
    r"[\u4e00-\u9fff（）()]{0,40}?(?:\d{4}|[〇○零一二三四五六七八九]{4})年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日"
)
_DATE_YEAR = re.compile(r"(?:\d{4}|[〇○零一二三四五六七八九]{4})年")
_NO_SIGNATURE = re.compile(r"情况|问题|工作|公开|信息|网站|举报|报告|加强|下一步|返回|扫一扫|^中国政府|^政府")
MIN_NAME = 3  # characters of a name that may be printed twice
MIN_SIGNATURE = 4  # characters of an agency that stands alone, without a date below it
MAX_SIGNATURE = 30


def is_agency(text: str) -> bool:
    """Whether a string could be the whole name of an agency."""
    return _AGENCY.fullmatch(text) is not None


def is_place(text: str) -> bool:
    """Whether a string could be the name of a place: of a title, only its government is meant."""
    return _PLACE.fullmatch(text) is not None


def read_agency(text: str | None) -> str | None:
    """The agency a string begins with, up to a blank or a mark; `None` where there is none."""
    first = re.split(r"[\s【\[|;；,，:：]", text.strip("· "), maxsplit=1)[0] if text else ""
    return first if is_agency(first) else None


def read_opening_agency(title: str) -> str | None:
    """The agency that the title of another document begins with."""
    match = _OPENING.match(_YEAR.sub("", title, count=1) if _YEAR.match(title) else title)
    return match[1] if match else None


def read_title_agency(title: str) -> str | None:
    """The agency in the title of a report.

    >>> read_title_agency("2023年惠济区人民政府办公室政府信息公开工作年度报告")
    '惠济区人民政府办公室'
    """
    text = _DISCLOSURE.split(_YEAR.sub("\n", title), maxsplit=1)[0].replace("\n", "")
    text = re.sub(r"^(?:关于|年度)|(?:关于|年度|的|本年度?|我局)$", "", text).strip("·-—_ ")
    if text.endswith("人民") and "人民政府信息公开" in title:
        text += "政府"  # 人民政府信息公开: one 政府 for two
    text = _drop_repeat(text)
    return text if 2 <= len(text) <= 40 and re.search(r"[\u4e00-\u9fff]{2}", text) else None


def _drop_repeat(text: str) -> str:
    """A name that is printed twice, once; the fuller one where one is the end of the other (`教育局云岭县教育局`)."""
    for place in range(MIN_NAME, len(text) - MIN_NAME + 1):
        first, second = text[:place], text[place:]
        if is_agency(first) and (first.endswith(second) or second.endswith(first)):
            return max(first, second, key=len)
    return text


def find_signature(foot: Sequence[str]) -> str | None:
    """The agency above or before a date at the foot, else one that stands alone there; lines without blanks."""
    for index in range(len(foot) - 1, -1, -1):
        if is_dated(foot[index]):
            before = _DATE_YEAR.split(foot[index])[0]
            above = foot[index - 1] if index else ""
            for candidate in (before, above):
                if is_agency(candidate):
                    return candidate
    return next((line for line in reversed(foot) if _is_signature(line)), None)


def _is_signature(line: str) -> bool:
    return MIN_SIGNATURE <= len(line) <= MAX_SIGNATURE and is_agency(line) and not _NO_SIGNATURE.search(line)


def find_head_agency(head: Sequence[str], prose: str) -> str | None:
    """An agency that stands alone above the report and is named in its prose too; the site's own name may not be."""
    return next((line for line in head if _is_signature(line) and line in prose), None)


def is_dated(text: str) -> bool:
    """Whether a line is a date, behind an agency or alone."""
    return len(text) <= 50 and _DATE.fullmatch(text) is not None
