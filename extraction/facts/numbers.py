"""Counted numbers in folded text, by rule: `find_numbers("新收14万余条")` is 140000 条.

What cannot be a count is left out here: dates, shares and rates, document and article numbers, ordinals, telephone
numbers, durations, ranges, numbers without a unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from models.quick import quicken

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    c: i for i, c in enumerate("壹贰叁肆伍陆柒捌玖", start=1)
}
DIGITS |= {"两": 2}
PLACES = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
MAGNITUDES = {"百": 100, "千": 10**3, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8}
MONEY = ("亿元", "百万元", "万元", "千元", "元")
# Units, and what behind one makes another word of it (`5个月`, `3部门`, `2次性`).
UNITS: dict[str, str] = {
    **{f"{counter}次": "" for counter in "人件场条篇户项班批期台册"},
    **dict.fromkeys(MONEY, ""),
    "元": "旦|素|月|宵|首|件",
    "个": "一(?!般)|多?月|工作日|小时|百分点|多?年|季度|星期|礼拜|自然日|别|性|体|多?小时|半月",
    "件": "大?事(?!项)|好事|实事",
    "条": "例|款|第|龙|线(?!索|上)|文(?![章件字稿])",
    "次": "性|日|月|年|序|要",
    "篇": "章",
    "人": "大|民|员|力|士|才|均|民币|社|事|格",
    "项": "目|之和|加",
    "名": "称|义|单|录|次",
    "份": "额",
    "场": "所|景|面|地|馆",
    "期": "限|间|待|满|末",
    "部": "分|门|署|委|长|队|级|属",
    "宗": "旨",
    "起": "草|来(?!自)|步|点|止|到|源",
    "例": "会|行|如",
    "处": "理|级|罚|分|长|置|于|室",
    "户": "外|籍",
    "家": "庭|属|园|长",
    "笔": "试|记",
    "封": "面|闭",
    "批": "复|准|示|评",
    "册": "",
    "页": "",
    "则": "",
    "幅": "度",
    "张": "",
    "块": "",
    "台": "账",
    "种": "植|子",
    "类": "别|型|内部|过程|不予",
    "位": "于|列|置|一体",
    "只": "",
    "本": "网|站|报|级|单位|年|机关|局|着|区|市|县|镇|人|地",
    "所": "有|属|需|在|列|称|以",
    "栏": "目",
    "集": "中|体|聚|团|约|合",
    "辑": "",
    "套": "",
    "轮": "流|换",
    "支": "持|出|撑|付",
    "组": "织|长|建|成",
    "万元": "",
}
_POWERS = frozenset([*PLACES, "万", "亿"])
_UNIT = "|".join(
    f"{unit}(?!{UNITS[unit]})" if UNITS[unit] else unit for unit in sorted(UNITS, key=lambda unit: -len(unit))
)
_CHINESE = "".join(dict.fromkeys([*DIGITS, *PLACES, "万", "亿"]))
_NUMBER = re.compile(
    rf"(?P<digits>(?<!\d)\d{{1,3}}(?:[, ]\d{{3}})++(?!\d)|(?<!\d)\d++(?:\.\d++)?+|(?<![{_CHINESE}])[{_CHINESE}]++)"
    r"(?P<few>[余多来])?(?P<scale>[十百千]?[万亿](?!元)|[百千]万(?!元)|(?<=\d)[百千](?!万?元))?(?P<more>[余多来])?"
    rf"(?P<unit>{_UNIT})(?P<over>[余多])?(?P<about>左右|以上|以内|以下)?"
)
# Where a number may begin, which none does in a run of digits; looked for first, since a search for the whole takes
# ten times as long.
_BEGINNING = re.compile(rf"\d+|[{_CHINESE}]+")
# Before a number: what makes it an ordinal, a version, a part of a longer number or the end of a range.
_NOT_AFTER = re.compile(
    r"(?:第|[A-Za-z\d.][-—–~～至到]?|[-—–~～]|[\d%](?:至|到)|[十百千万][至到]|[〔\[]\d*"
    r"|[“「‘][一二三四五六七八九十]*|[\d一二三四五六七八九十]章|不超过|不少于|不低于|不多于|不得少于|不得超过|至少|[最至]多[^,;。:\d]{0,4}|最长|最高|每|每[年月周季天日旬届人户期次场件班]度?|首|上|下|头|初|历)$"
)
_RANGE_END = re.compile(r"[-—–~～至到]+(?:\d|[一二三四五六七八九十两])")
_ABOUT = re.compile(r"(?:近|约|将近|大约|约为|达到近|超过?|逾|突破|多达)$")
# A difference (`比上年增加5件`), the counter of a web page (`浏览次数:1032次`), a rule of counting (`相同信息计1条`).
_OTHER_MEASURE = re.compile(
    r"(?:(?:(?<!新)增加|增长|增多|减少|下降|上升|提高|[比较][^,;。:\d]{1,8}[多少])了?"
    r"|(?:浏览|访问|阅读|点击|查看|点阅)(?:次数|人次|量|数)?:\[?|[同相][一同][^,;。:\d]{0,10}计)$"
)
_SLOGAN = re.compile(r"[“”\"'＂]$")  # `"四个意识"`, whichever quotes an office types
# How often, or how much each time: a rate (`每天更新一次`, `每期培训20人`).
_RATE = re.compile(r"(?:每(?:个工作日|季度?|半[年月]|[年月周天日旬期场次人件页条])|[日月年人]均)[^,;。:、]{0,8}$")
# 一 before these is an article (`一名信息员`, `一个平台`); before 次, 场, 件 and the like it may count.
ARTICLE_UNITS = frozenset("个项名种类批套条支份本部家位张块处台轮组栏户则只人幅册集辑页封")
_LIMIT = re.compile(r"以[上下内](?:的|部分|者|方)")
_VAGUE = re.compile(r"[几数若多]$")  # `数十条`, `几百件`: nobody can say how many
ZERO = re.compile(r"(?<=为)(?P<digits>0|零)(?![\d.%％件条元次个人项])|(?<=数)(?P<bare>0)(?=[,;。、])")


REACH = 14  # characters before a number that may say that it is none


@quicken
@dataclass(frozen=True, slots=True)
class Number:
    """A counted number between `start` and `end` of a folded text; `rounded` where the text says it is not exact."""

    value: Decimal
    unit: str
    start: int
    end: int
    rounded: bool = False
    chinese: bool = False


def find_numbers(text: str) -> list[Number]:
    """Every number of a folded text that may be a count, in order; `unit` is "" for a bare `为0` or `为零`.

    >>> [(str(n.value), n.unit, n.rounded) for n in find_numbers("收到申请三十六件,比上年增长12.5%,公开信息2.4万余条")]
    [('36', '件', False), ('24000', '条', True)]
    """
    found = [number for match in _find_matches(text) if (number := _read_number(text, match)) is not None]
    if "0" not in text and "零" not in text:
        return found
    for match in ZERO.finditer(text):
        found.append(Number(Decimal(0), "", match.start(), match.end(), chinese=text[match.start()] == "零"))
    return sorted(found, key=lambda number: number.start)


def _find_matches(text: str) -> Iterator[re.Match[str]]:
    """As `_NUMBER.finditer`, but tried only where a number may begin."""
    end = 0
    for beginning in _BEGINNING.finditer(text):
        place = beginning.start()
        if place >= end and (match := _NUMBER.match(text, place)) is not None:
            end = match.end()
            yield match


def _read_number(text: str, match: re.Match[str]) -> Number | None:
    before = text[max(0, match.start() - REACH) : match.start()]
    digits = match["digits"]
    chinese = digits[0] in _CHINESE
    if _is_no_count(before, match["unit"], chinese=chinese) or _RANGE_END.match(text, match.end()):
        return None
    if _POWERS.issuperset(digits) and _VAGUE.search(before):
        return None
    if (digits == "一" and match["unit"] in ARTICLE_UNITS) or _LIMIT.match(text, match.start("about")):
        return None
    value = read_chinese(digits) if chinese else Decimal(re.sub(r"[, ]", "", digits))
    if value is None:
        return None
    unit, scale = match["unit"], match["scale"]
    if scale:
        value *= MAGNITUDES.get(scale) or Decimal(PLACES[scale[0]] * MAGNITUDES[scale[1]])
    if value != value.to_integral_value() and unit not in MONEY:
        return None  # 3.0版, 4.5个: a measure, not a count
    rounded = bool(match["few"] or match["more"] or match["over"] or match["about"] or _ABOUT.search(before))
    return Number(value, unit, match.start(), match.end(), rounded, chinese)


def _is_no_count(before: str, unit: str, *, chinese: bool) -> bool:
    """Whether what stands before a number says that it is no count of what is."""
    if _NOT_AFTER.search(before) or _RATE.search(before) or _OTHER_MEASURE.search(before):
        return True
    if unit == "类" and before.endswith("属于"):
        return True  # `属于三类内部事务信息` of a form, broken over lines
    return chinese and unit in ("个", "项") and _SLOGAN.search(before) is not None


def read_chinese(text: str) -> Decimal | None:
    """A Chinese numeral, with 万 and 亿; `None` where the characters are not one.

    >>> [str(read_chinese(t)) for t in ("三十六", "一百零五", "两千", "一万二千", "二〇", "百")]
    ['36', '105', '2000', '12000', 'None', '100']
    """
    total = section = digit = 0
    fresh = True  # no digit is waiting for its place
    for place, char in enumerate(text):
        if char in DIGITS:
            if not fresh and digit:
                return None
            digit, fresh = DIGITS[char], False
        elif char in PLACES:
            if fresh and (section or total) and place:
                return None
            section += (digit if not fresh else 1) * PLACES[char]
            digit, fresh = 0, True
        elif char in "万亿" and place:
            total = (total + section + digit) * MAGNITUDES[char]
            section = digit = 0
            fresh = True
        else:
            return None
    if len(text) > 1 and all(char in DIGITS for char in text):
        return None  # 二零二三: digits of a year or a telephone
    return Decimal(total + section + digit)
