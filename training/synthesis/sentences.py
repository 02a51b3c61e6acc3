"""The words of a report, section by section: headings with numerals, paragraphs, problems and measures."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from training.synthesis.agencies import Agency
from training.synthesis.label_variations import HALF_WIDTH, misprint
from training.synthesis.printed import Paragraph, PrintedBlock
from training.synthesis.wording import Speaker, load_sentences, say, say_counts, say_from, say_several

CHINESE = "一二三四五六七八九十"
# Numerals of headings, and those of the level below.
NUMERALS = {
    "{c}、": ("（{c}）", "（{c}）", "（{c}）", "({c})", "1.", "（{c}） "),
    "{c}、 ": ("（{c}）", "({c})", "（{c}）"),
    "{c} 、": ("（{c}）", "（ {c} ）"),
    "{c}．": ("（{c}）", "1．"),
    "{c}.": ("({c})", "1."),
    "{c}，": ("（{c}）",),
    "（{c}）": ("{n}.", "{n}、", "({n})"),
    "({c})": ("{n}.", "{n}、"),
    "{n}.": ("({n})", "（{c}）"),
    "{n}、": ("（{n}）", "({n})"),
    "第{c}部分　": ("{c}、", "（{c}）"),
    "第{c}部分 ": ("{c}、", "（{c}）"),
    "第{c}，": ("（{c}）",),
    "": ("（{c}）", "{n}.", ""),
}
NUMERAL_WEIGHTS = (60, 6, 1, 2, 1, 0.5, 7, 2, 4, 4, 2, 1.5, 0.5, 3)
NUMERAL_SLIP = 0.03  # a heading whose numeral is lost or wrong
HEADING_MISPRINT = 0.03
COLON = 0.03  # a heading that ends with a colon or stop
FURNITURE = 0.25  # a document with lines of a web page above and below


@dataclass(frozen=True, slots=True)
class Manner:
    """How one report numbers its headings and sets its subheadings."""

    numeral: str
    sub_numeral: str
    subheadings: float
    inline: bool
    slips: bool


def draw_manner(rng: random.Random, *, slips: bool) -> Manner:
    """The manner of one report."""
    numeral = rng.choices(list(NUMERALS), NUMERAL_WEIGHTS)[0]
    sub_numeral = rng.choice(NUMERALS[numeral]).replace("1", "{n}")
    return Manner(numeral, sub_numeral, rng.choice((0.0, 0.5, 1.0)), rng.random() < 0.25, slips)


def number(pattern: str, place: int) -> str:
    """The numeral of a heading, counted from 1."""
    return pattern.format(c=CHINESE[(place - 1) % 10], n=place)


def write_heading(speaker: Speaker, manner: Manner, section: str, place: int) -> Paragraph:
    """The heading of a section, the `place`-th of the report."""
    rng = speaker.rng
    era = "modern" if speaker.year >= 2019 else "early"
    lines = load_sentences()["headings"][era].get(section) or load_sentences()["headings"]["early"][section]
    text = say_from(speaker, lines if isinstance(lines, tuple) else (lines,))
    if manner.slips and rng.random() < HEADING_MISPRINT:
        text = misprint(rng, text)
    if rng.random() < COLON:
        text += rng.choice("：:。")
    numeral = number(manner.numeral, place)
    if manner.slips and rng.random() < NUMERAL_SLIP:
        numeral = rng.choice(("", number(manner.numeral, max(1, place + rng.choice((-1, 1)))), "、"))
    return Paragraph(numeral + text, "heading", section)


def write_body(speaker: Speaker, manner: Manner, section: str) -> list[Paragraph]:
    """The paragraphs of a section, without its heading and its table."""
    if section == "problems":
        return _write_problems(speaker, manner)
    if speaker.year >= 2019:
        return _write_modern(speaker, manner, section)
    return _write_early(speaker, manner, section)


_SCOPED = re.compile(
    r"\d年|以来|至今|历年|上年|上一年|今后|力争|计划|拟|近三年|近年|同期|目标|任务|要求|[明次]年|下一?步|比|较|每"
)
# The wordings of fact_sentences.yaml that a section may say.
COUNTS: dict[str, tuple[str, ...]] = {
    "overview": (
        *("F_proactive", "F_channels", "F_documents", "F_requests", "F_outcomes"),
        *("F_disputes", "F_training", "F_resources", "F_other", "F_none"),
    ),
    "proactive": ("F_proactive", "F_channels", "F_documents", "F_other", "F_none"),
    "requests": ("F_requests", "F_outcomes", "F_requests", "F_none"),
    "disputes": ("F_disputes", "F_disputes", "F_none"),
    "fees": ("F_fees",),
    "problems": ("F_none",),
    "other": ("F_fees", "F_other", "F_training", "F_resources", "F_none"),
}


def write_counts(speaker: Speaker, section: str) -> list[Paragraph]:
    """Paragraphs that count, drawn by dice of their own, so that the rest of the report stays as it is."""
    names = COUNTS.get(section, ())
    figures = sorted((item, str(value)) for item, value in speaker.figures.items())
    dice = random.Random(f"{speaker.year}/{speaker.words['机关']}/{section}/{figures}")
    if not names or dice.random() >= speaker.counts:
        return []
    own = replace(speaker, rng=dice)  # facts and figures are shared
    paragraphs = []
    for _ in range(dice.choice((1, 1, 2, 3))):
        lines = [line for _ in range(dice.choice((1, 1, 2, 3))) for line in say_counts(own, dice.choice(names), 1)]
        joint = dice.choices(("", "；", "，"), (5, 2, 3))[0]
        if any(_SCOPED.search(line) for line in lines[:-1]):
            joint = ""  # what is said of another time reaches to the stop
        paragraphs.append("".join(lines) if not joint else joint.join(_open(lines)))
    return _paragraphs(paragraphs, section)


def _open(lines: Sequence[str]) -> list[str]:
    """Sentences without their stops, all but the last."""
    return [line.rstrip("。") for line in lines[:-1]] + list(lines[-1:])


def _write_modern(speaker: Speaker, manner: Manner, section: str) -> list[Paragraph]:
    rng = speaker.rng
    match section:
        case "overview":
            return _write_overview(speaker, manner)
        case "other":
            if rng.random() < 0.3:
                return _paragraphs([say(speaker, "nothing")], section)
            texts = [say(speaker, "fees_other"), *say_several(speaker, "other_more", rng.choice((0, 0, 1, 2)))]
            if manner.inline and len(texts) > 1:
                texts = [number(manner.sub_numeral, place) + text for place, text in enumerate(texts, start=1)]
            return _paragraphs(texts, section)
        case _:
            if rng.random() < 0.6:
                return []
            return _paragraphs(say_several(speaker, f"{section}_lead", rng.choice((1, 1, 2))), section)


def _write_overview(speaker: Speaker, manner: Manner) -> list[Paragraph]:
    rng = speaker.rng
    opening = "".join(say_several(speaker, "overview_open", rng.choice((1, 1, 2))))
    if rng.random() < 0.4:
        opening += say(speaker, "overview_more")
    written = _paragraphs([opening], "overview")
    if rng.random() >= manner.subheadings:
        more = say_several(speaker, "overview_more", rng.randint(0, 4))
        more += ["".join(say_several(speaker, name, rng.randint(1, 2))) for name in SUB_BODIES if rng.random() < 0.5]
        more = [_enumerate(rng, more)] if len(more) > 2 and rng.random() < 0.3 else more
        return written + _paragraphs(more, "overview")
    wordings = load_sentences()["subheadings"]["overview"]
    chosen = [place for place in range(len(SUB_BODIES)) if rng.random() < 0.9] or [0]
    for count, place in enumerate(chosen, start=1):
        head = number(manner.sub_numeral, count) + rng.choice(wordings[place])
        body = ["".join(say_several(speaker, SUB_BODIES[place], rng.choice((1, 2, 2, 3))))]
        if rng.random() < 0.2:
            body += say_several(speaker, SUB_BODIES[place], 1)
        written += _under(manner, head, body, "overview")
    return written


SUB_BODIES = ("sub_proactive", "sub_requests", "sub_management", "sub_platform", "sub_supervision")


def _under(manner: Manner, head: str, body: list[str], section: str) -> list[Paragraph]:
    """Paragraphs under a subheading of their own, or run in with the first of them (`（一）主动公开。…`)."""
    if manner.inline:
        return _paragraphs([f"{head}。{body[0]}", *body[1:]], section)
    return [Paragraph(head, "subheading", section), *_paragraphs(body, section)]


def _write_early(speaker: Speaker, manner: Manner, section: str) -> list[Paragraph]:
    rng = speaker.rng
    match section:
        case "overview":
            texts = ["".join(say_several(speaker, "overview_open", rng.choice((1, 2))))]
            texts += say_several(speaker, "overview_more", rng.randint(1, 4))
            pools = ("sub_management", "sub_supervision")
        case "proactive":
            texts = say_several(speaker, "early_proactive", rng.randint(1, 5))
            pools = ("early_proactive", "sub_platform")
        case "requests":
            texts = say_several(speaker, "early_requests", rng.randint(1, 3))
            pools = ("early_requests", "sub_requests")
        case "other":
            return _paragraphs(say_several(speaker, "early_other", rng.choice((1, 1, 2))), section)
        case "statistics":
            return _paragraphs(say_several(speaker, "statistics_lead", rng.choice((0, 1))), section)
        case _:
            return _paragraphs(say_several(speaker, f"early_{section}", rng.choice((1, 1, 2))), section)
    if rng.random() >= manner.subheadings * 0.6:
        return _paragraphs(["".join(texts)] if rng.random() < 0.5 else texts, section)
    heads = load_sentences()["subheadings"][f"early_{section}"]
    bodies = (texts, ["".join(say_several(speaker, rng.choice(pools), 2)) or say(speaker, "sub_management")])
    written = []
    for place, (choices, body) in enumerate(zip(heads, bodies, strict=True), start=1):
        written += _under(manner, number(manner.sub_numeral, place) + rng.choice(choices), body, section)
    return written


def _write_problems(speaker: Speaker, manner: Manner) -> list[Paragraph]:
    rng = speaker.rng
    problems = _list(speaker, manner, "problems_open", "problem", rng.randint(1, 4))
    measures = _list(speaker, manner, "measures_open", "measure", rng.randint(1, 5))
    if rng.random() < 0.15:
        measures.append(say(speaker, "last_improvement"))
    if rng.random() < 0.12:
        return _paragraphs(["".join(problems) + "".join(measures)], "problems")
    if rng.random() >= manner.subheadings * 0.8:
        return _paragraphs(problems + measures, "problems")
    heads = [rng.choice(words) for words in load_sentences()["subheadings"]["problems"]]
    first, second = (number(manner.sub_numeral, place) + head for place, head in enumerate(heads, start=1))
    return _under(manner, first, problems, "problems") + _under(manner, second, measures, "problems")


def _list(speaker: Speaker, manner: Manner, opening: str, items: str, count: int) -> list[str]:
    """An opening and its items, in one paragraph or one each."""
    rng = speaker.rng
    lines = say_several(speaker, items, count)
    start = say(speaker, opening)
    if len(lines) == 1:
        return [f"{start}{lines[0]}。"]
    if rng.random() < 0.75:
        return [start + _enumerate(rng, lines)]
    pattern = rng.choice(("{n}.", "{n}、", "（{n}）", "{c}是", "({n})", "第{c}，"))
    return [start, *(f"{number(pattern, place)}{line}。" for place, line in enumerate(lines, start=1))]


def _enumerate(rng: random.Random, lines: Sequence[str]) -> str:
    """`一是…；二是…。`"""
    pattern, stop = rng.choice(
        (("{c}是", "；"), ("{c}是", "。"), ("{n}.", "；"), ("（{n}）", "；"), ("第{c}，", "。"), ("", "；"))
    )
    return stop.join(number(pattern, place) + line.rstrip("。") for place, line in enumerate(lines, start=1)) + "。"


def _paragraphs(texts: Sequence[str], section: str) -> list[Paragraph]:
    return [Paragraph(text, "body", section) for text in texts if text]


def speak_for(agency: Agency, rng: random.Random, year: int) -> dict[str, tuple[str, ...]]:
    """The words of a report by this agency that its sentences may use."""
    dates = f"{year + 1}年{rng.choice((1, 1, 1, 2, 3, 3))}月{rng.randint(1, 28)}日"
    own = rng.choice(agency.selves)
    return {
        "我": (own, own, own, rng.choice(agency.selves)),
        "年": (f"{year}年",) * 5 + (f"{year}年度",),
        "年度": (f"{year}年度",),
        "去年": (f"{year - 1}年",),
        "明年": (f"{year + 1}年",),
        "年始": (f"{year}年1月1日",),
        "年末": (f"{year}年12月31日", "12月31日"),
        "机关": (agency.name,),
        "全": (agency.whole,),
        "地": (agency.place,),
        "大会": ("二十大",) if year >= 2022 else ("十九大", "十九届历次全会") if year >= 2018 else ("十八大",),
        "门牌": (f"{rng.randint(1, 399)}号",),
        "电话": (f"0{rng.randint(300, 999)}-{rng.randint(2000000, 8999999)}",),
        "邮编": (f"{rng.randint(100000, 859999)}",),
        "落款日": (dates,),
        "日期": (f"{year + 1}-0{rng.randint(1, 4)}-{rng.randint(10, 28)}",),
        "次数": (str(rng.randint(3, 4000)),),
        "人": tuple(
            rng.choice("周吴郑冯陈褚卫蒋沈韩杨朱秦许何吕")
            + rng.choice(["明华", "伟", "静", "敏", "建国", "晓红", "志强", "海燕"])
            for _ in range(4)
        ),
    }


def halve(text: str) -> str:
    """The text with half-width punctuation."""
    return text.translate(HALF_WIDTH)


def write_title(speaker: Speaker, wordings: Sequence[str]) -> str:
    """One of the titles; `{年度}度` of a wording is one 度."""
    return say_from(speaker, wordings).replace("度度", "度")


def frame_blocks(
    speaker: Speaker, agency: Agency, blocks: Sequence[PrintedBlock], *, signed: float
) -> list[PrintedBlock]:
    """The blocks, now and then between lines of a web page, and with the chance `signed` with name and date below."""
    framed = list(blocks)
    if speaker.rng.random() < FURNITURE:
        lines = load_sentences()["furniture"]
        framed.insert(0, Paragraph(say_from(speaker, lines["above"]), "furniture"))
        framed.append(Paragraph(say_from(speaker, lines["below"]), "furniture"))
    if speaker.rng.random() < signed:
        framed += [Paragraph(agency.name, "furniture"), Paragraph(say_from(speaker, ("{落款日}",)), "furniture")]
    return framed
