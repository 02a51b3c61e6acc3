"""What a sentence says of another time: last year, since an earlier day, planned; told by how the sentence opens."""

from __future__ import annotations

import re

# In masked text (`extraction.facts.context`): ⓪ the year of the report, ⊖ one before it, ⊕ one after it, # a number.
_OPENING = re.compile(
    r"(?:[(]?[一二三四五六七八九十\d]{1,2}[)、.])?(?:"
    r"(?:⊖年度?|上一?年度?|去年|往年)"
    r"(?!度?末|度?底|度?结|度?转|度?未|度?承|度?的?#|度?相比|度?比|以)(?:全年|同期)?"
    r"|[自从由][^,;⓪今本]{2,40}?(?:以来|至今|起)|历年来|近[二两三四五六十几]+年来?"
    r"|[“\"]?十[二三四]五[”\"]?期间|(?:开展|机构|网站)[^,;#]{0,8}以来"
    r"|截至(?:上年|⊖年|去年)年?底|下一步|今后|⊕年|明年|下一?年度?(?!结)|计划)"
)
# What brings a sentence back to the year of the report.
_NOW = re.compile(
    r"今年|本年|当年|⓪|年内|年度内|报告期|统计期|一年来|这一年|该年|本期|截至年底|相比|比上|目前|[增减升降高达][至到]|其中新"
)
# Counts that name another year and still belong to this one.
_CARRIED = re.compile(r"结转|转入|转下|顺延|跨年|未办结|承接|留待|未结")
REACH = 14  # characters around a number that may say that it was carried over


def is_of_another_time(masked: str, start: int, anchor: int, end: int) -> bool:
    """Whether the sentence from `start` opens with another time, and nothing up to the number comes back to this year.

    `anchor` and `end` are those of a candidate in the masked text.
    """
    opening = _OPENING.match(masked, start)
    if opening is None or opening.end() > anchor or _NOW.search(masked, opening.end(), anchor):
        return False
    return _CARRIED.search(masked, max(start, anchor - REACH), end + REACH) is None
