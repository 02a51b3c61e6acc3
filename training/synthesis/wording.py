"""Wordings grown from sentences.yaml and fact_sentences.yaml, with the numbers that they say as counted facts."""

from __future__ import annotations

import functools
import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from models.data_files import read_data
from models.numbers import plain_number
from training.synthesis.choice import deal_splits

SENTENCES = Path(__file__).with_name("sentences.yaml")
FACT_SENTENCES = Path(__file__).with_name("fact_sentences.yaml")
HELD_OUT = "test"  # the split whose words no other says
OWN_WORD = 0.5  # of the words of the held-out split, those that only it says
ZERO_SPOKEN = 0.35  # a sentence that counts 0 things is spoken rather than passed over
APPROXIMATE = 0.3  # of the numbers that may be rounded
CHINESE_NUMERAL = 0.12  # of the small numbers of some units
CHINESE_COUNTERS = frozenset("次场个项期名处块种")
CHINESE_LONG = 50  # one of so many numbers over ten, told by its value, so that dice fall as without
ELSEWHERE = 0.12  # of the lines that could speak of other years as well
LINKS = ("", "的", "为", "共", "有", "：", "数", None)  # between a label and its number; `None` for the number first
LINK_WEIGHTS = (12, 3, 1, 1, 1, 0.5, 0.5, 2)
OTHER_UNIT = 0.12  # of the counts whose unit offices choose freely
OTHER_UNITS = {
    "条": ("篇", "则", "个", "件", "项"),
    "件": ("宗", "份", "起", "例", "项", "个", "条"),
    "次": ("场", "期", "个", "场次"),
    "场": ("次", "期", "个", "场次"),
    "期": ("次", "场", "个"),
    "人": ("名", "人次", "位"),
    "人次": ("人", "名"),
    "篇": ("条", "份", "个", "件", "则"),
}

_GUARD = re.compile(r"^(?:\[([^\]]*)\]\s*)+")
_CONDITION = re.compile(r"\[([^\]]*)\]\s*")
_SLOT = re.compile(r"\{([?*]?)([^{}]+)\}|<([^<>]*)>")
_FACT = re.compile(r"(?P<kind>[=#-]?)(?P<item>[a-z_.]*)(?:@(?P<low>\d+)-(?P<high>\d+))? (?P<unit>[^~]+)(?P<round>~?)")
_TIME = re.compile(r"^(?:\{时逗?\}，?)?(?:\{谁\})?")
# What ties a line to the year of the report, or to what is no fact already.
_TIED = re.compile(
    r"\{(?:时|时逗|年|年内|去年|明年|往|转入|转下|下一步|\*)|全年|本年|上年|今年|<[-=#]|，[^<]*$|^[^<]*。|^（|^\d"
)
_FACT_SLOT = re.compile(r"<[a-z_.]*(?:@(?P<low>\d+)-(?P<high>\d+))? (?P<unit>[^>]+)>")
_ITEM = re.compile(r"<([a-z_.]+)")
_CLAUSE_END = re.compile(r"[，。；：！？（）\n]")
# Around the print of a fact, and between its index and that.
_LEFT_EDGE, _RIGHT_EDGE, _INNER_EDGE = "\ue000", "\ue001", "\ue002"


@dataclass(slots=True)
class Speaker:
    """What a report's sentences draw on: the words of the report, its year and its counted figures.

    `figures` grows: a figure that a sentence needs first is drawn there, so that the report says it alike everywhere.
    """

    rng: random.Random
    year: int
    words: Mapping[str, Sequence[str]]
    figures: dict[str, Decimal]
    scale: float = 0.5
    facts: list[dict[str, Any]] = field(default_factory=list)
    split: str | None = None  # whose lines and words of fact_sentences.yaml are said; `None` for all
    marked: bool = False  # the marks of facts stay in the text, for `read_marks`
    counts: float = 0.35  # how often a section has paragraphs out of fact_sentences.yaml


@functools.cache
def load_sentences() -> Mapping[str, Any]:
    """The data file, its blocks of wordings split into lines."""
    data = read_data(SENTENCES)
    loaded = _split(data)
    assert isinstance(loaded, dict)
    loaded["lines"] |= {name: tuple(words.split()) for name, words in loaded.pop("words").items()}
    facts = _split(read_data(FACT_SENTENCES))
    assert isinstance(facts, dict)
    loaded["lines"] |= facts["lines"]
    loaded["lists"] = facts["lists"]
    loaded["dealt_words"] = {name: tuple(words.split()) for name, words in facts["words"].items()}
    loaded["splits"] = {
        name: deal_splits(lines) for name, lines in (facts["lines"] | loaded["dealt_words"]).items() if len(lines) > 3
    }
    return loaded


def _split(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: words if key == "words" else _split(words) for key, words in value.items()}
    if isinstance(value, str) and "\n" in value:
        return tuple(line.replace("\\n", "\n") for line in value.splitlines() if line)
    return value


def say(speaker: Speaker, name: str) -> str:
    """One wording of that name; its counted facts are added to the speaker's."""
    return finish_text(speaker, grow(speaker, choose_line(speaker, load_sentences()["lines"][name])))


def say_several(speaker: Speaker, name: str, count: int) -> list[str]:
    """Several different wordings of that name, as far as there are so many."""
    lines = _worth_saying(speaker, load_sentences()["lines"][name])
    chosen = speaker.rng.sample(lines, min(count, len(lines)))
    return [finish_text(speaker, grow(speaker, _GUARD.sub("", line))) for line in chosen]


def say_from(speaker: Speaker, lines: Sequence[str]) -> str:
    """One wording out of some lines."""
    return finish_text(speaker, grow(speaker, choose_line(speaker, lines)))


def say_counts(speaker: Speaker, name: str, count: int) -> list[str]:
    """Several wordings of fact_sentences.yaml of that name, those of the speaker's split."""
    splits = load_sentences()["splits"][name]
    lines = [line for line in load_sentences()["lines"][name] if speaker.split is None or splits[line] == speaker.split]
    lines = _worth_saying(speaker, lines)
    chosen = speaker.rng.sample(lines, min(count, len(lines)))
    return [finish_text(speaker, grow(speaker, _place_elsewhere(speaker, _GUARD.sub("", line)))) for line in chosen]


def _place_elsewhere(speaker: Speaker, line: str) -> str:
    """Now and then the line said of other years (`自条例施行以来，累计…`): then none of its numbers is a fact."""
    said = _TIME.sub("", line, count=1)
    if speaker.rng.random() >= ELSEWHERE or _TIED.search(said):
        return line
    return "{往}" + _FACT_SLOT.sub(lambda slot: f"<-@{slot['low'] or 1}-{slot['high'] or 90} {slot['unit']}>", said)


def choose_word(speaker: Speaker, name: str) -> str:
    """A word of fact_sentences.yaml; those of the held-out split are said nowhere else."""
    words: tuple[str, ...] = load_sentences()["dealt_words"][name]
    splits = load_sentences()["splits"].get(name)
    if splits is None or speaker.split is None:
        return speaker.rng.choice(words)
    own = [word for word in words if splits[word] == HELD_OUT]
    rest = [word for word in words if splits[word] != HELD_OUT]
    if speaker.split == HELD_OUT and own and speaker.rng.random() < OWN_WORD:
        return speaker.rng.choice(own)
    return speaker.rng.choice(rest)


def choose_line(speaker: Speaker, lines: Sequence[str]) -> str:
    """A line that the speaker's year and figures allow, without its guard."""
    allowed = _worth_saying(speaker, lines) or [line for line in lines if allows(speaker, line)]
    return _GUARD.sub("", speaker.rng.choice(allowed))


def _worth_saying(speaker: Speaker, lines: Sequence[str]) -> list[str]:
    """The lines that are allowed and mostly those that count something."""
    return [
        line
        for line in lines
        if allows(speaker, line) and (not _counts_nothing(speaker, line) or speaker.rng.random() < ZERO_SPOKEN)
    ]


def _counts_nothing(speaker: Speaker, line: str) -> bool:
    """Whether the first figure that a line counts is known to be 0, though its guard does not ask for that."""
    known = [speaker.figures[item] for item in _ITEM.findall(line) if item in speaker.figures]
    return bool(known) and known[0] == 0 and not line.startswith("[0")


def allows(speaker: Speaker, line: str) -> bool:
    """Whether the guards of a line hold: `[+ item]`, `[0 item]`, `[= item item]`, `[2014-]`."""
    match = _GUARD.match(line)
    return match is None or all(_holds(speaker, condition) for condition in _CONDITION.findall(match[0]))


def _holds(speaker: Speaker, condition: str) -> bool:
    if condition[0] == "=":
        one, two = (speaker.figures.get(item) for item in condition[2:].split())
        return one is not None and one == two
    if condition[0] in "+0":
        figure = speaker.figures.get(condition[2:], Decimal(0))
        return (figure > 0) == (condition[0] == "+")
    first, _, last = condition.partition("-")
    return int(first or 0) <= speaker.year <= int(last or 9999)


def grow(speaker: Speaker, line: str) -> str:
    """The line with its slots filled; each counted number stands between two marks that `finish_text` takes out."""

    def fill(match: re.Match[str]) -> str:
        maybe, name, fact = match.groups()
        if fact is not None:
            return _say_number(speaker, fact)
        if maybe == "*":
            return _say_list(speaker, load_sentences()["lists"][name])
        if maybe and speaker.rng.random() < 0.5:
            return ""
        words = speaker.words.get(name)
        if words is not None:
            return speaker.rng.choice(words)
        if name in load_sentences()["dealt_words"]:
            return grow(speaker, choose_word(speaker, name))
        return grow(speaker, choose_line(speaker, load_sentences()["lines"][name]))

    return _SLOT.sub(fill, line)


def _say_list(speaker: Speaker, entries: Sequence[str]) -> str:
    """Some of the entries of a list (`label|number`), said alike and in any order."""
    rng = speaker.rng
    chosen = rng.sample(list(entries), rng.randint(1, len(entries)))
    link = rng.choices(LINKS, LINK_WEIGHTS)[0]
    joint = rng.choice(("、", "、", "，", "，", "；"))
    pieces = []
    for entry in chosen:
        label, number = entry.split("|")
        pieces.append(grow(speaker, number + label if link is None else label + link + number))
    return joint.join(pieces)


def _say_number(speaker: Speaker, slot: str) -> str:
    match = _FACT.fullmatch(slot)
    if match is None:
        raise ValueError(f"no counted fact: {slot!r}")
    item, unit = match["item"], match["unit"]
    value = speaker.figures.get(item) if item else None
    if value is None:
        value = Decimal(0) if match["kind"] == "=" else _draw(speaker, int(match["low"] or 0), int(match["high"] or 9))
        if item:
            speaker.figures[item] = value
    if speaker.split is not None and unit in OTHER_UNITS and speaker.rng.random() < OTHER_UNIT:
        unit = speaker.rng.choice(OTHER_UNITS[unit])
    shown, said = _print_number(speaker.rng, value, unit, rounded=bool(match["round"]))
    if match["kind"] in ("-", "#"):
        return shown
    if match["kind"] == "=":
        shown, said = "", value
    index = len(speaker.facts)
    if unit.startswith("万") and unit != "万元":
        said, unit = said * 10**4, unit.removeprefix("万")
    if unit == "元" and shown.endswith("万元"):  # the unit is that which is printed
        said, unit = said / 10**4, "万元"
    speaker.facts.append({"item": item or None, "value": plain_number(said), "unit": unit})
    return f"{_LEFT_EDGE}{index}{_INNER_EDGE}{shown}{_RIGHT_EDGE}"


def _draw(speaker: Speaker, low: int, high: int) -> Decimal:
    """A number between two bounds, evenly over its logarithm, the larger the more business the speaker has."""
    if low == high:
        return Decimal(low)
    share = speaker.rng.gauss(speaker.scale, 0.3)
    share = share if 0 < share < 1 else speaker.rng.random()
    return Decimal(round(math.exp(math.log(low + 1) + share * (math.log(high + 1) - math.log(low + 1))) - 1))


def _print_number(rng: random.Random, value: Decimal, unit: str, *, rounded: bool) -> tuple[str, Decimal]:
    """The number with its unit as a sentence says it, and the number that it so says."""
    if rounded and value >= 20 and value == int(value) and rng.random() < APPROXIMATE:
        keep = 10 ** max(1, len(str(int(value))) - rng.choice((1, 2)))
        said = Decimal(int(value) // keep * keep)
        if said >= 20000 and said % 1000 == 0 and not unit.startswith("万"):
            return rng.choice(("{}万余{}", "{}万多{}")).format(format((said / 10000).normalize(), "f"), unit), said
        return rng.choice(("{}余{}", "{}余{}", "{}多{}", "近{}{}", "约{}{}")).format(said, unit), said
    if value >= 10000 and value % 100 == 0 and rng.random() < 0.4 and unit in ("条", "次", "元"):
        return f"{format((value / 10000).normalize(), 'f')}万{unit}", value
    if 0 < value < 11 and value == int(value) and unit[0] in CHINESE_COUNTERS and rng.random() < CHINESE_NUMERAL:
        small = "1" if value == 1 and unit[0] not in "次场期" else "一两三四五六七八九十"[int(value) - 1]
        return small + unit, value  # 一个 is no count
    if 10 < value < 10000 and value == int(value) and value % CHINESE_LONG == 17:
        return say_chinese(int(value)) + unit, value
    plain = format(value, "f")
    if value >= 1000 and value == int(value) and rng.random() < 0.05:
        plain = f"{int(value):,}"
    return plain + unit, value


def say_chinese(value: int) -> str:
    """A whole number under ten thousand in Chinese numerals.

    >>> say_chinese(36), say_chinese(105), say_chinese(2010)
    ('三十六', '一百零五', '二千零一十')
    """
    text, gap = "", False
    for place, power in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = value // power % 10
        if digit:
            text += ("零" if gap and text else "") + "零一二三四五六七八九"[digit] + place
            gap = False
        else:
            gap = True
    return text[1:] if text.startswith("一十") else text


def finish_text(speaker: Speaker, grown: str) -> str:
    """The text without marks; each fact learns the clause that says it."""
    text, spans = read_marks(grown)
    # A 、 parts two clauses only where it stands behind a counted number (`1个、信息栏7个`).
    ends = [m.start() for m in _CLAUSE_END.finditer(text)] + [end for _, _, end in spans if text[end : end + 1] == "、"]
    for index, start, end in spans:
        begin = max((place + 1 for place in ends if place < start), default=0)
        stop = min((place for place in ends if place >= end), default=len(text))
        speaker.facts[index]["text"] = text[begin:stop]
    return grown if speaker.marked else text


def read_marks(grown: str) -> tuple[str, list[tuple[int, int, int]]]:
    """Text without marks, and of each fact in it (index, start, end); start is end where it has no print of its own."""
    pieces = re.split(f"{_LEFT_EDGE}(\\d+){_INNER_EDGE}([^{_RIGHT_EDGE}]*){_RIGHT_EDGE}", grown)
    text, spans = "", []
    for place in range(0, len(pieces) - 1, 3):
        text += pieces[place]
        spans.append((int(pieces[place + 1]), len(text), len(text) + len(pieces[place + 2])))
        text += pieces[place + 2]
    return text + pieces[-1], spans
