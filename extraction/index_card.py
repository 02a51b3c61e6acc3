"""The index card above a report (索引号, 发布机构, 生成日期, 文号 …): its labels and their values, in any layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

# What a card prints, by our names; in each the better label first.
LABELS: Mapping[str, tuple[str, ...]] = {
    "title": ("信息名称", "文件名称", "名称", "标题"),
    "index_number": ("信息索引号", "索引号", "索引编号", "索取号"),
    "organization": (
        *(
            "发布机构",
            "信息公开机构",
            "发文机关",
            "发文机构",
            "发布单位",
            "发文单位",
            "公开机构",
            "公开主体",
            "制发机关",
            "制发单位",
        ),
        *("编制单位", "公开责任部门", "责任部门", "责任单位", "发布部门", "成文单位", "所属机构"),
        *("信息来源", "文章来源", "稿件来源", "来源"),
    ),
    "document_number": ("发文字号", "文号", "发文文号", "文件编号", "文件字号", "发布文号"),
    "published": (
        *(
            "发布日期",
            "发布时间",
            "公开日期",
            "公开时间",
            "信息发布日期",
            "信息生成日期",
            "生成日期",
            "生成时间",
            "发文日期",
            "发文时间",
        ),
        *("印发日期", "成文日期", "成文时间", "制发日期", "制作日期", "日期", "时间"),
    ),
}
OTHER_LABELS = (
    *(
        "主题分类",
        "体裁分类",
        "组配分类",
        "信息分类",
        "信息类别",
        "所属主题",
        "分类",
        "有效性",
        "公开范围",
        "公开方式",
        "公开对象",
    ),
    *(
        "公开形式",
        "公开程序",
        "公开时限",
        "公开类别",
        "公开属性",
        "关键词",
        "主题词",
        "内容概述",
        "信息状态",
        "失效日期",
    ),
    *("废止日期", "失效时间", "生效日期", "载体类型", "服务对象", "责任编辑", "编辑", "作者", "浏览次数", "点击数"),
    *("点击量", "阅读次数", "访问次数", "字体", "字号", "语种", "记录形式", "审核", "保密审查", "备注", "咨询电话"),
    *("联系电话", "统一编号", "统一登记号", "栏目"),
)
_ALL = sorted((*(label for labels in LABELS.values() for label in labels), *OTHER_LABELS), key=len, reverse=True)
_SPACED = "|".join(r"[ \u3000]*".join(label) for label in _ALL)
_LABEL = re.compile(rf"[\s【\[·•*]*({_SPACED})[ \u3000]*(?:[】\]]*[ \u3000]*[:：]+|[】\]]+|$)")
# Labels that nothing but a card begins with, colon or not.
_SURE = "|".join(label for label in _ALL if len(label) >= 3)
_CARD_LINE = re.compile(rf"[【\[·]*(?:{_SURE})(?![一-龥]*(?:报告|年报))")
# One blank is enough between a value and the next label where a colon follows it.
_INNER = re.compile(rf"(?<=[\s\u3000;；】\]])[【\[]?(?=(?:{_SPACED})[ \u3000】\]]*[:：])")
_CELLS = re.compile(r"[\n|\t｜]| {3,}")
_NAMES = {label: (name, rank) for name, labels in LABELS.items() for rank, label in enumerate(labels)}

_DATE = re.compile(
    r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)\s*日?|(?<!\d)(20\d\d)([01]\d)([0-3]\d)(?!\d)"
)
_CHINESE_DATE = re.compile(
    r"([〇○零Ｏ一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日"
)
CHINESE_DIGITS = {char: digit for digit, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "Ｏ": 0, "O": 0}
EARLIEST = 2000
_INDEX_NUMBER = re.compile(r"[\w./\-—_()（）〔〕\[\]:：]*\d[\w./\-—_()（）〔〕\[\]:：]*")
_DOCUMENT_NUMBER = re.compile(
    r"[\w（）()]{1,20}?\s*[〔\[［【（(﹝]\s*\d{4}\s*[〕\]］】）)﹞]\s*(?:第\s*)?\d{1,5}\s*号|[\w（）()]{1,20}?字?\d{4}年?第?\d{1,5}号"
)


def read_card(texts: Iterable[str]) -> dict[str, str]:
    """The values of a card out of its lines or rows (cells parted by `|`), checked by what each should look like.

    The strings must be folded (script, width). Dates become ISO 8601; one that lost characters is left out.
    """
    cells = [cell.strip() for text in texts for cell in _split_cells(text)]
    found: dict[str, tuple[int, str]] = {}
    for index, cell in enumerate(cells):
        match = _LABEL.match(cell)
        name, rank = _NAMES.get(re.sub(r"\s", "", match[1]), ("", 0)) if match else ("", 0)
        if not match or not name:
            continue
        value = cell[match.end() :].strip() or _read_next(cells, index + 1)
        checked = check_value(name, value)
        if checked and (name not in found or rank < found[name][0]):
            found[name] = (rank, checked)
    return {name: value for name, (_, value) in found.items()}


def _split_cells(text: str) -> list[str]:
    return _CELLS.split(_INNER.sub("\n", text.strip().rstrip("|").rstrip()))


def _read_next(cells: list[str], index: int) -> str:
    """The cell behind a label, unless it is a label itself: then the value is empty."""
    if index >= len(cells) or _LABEL.match(cells[index]):
        return ""
    return cells[index]


def is_card_line(text: str) -> bool:
    """Whether a line without blanks begins with a label of a card."""
    return _CARD_LINE.match(text) is not None


def check_value(name: str, value: str) -> str | None:
    """A value as it should look under our name for its label; `None` where it is none."""
    value = value.strip(" :：|")
    if name == "published":
        return read_date(value)
    if name == "index_number":
        return value if _INDEX_NUMBER.fullmatch(value) else None
    if name == "document_number":
        match = _DOCUMENT_NUMBER.search(value)
        return re.sub(r"\s", "", match[0]) if match else None
    return value if 2 <= len(value) <= 80 and not re.search(r"[。；]", value) else None


def read_date(text: str) -> str | None:
    """The first date of a string, ISO 8601; `None` for one that is not whole (`202311日`) or not on the calendar.

    >>> read_date("二〇二四年一月十七日"), read_date("2024/1/17 10:30"), read_date("202311日")
    ('2024-01-17', '2024-01-17', None)
    """
    if match := _DATE.search(text):
        year, month, day = (int(part) for part in match.groups() if part)
    elif match := _CHINESE_DATE.search(text):
        year, month, day = read_chinese_year(match[1]), _read_small(match[2]), _read_small(match[3])
    else:
        return None
    try:
        return date(year, month, day).isoformat() if year >= EARLIEST else None
    except ValueError:  # not on the calendar
        return None


def read_chinese_year(text: str) -> int:
    """Four Chinese digits as a number."""
    return int("".join(str(CHINESE_DIGITS[char]) for char in text))


def _read_small(text: str) -> int:
    """A Chinese numeral up to 99."""
    tens, ten, ones = text.rpartition("十")
    return (CHINESE_DIGITS.get(tens, 1) * 10 if ten else 0) + CHINESE_DIGITS.get(ones, 0)


def find_document_number(text: str) -> str | None:
    """A document number that stands alone on a line."""
    match = _DOCUMENT_NUMBER.fullmatch(text.strip())
    return re.sub(r"\s", "", match[0]) if match else None
