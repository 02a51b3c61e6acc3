"""What may be a counted fact in a passage, by rule: numbers, what shares one number, and counts that are denied."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from extraction.facts.numbers import Number, find_numbers
from extraction.facts.passages import find_end, find_start
from models.quick import quicken

# What is counted, where a sentence denies it or lets several things share one number.
_CASE = "(?:案件|申请|案|事项)?"
_NOT_OF = "(?!电话|渠道|箱|平台)"
_THING = re.compile(
    r"公开申请(?!人|行政复议|复议|表|流程|渠道|公开|件)|申请(?:件|案件|事项|事宜)"
    r"|(?<!公开)(?<!人)申请(?!人|行政|复议|表|流程|渠道|公开|件|案|事|政府|书|材料|工作|获取|信息)"
    r"|依申请公开(?!申请|渠道|流程|工作|制度|政府)(?:事项|件|信息)?"
    r"|(?:依申请|申请|要求)公开政府信息(?!工作|申请)|申请公开信息|信息公开案件"
    rf"|复议(?!机关|决定|机构|委员){_CASE}|诉讼(?!请求){_CASE}|应诉{_CASE}|申诉{_CASE}"
    rf"|投诉{_NOT_OF}(?:、?举报)?(?:案件|件|案|事项)?|举报{_NOT_OF}(?:、?投诉)?(?:案件|件|案|事项)?"
    r"|规范性文件|规章(?!制度)|新闻发布会|政策解读"
)
_VERBS = (
    "收到|接到|受理|接收|收悉|接获|新收|收集到|发生|产生|出现|存在|引发|引起|涉及|发出|召开|举办|举行|制定|制发|出台"
    "|印发|发布|办理|有|接报|被|因|公民|要求|提出"
)
# A denial, and what may not follow it (`无法提供`, `未超过期限`, `没有收取费用`).
_DENIAL = re.compile(
    r"(?:从未|尚未|未曾|均未|也未|未|没有|没|并无|尚无|暂无|均无|也无|无|不存在|零)"
    rf"(?={_VERBS}|[^,;。:]{{0,24}}(?:申请|复议|诉讼|投诉|举报|申诉|规章|规范性文件|发布会))"
    r"(?!法|效|障碍|关|偿|正当|故|缝|需|须|论|办结|予|经|能|及时|按)"
)
_DENIED_BEFORE = re.compile(
    r"(?:情况|案件|事项|数量|数|件|申请|复议|诉讼|投诉|举报|申诉)?[:,]?(?:均|都|全部|一律)?"
    r"(?:为无|没有发生|未发生|未出现|未产生|没有|无)(?=[,;。)\n]|$)"
)
_NOTHING_SAID = re.compile("[无没未零]|不存在")  # in every one of these
_SHARED = re.compile(r"(?:案件|数量|情况|件数|数)?(?:均|各|都|分别|全部|一律)(?:为|是|有|收到|发生|办理|只有)?$")
_NOTHING = re.compile(r"(?:案件|数量|情况|件数|数)?(?:共|共计|合计|总数)?(?:为)?$")  # `行政复议、行政诉讼0件`
_LISTED = re.compile(
    r"(?:案件|数量|数|情况)?(?:[、和与及或]|以及)(?:被|提起|申请|政府信息公开|信息公开|行政|当面|信函|传真|网络|网上){0,4}"
)
_END = re.compile(r"[,;。!?\n]")
HALF_SENTENCES = re.compile(r"[;。!?\n]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
FAR = 80  # characters that a denial reaches
LOOSE = 3  # characters between the last of the listed things and what says that they share a number


@quicken
@dataclass(frozen=True, slots=True)
class Candidate:
    """A number that may be said of something: `anchor` is the place in the folded text where what it counts is named
    last before it. `start` and `end` bound the print. `kind` is number, shared or denied.
    """

    value: Decimal
    unit: str
    start: int
    end: int
    anchor: int
    kind: str = "number"
    rounded: bool = False
    chinese: bool = False


def find_candidates(text: str) -> list[Candidate]:
    """Candidates of a folded text in the order of their anchors.

    >>> [(candidate.anchor, candidate.kind) for candidate in find_candidates("行政复议、行政诉讼均为0件。")]
    [(4, 'shared'), (9, 'shared')]
    """
    numbers = find_numbers(text)
    if len(numbers) == 1 and not _HAN.search(text[: numbers[0].start] + text[numbers[0].end :]):
        return []  # a line of a number alone says nothing of what it counts
    found: list[Candidate] = []
    for number in numbers:
        if not number.unit and not _THING.search(text, find_start(_END, text, number.start), number.start):
            continue  # a bare 0 counts only what is named (`申请数为0`, not `总金额为0`)
        found += _share(text, number) or [
            Candidate(
                number.value,
                number.unit,
                number.start,
                number.end,
                number.start,
                rounded=number.rounded,
                chinese=number.chinese,
            )
        ]
    found += _find_denied(text, numbers)
    return sorted(found, key=lambda candidate: (candidate.anchor, candidate.end))


def _share(text: str, number: Number) -> list[Candidate]:
    """One candidate for each thing of a list that shares a number (`A、B均为0件`, `A和B各2件`)."""
    clause = find_start(_END, text, number.start)
    lead = _SHARED.search(text, clause, number.start)
    if lead is None and not number.value:
        lead = _NOTHING.search(text, clause, number.start)
    if lead is None:
        return []
    things = list(_THING.finditer(text, clause, lead.start()))
    joined = [_LISTED.fullmatch(text, one.end(), two.start()) is not None for one, two in pairwise(things)]
    # The run of listed things that ends where the number is said.
    first = next((i + 1 for i in range(len(joined) - 1, -1, -1) if not joined[i]), 0)
    ends = [thing.end() for thing in things[first:]]
    if len(ends) < 2 or lead.start() - ends[-1] > LOOSE or ")" in text[ends[-1] : number.start]:
        return []
    return [
        Candidate(number.value, number.unit, number.start, number.end, end, "shared", number.rounded, number.chinese)
        for end in ends
    ]


def _find_denied(text: str, numbers: list[Number]) -> list[Candidate]:
    if not _NOTHING_SAID.search(text):
        return []
    found: dict[int, Candidate] = {}
    for match in _DENIAL.finditer(text):
        end = min(find_end(_END, text, match.end()), match.end() + FAR)
        if any(match.end() <= number.start < end for number in numbers):
            end = min(number.start for number in numbers if number.start >= match.end())
        for thing in _THING.finditer(text, match.end(), end):
            found.setdefault(thing.end(), Candidate(Decimal(0), "", match.start(), thing.end(), thing.end(), "denied"))
    for match in _DENIED_BEFORE.finditer(text):
        begin = find_start(HALF_SENTENCES, text, match.start())
        if any(begin <= number.start < match.start() for number in numbers):
            begin = max(number.end for number in numbers if number.start < match.start())
        for thing in _THING.finditer(text, begin, match.end()):
            place = thing.end()
            if place <= match.end():
                found.setdefault(place, Candidate(Decimal(0), "", thing.start(), match.end(), place, "denied"))
    return list(found.values())
