"""What happens to the characters of labels, headings and paragraphs between the agency's file and the page we read."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from training.synthesis import chances
from training.synthesis.choice import check_split, find_split
from training.synthesis.script import add_pinyin, to_traditional

BRACKETS = str.maketrans("（）", "()")
COMMAS = str.maketrans("，：；！？", ",:;!?")
WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), 0x2E)})
INVISIBLE = ("\u200b", "\ufeff", "\u200d", "\u00a0", "\u3000", "\u2002", "\u00ad")
QUOTES: tuple[tuple[str, str], ...] = (
    ('"', '"'),
    ("”", "“"),
    ("”", "”"),
    ("“", "“"),
    ("‘", "’"),
    ("「", "」"),
    ("", ""),
    ("＂", "＂"),
)
NUMBERINGS = ("{}、", "{}．", "{} ", "({})", "（{}）", "{}. ", "{}", "{}·")
LOOKALIKE_PAIRS = (
    "政攻 未末 日曰 审宙 府俯 项顶 件仵 机杌 制剂 废费 现观 复夏 情清 处外 理埋 结洁 维雏 提堤 "
    "供洪 社杜 会合 法去 性牲 案宴 卷券 息恳 数教 量童 总忌 计汁 自白 人入 企全 业亚 申电 请清 "
    "予子 部郡 开升 定足 公分 行仃 许讦 可司 罚罡"
)
LOOKALIKES: Mapping[str, str] = {pair[0]: pair[1] for pair in LOOKALIKE_PAIRS.split()}

_HAN = "\u4e00-\u9fff"
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}])(?=[{_HAN}])")
_HAN_DIGIT = re.compile(rf"(?<=[{_HAN}])(?=\d)|(?<=\d)(?=[{_HAN}])")
_NUMBERED = re.compile(r"^(\d{1,2})[.．]")
_BRACKETED = re.compile(r"^([（(][一二三四五六七八九十]+[）)])(?=\S)")
_ORDINAL = re.compile(r"^([一二三四五六七八九十]+、)(?=\S)")
_DATE = re.compile(r"(20\d\d)年(\d{1,2})月(\d{1,2}日)")
_DOCUMENT_NUMBER = re.compile(r"([〔\[（]20\d\d)[〕\]）](\d+)号")


@dataclass(frozen=True, slots=True)
class NoiseMix:
    """The kinds of noise one document shows; `dense` has more of them, `commas` also half-width commas."""

    names: frozenset[str] = frozenset()
    dense: bool = False
    commas: bool = True
    quotes: tuple[str, str] = ("“", "”")
    invisible: str = "\u200b"
    numbering: str = "{}、"

    def __contains__(self, name: str) -> bool:
        return name in self.names

    @property
    def blank_rate(self) -> float:
        """The share of labels with a blank inside."""
        return chances.LABEL_BLANK_DENSE if self.dense else chances.LABEL_BLANK


def draw_noise(rng: random.Random, split: str) -> NoiseMix:
    """A mixture of noise that belongs to the split; mixtures of one or two kinds belong to all."""
    check_split(split)
    if rng.random() < chances.CALM:
        return NoiseMix()
    names = _draw_names(rng)
    free = len(names) <= chances.FREE_NOISE
    while not free and (len(names) <= chances.FREE_NOISE or find_split("+".join(sorted(names))) != split):
        names = _draw_names(rng)
    return NoiseMix(
        names,
        dense=rng.random() < chances.DENSE,
        commas=rng.random() < 0.7,
        quotes=rng.choice(QUOTES),
        invisible=rng.choice(INVISIBLE),
        numbering=rng.choice(NUMBERINGS),
    )


def _draw_names(rng: random.Random) -> frozenset[str]:
    names = {name for name, chance in chances.NOISE.items() if rng.random() < chance}
    return frozenset(names if "traditional" in names else names - {"pinyin"})


def fold_text(text: str, mix: NoiseMix) -> str:
    """What is done alike to every text of the document: punctuation, quotes, blanks around digits."""
    if "half-width" in mix:
        text = text.translate(BRACKETS)
        text = text.translate(COMMAS) if mix.commas else text
    if "wrong-quotes" in mix:
        text = text.replace("“", mix.quotes[0] + "\0").replace("”", mix.quotes[1]).replace("\0", "")
    if "spaced-digits" in mix:
        text = _HAN_DIGIT.sub(" ", text)
    return text


def change_script(text: str, mix: NoiseMix, rng: random.Random) -> str:
    """The text in Traditional script where the document is mirrored so, with pinyin where the mirror adds it."""
    if "traditional" not in mix:
        return text
    text = to_traditional(text)
    return add_pinyin(text, rng) if "pinyin" in mix else text


def change_label(text: str, mix: NoiseMix, rng: random.Random) -> str:
    """The wording of a row or column heading as the page has it; a line break stands for a broken label."""
    if not text.strip():
        return text
    text = _renumber(fold_text(text, mix), mix)
    for name, chance, change in (
        ("typos", chances.LABEL_TYPO, misprint),
        ("justified-labels", 1.0, _justify),
        ("label-blanks", mix.blank_rate, insert_blank),
        ("label-lines", chances.LABEL_LINE_BREAK, break_line),
    ):
        if name in mix and rng.random() < chance:
            text = change(text, rng)
    if "zero-width" in mix and rng.random() < chances.LABEL_ZERO_WIDTH:
        text = _insert(text, mix.invisible, rng)
    return text


def change_heading(text: str, mix: NoiseMix, rng: random.Random) -> str:
    """A title or heading as the page has it."""
    text = fold_text(text, mix)
    if "spaced-numbering" in mix:
        text = _ORDINAL.sub(r"\1 ", _BRACKETED.sub(r"\1 ", text))
    if "heading-blanks" in mix and rng.random() < chances.HEADING_BLANK:
        text = insert_blank(text, rng)
    if "typos" in mix and rng.random() < chances.HEADING_TYPO:
        text = misprint(text, rng)
    if "middle-dots" in mix:
        text = f"·{text}"
    return text


def change_line(text: str, mix: NoiseMix, rng: random.Random, *, exact: bool) -> str:
    """A paragraph as the page has it; `exact` keeps the dates whole, for paragraphs that say a fact."""
    text = fold_text(text, mix)
    if "lost-dates" in mix and not exact:
        text = _DOCUMENT_NUMBER.sub(r"\1\2", _DATE.sub(r"\1\2\3", text))
    if "spaced-numbering" in mix:
        text = _BRACKETED.sub(r"\1 ", text)
    if "zero-width" in mix and rng.random() < chances.LINE_ZERO_WIDTH:
        text = _insert(text, mix.invisible, rng)
    return text


def insert_blank(text: str, rng: random.Random) -> str:
    """A blank between two characters: `本年新 制作数量`."""
    return _insert(text, " ", rng)


def break_line(text: str, rng: random.Random) -> str:
    """A line break inside a label, near its middle when it is short."""
    places = [match.start() for match in _BETWEEN_HAN.finditer(text)]
    if "\n" in text or not places:
        return text
    middle = min(places, key=lambda place: abs(place - len(text) / 2))
    place = middle if len(text) <= 6 or rng.random() < 0.5 else rng.choice(places)
    return f"{text[:place]}\n{text[place:]}"


def misprint(text: str, rng: random.Random) -> str:
    """One wrong character: lost, doubled, swapped with the next, or one that looks alike."""
    places = [match.start() for match in _BETWEEN_HAN.finditer(text)]
    if len(places) < 3:
        return text
    place = rng.choice(places)
    before, char, after = text[:place], text[place], text[place + 1 :]
    changes: tuple[Callable[[], str], ...] = (
        lambda: before + after,
        lambda: before + char + char + after,
        lambda: before[:-1] + char + before[-1] + after,
        lambda: before + LOOKALIKES.get(char, char) + after,
    )
    return rng.choice(changes)()


def _insert(text: str, what: str, rng: random.Random) -> str:
    places = [match.start() for match in _BETWEEN_HAN.finditer(text)]
    if not places:
        return text
    place = rng.choice(places)
    return text[:place] + what + text[place:]


def _renumber(text: str, mix: NoiseMix) -> str:
    """The number before a label in another style: `1、属于国家秘密`, `１．属于国家秘密`, `(一) 予以公开`."""
    if "other-numbering" in mix:
        text = _NUMBERED.sub(lambda match: mix.numbering.format(match[1]), text)
    if "spaced-numbering" in mix:
        text = _BRACKETED.sub(r"\1 ", _NUMBERED.sub(r"\g<0> ", text))
    return text.translate(WIDE) if "wide-letters" in mix else text


def _justify(text: str, rng: random.Random) -> str:
    """Short labels spread over their cell: `总  计`."""
    if not 2 <= len(text) <= 4 or not re.fullmatch(rf"[{_HAN}]+", text):
        return text
    if len(text) == 4:
        return f"{text[:2]} {text[2:]}"
    return rng.choice((" ", " ", "　", "  ")).join(text)
