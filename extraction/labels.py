"""Printed labels against the wording of the forms: a learned similarity, cached by string."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extraction.script import fold_script
from models.form import Block, Form, Label
from models.trained import TrainedModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_CACHED = 20_000  # label strings; a vector of similarities takes about 1 KB
NUMERALS = "一二三四五六七八九十"
_ORDINAL = re.compile(
    rf"^[（(]?([{NUMERALS}]{{1,2}}|\d{{1,2}})(?:[)）、.,，．:：]|(?<=[{NUMERALS}])(?=[^\d{NUMERALS}]))"
)
_BRACKETS = re.compile(rf"[（(【\[](?![{NUMERALS}\d][)）】\]])[^（()）【】\[\]]*[)）】\]]")
_OTHER = re.compile(r"[^\w]|_")
FEATURES = ("ratio", "same", "contains", "margin", "same_ordinal", "other_ordinal", "short")


@dataclass(frozen=True, slots=True)
class Wording:
    """A label folded for comparison: `core` without punctuation, `stem` without bracketed explanations as well."""

    core: str
    stem: str
    ordinal: str


def fold_label(text: str) -> Wording:
    """Fold script, width, blanks and punctuation of a label and take its ordinal off.

    >>> fold_label("（二） 部分公开（区分处理的，只计这一情形）")
    Wording(core='部分公开区分处理的只计这一情形', stem='部分公开', ordinal='二')
    """
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", fold_script(text)))
    ordinal = ""
    if match := _ORDINAL.match(text):
        ordinal = match[1]
        if len(text) > match.end():
            text = text[match.end() :]
    core = _OTHER.sub("", text)
    stem = _OTHER.sub("", _BRACKETS.sub("", text)) or core
    return Wording(core, stem, ordinal)


def make_variants(label: Label) -> tuple[str, ...]:
    """Every way a label may be printed: leaf, aliases, and the leaf behind its outer headings."""
    if not label.path:
        return ()
    joined = ("".join(label.path[-depth:]) for depth in range(1, len(label.path) + 1))
    return tuple(dict.fromkeys((*joined, *label.aliases)))


def group_wordings(labels: Iterable[Label], more: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Every variant of the labels with the number of its group.

    Labels that share a wording, but for its ordinal, are one group. `more` holds further aliases by leaf.
    """
    groups: list[dict[str, str]] = []
    for label in dict.fromkeys(labels):
        wordings = {text: fold_label(text).core for text in (*make_variants(label), *more.get(label.leaf, ()))}
        cores = set(wordings.values())
        touching = [group for group in groups if not cores.isdisjoint(group.values())]
        groups = [group for group in groups if cores.isdisjoint(group.values())]
        groups.append({text: core for group in (*touching, wordings) for text, core in group.items()})
    return {wording: number for number, group in enumerate(groups) for wording in group}


def form_labels(forms: Iterable[Form]) -> list[Label]:
    """Every label of the forms: rows, columns, block titles, corners and the headings over columns."""
    return [
        label
        for form in forms
        for block in form.blocks
        for label in (*block.rows, *block.columns, *_single_labels(block))
        if label.path
    ]


class LabelMatcher:
    """P(a printed string is a print of a label), for every label of the forms at once.

    Built from the fitted weights (logistic regression over `FEATURES`) and the forms.
    `index[variant]` says at which place of a similarity vector a variant stands.
    """

    def __init__(self, model: TrainedModel, forms: Iterable[Form]) -> None:
        import numpy as np

        self._np = np
        self._weights = model.arrays["weights"].astype(np.float32)
        groups = group_wordings(form_labels(forms), {})
        self.index: Mapping[str, int] = {variant: i for i, variant in enumerate(groups)}
        self._side = LabelSide([fold_label(variant) for variant in groups], np.array(list(groups.values())))
        self._cache: dict[str, NDArray[np.float32]] = {}

    def score_labels(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Similarities of printed strings, shape (n_texts, n_variants), each a probability."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._cache]
        if len(self._cache) + len(missing) > MAX_CACHED:
            self._cache.clear()
            missing = list(dict.fromkeys(texts))
        if missing:
            features = pair_features([fold_label(text) for text in missing], self._side)
            logits = features @ self._weights[:-1] + self._weights[-1]
            for text, row in zip(missing, 1 / (1 + self._np.exp(-logits)), strict=True):
                self._cache[text] = row
        if not texts:
            return self._np.zeros((0, len(self.index)), dtype=self._np.float32)
        return self._np.stack([self._cache[text] for text in texts])


def _single_labels(block: Block) -> list[Label]:
    """The title and the corner of a block and the headings over its rows and columns."""
    outer = [text for label in (*block.columns, *block.rows) for text in label.path[:-1]]
    return [Label((text,)) for text in (block.title, block.corner, *outer) if text]


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts ready to be compared with many: `has[i, c]` says whether text i has the c-th known character.

    The last column stands for all characters that are not known.
    """

    texts: list[str]
    lengths: NDArray[np.float32]
    distinct: NDArray[np.float32]
    characters: Mapping[str, int]
    has: NDArray[np.float32]


def prepare_texts(texts: Sequence[str], characters: Mapping[str, int] | None = None) -> Texts:
    """Prepare texts; `characters` are those of the texts they will be compared with, their own by default."""
    import numpy as np

    known = characters or {char: i for i, char in enumerate(dict.fromkeys("".join(texts)))}
    sets = [set(text) for text in texts]
    has = np.zeros((len(texts), len(known) + 1), dtype=np.float32)
    rows = np.repeat(np.arange(len(texts)), [len(chars) for chars in sets])
    has[rows, [known.get(char, -1) for chars in sets for char in chars]] = 1
    lengths = np.array([max(1, len(text)) for text in texts], dtype=np.float32)
    distinct = np.array([max(1, len(chars)) for chars in sets], dtype=np.float32)
    return Texts(list(texts), lengths, distinct, known, has)


class LabelSide:
    """The labels' half of a comparison, prepared once: cores, stems, ordinals, groups."""

    def __init__(self, wordings: Sequence[Wording], groups: NDArray[np.int64]) -> None:
        import numpy as np

        self.cores = prepare_texts([wording.core for wording in wordings])
        self.stems = prepare_texts([wording.stem for wording in wordings])
        self.ordinals = np.array([wording.ordinal for wording in wordings])
        self.short = np.array([1 / max(1, len(wording.stem)) for wording in wordings], dtype=np.float32)
        self.groups = groups
        self.starts = np.nonzero(np.diff(groups, prepend=-1))[0]
        self.place = np.searchsorted(groups[self.starts], groups)


def pair_features(printed: Sequence[Wording], labels: LabelSide) -> NDArray[np.float32]:
    """Features of every pair, shape (n_printed, n_labels, len(FEATURES)), from the longest common subsequence.

    `margin` is how much likelier a wording is than the best of any other label.
    """
    import numpy as np

    full = _compare([wording.core for wording in printed], labels.cores)
    stem = _compare([wording.stem for wording in printed], labels.stems)
    best = np.where((stem[..., 0] > full[..., 0])[..., None], stem, full)
    ordinals = np.array([wording.ordinal for wording in printed])[:, None]
    both = (ordinals != "") & (labels.ordinals != "")
    return np.stack(
        [
            *np.moveaxis(best, -1, 0),
            best[..., 0] - _best_of_others(best[..., 0], labels),
            (both & (ordinals == labels.ordinals)).astype(np.float32),
            (both & (ordinals != labels.ordinals)).astype(np.float32),
            np.broadcast_to(labels.short, best.shape[:2]),
        ],
        axis=-1,
    )


def _best_of_others(ratios: NDArray[np.float32], labels: LabelSide) -> NDArray[np.float32]:
    """For each pair the best ratio that the print has with a wording of another group."""
    import numpy as np

    by_group = np.maximum.reduceat(ratios, labels.starts, axis=1)
    first = by_group.argmax(axis=1)
    rows = np.arange(len(ratios))
    top = by_group[rows, first]
    by_group[rows, first] = -1
    second = by_group.max(axis=1)
    others: NDArray[np.float32] = np.where(labels.place[None, :] == first[:, None], second[:, None], top[:, None])
    return others


def _compare(printed: Sequence[str], labels: Texts) -> NDArray[np.float32]:
    """(ratio, same, contains) of every pair of texts.

    The ratio is the mean of that of the characters in order and of the Dice coefficient of their sets: words may
    stand in another order.
    """
    import numpy as np
    from rapidfuzz import process
    from rapidfuzz.distance import LCSseq

    prints = prepare_texts(printed, labels.characters)
    prints.has[:, -1] = 0
    common = process.cdist(printed, labels.texts, scorer=LCSseq.similarity, dtype=np.float32)
    shared = prints.has @ labels.has.T
    length_p, length_l = prints.lengths[:, None], labels.lengths[None, :]
    ratio = common / (length_p + length_l) + shared / (prints.distinct[:, None] + labels.distinct[None, :])
    same = (common == length_p) & (common == length_l)
    shorter = np.minimum(length_p, length_l)
    # A short text is contained in many: only four characters and more tell something.
    contains = common / shorter * np.clip((shorter - 2) / 4, 0, 1)
    return np.stack([ratio, same.astype(np.float32), contains], axis=-1)
