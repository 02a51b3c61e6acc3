"""Printed labels against the wording of the forms: a learned similarity, cached by string."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extraction.script import fold_script
from models.form import Block, Form, Label, add_aliases
from models.quick import quicken
from models.trained import TrainedModel
from models.width import fold_width

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_CACHED = 20_000  # label strings; a vector of similarities takes about 1.5 KB
MAX_CACHED_CHARACTERS = 100
NUMERALS = "一二三四五六七八九十"
_ORDINAL = re.compile(
    rf"^[（(]?([{NUMERALS}]{{1,2}}|\d{{1,2}})"
    rf"(?:[)）、.,，．:：·•・]|(?<=[{NUMERALS}])(?=[^\d{NUMERALS}])|(?<=\d)(?=[^\W\da-zA-Z_年月日]))"
)
_BRACKETS = re.compile(rf"[（(【\[](?![{NUMERALS}\d][)）】\]])[^（()）【】\[\]]*[)）】\]]")
_OTHER = re.compile(r"[^\w]|_")
FEATURES = ("ratio", "same", "contains", "margin", "same_ordinal", "other_ordinal", "short")


@quicken
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
    return _fold_cached(text) if len(text) <= MAX_CACHED_CHARACTERS else _fold_label(text)


def _fold_label(text: str) -> Wording:
    text = "".join(fold_width(fold_script(text)).split())
    ordinal = ""
    if match := _ORDINAL.match(text):
        ordinal = match[1]
        if len(text) > match.end():
            text = text[match.end() :]
    if text.isalnum():
        return Wording(text, text, ordinal)
    core = _OTHER.sub("", text)
    stem = _OTHER.sub("", _BRACKETS.sub("", text)) or core
    return Wording(core, stem, ordinal)


_fold_cached = functools.lru_cache(maxsize=MAX_CACHED)(_fold_label)


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


def learn_forms(forms: Mapping[str, Form], model: TrainedModel) -> dict[str, Form]:
    """The forms with the wordings that the model of labels has learned from corrections, if any.

    They are its array `learned`, of shape (n, 3): family, leaf of the label, wording.
    """
    learned = model.arrays["learned"].tolist() if "learned" in model.arrays else []
    return add_aliases(forms, [(family, leaf, wording) for family, leaf, wording in learned])


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

        self._weights = model.arrays["weights"].astype(np.float32)
        groups = group_wordings(form_labels(forms), {})
        self.index: Mapping[str, int] = {variant: i for i, variant in enumerate(groups)}
        self._side = LabelSide([fold_label(variant) for variant in groups], np.array(list(groups.values())))
        self._by_text: dict[str, NDArray[np.float32]] = {}
        self._by_wording: dict[Wording, NDArray[np.float32]] = {}

    def score_labels(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Similarities of printed strings, shape (n_texts, n_variants), each a probability."""
        import numpy as np

        if not texts:
            return np.zeros((0, len(self.index)), dtype=np.float32)
        self.score_ahead(texts)
        return np.concatenate([self._by_text[text] for text in texts]).reshape(len(texts), -1)

    def score_ahead(self, texts: Iterable[str]) -> None:
        """Score strings that will be asked for: many at once take little longer than one."""
        texts = dict.fromkeys(texts)
        missing = [text for text in texts if text not in self._by_text]
        if len(self._by_text) + len(missing) > MAX_CACHED:
            self._by_text.clear()
            self._by_wording.clear()
            missing = list(texts)
        if missing:
            self._score_missing({text: fold_label(text) for text in missing})

    def _score_missing(self, folded: Mapping[str, Wording]) -> None:
        """Put texts into the cache; prints that differ in blanks, width or script alone are scored once."""
        import numpy as np

        fresh = [wording for wording in dict.fromkeys(folded.values()) if wording not in self._by_wording]
        if fresh:
            features = pair_features(fresh, self._side)
            # Not by a matrix product, whose last digits depend on what else is scored at the time.
            logits = (features * self._weights[:-1, None, None]).sum(axis=0) + self._weights[-1]
            self._by_wording |= zip(fresh, 1 / (1 + np.exp(-logits)), strict=True)
        self._by_text |= {text: self._by_wording[wording] for text, wording in folded.items()}


def _single_labels(block: Block) -> list[Label]:
    """The title and the corner of a block and the headings over its rows and columns."""
    outer = [text for label in (*block.columns, *block.rows) for text in label.path[:-1]]
    return [Label((text,)) for text in (block.title, block.corner, *outer) if text]


class LabelSide:
    """The labels' half of a comparison, prepared once; `cores` and `stems` say where in `texts` those of each stand.

    `members` has a row for each character of the texts, with 1 for those that it is in; the first is for all others.
    """

    def __init__(self, wordings: Sequence[Wording], groups: NDArray[np.int64]) -> None:
        import numpy as np

        self.texts, self.cores, self.stems = _list_texts(wordings)
        self.lengths, self.distinct = _measure_texts(self.texts)
        self.place = {text: i for i, text in enumerate(self.texts) if text}
        self.characters = {char: i for i, char in enumerate(sorted(set("".join(self.texts))), 1)}
        self.members = np.zeros((1 + len(self.characters), len(self.texts)), dtype=np.float32)
        for i, text in enumerate(self.texts):
            self.members[[self.characters[char] for char in text], i] = 1.0
        self.ordinal_numbers = {text: i for i, text in enumerate(sorted({"", *(w.ordinal for w in wordings)}))}
        self.ordinals = self.number_ordinals(wordings)
        self.short = np.array([1 / max(1, len(wording.stem)) for wording in wordings], dtype=np.float32)
        self.groups = groups
        self.starts = np.nonzero(np.diff(groups, prepend=-1))[0]
        self.group_of = np.searchsorted(groups[self.starts], groups)

    def number_ordinals(self, wordings: Sequence[Wording]) -> NDArray[np.intp]:
        """A number for each ordinal: 0 for none, -1 for one that no label has."""
        import numpy as np

        return np.array([self.ordinal_numbers.get(wording.ordinal, -1) for wording in wordings], dtype=np.intp)

    def count_shared(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """How many distinct characters each text shares with each of the labels', shape (n_texts, n_label_texts)."""
        import numpy as np

        rows = [[0, *filter(None, map(self.characters.get, set(text)))] for text in texts]
        starts = [0, *itertools.accumulate(map(len, rows[:-1]))]
        shared: NDArray[np.float32] = np.add.reduceat(self.members[list(itertools.chain(*rows))], starts, axis=0)
        return shared


def _measure_texts(texts: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lengths and numbers of distinct characters of texts, at least 1."""
    import numpy as np

    lengths = np.array([max(1, len(text)) for text in texts], dtype=np.float32)
    return lengths, np.array([max(1, len(set(text))) for text in texts], dtype=np.float32)


def _list_texts(wordings: Sequence[Wording]) -> tuple[list[str], NDArray[np.intp], NDArray[np.intp]]:
    """The distinct cores and stems, and where among them the core and the stem of each wording stand."""
    import numpy as np

    cores, stems = [wording.core for wording in wordings], [wording.stem for wording in wordings]
    place = {text: i for i, text in enumerate(dict.fromkeys(cores + stems))}
    return (
        list(place),
        np.array([place[text] for text in cores], dtype=np.intp),
        np.array([place[text] for text in stems], dtype=np.intp),
    )


def pair_features(printed: Sequence[Wording], labels: LabelSide) -> NDArray[np.float32]:
    """Features of every pair, shape (len(FEATURES), n_printed, n_labels), from the longest common subsequence.

    `margin` is how much likelier a wording is than the best of any other label.
    """
    import numpy as np

    texts, cores, stems = _list_texts(printed)
    compared = _compare(texts, labels)
    full = cores[:, None] * len(labels.texts) + labels.cores
    stem = stems[:, None] * len(labels.texts) + labels.stems
    ordinals = labels.number_ordinals(printed)[:, None]
    both, alike = (ordinals != 0) & (labels.ordinals != 0), ordinals == labels.ordinals
    features = np.empty((len(FEATURES), *full.shape), dtype=np.float32)
    better = compared[0].take(stem) > compared[0].take(full)
    features[:3] = compared.reshape(3, -1).take(np.where(better, stem, full), axis=1)
    features[3] = features[0] - _best_of_others(features[0], labels)
    features[4] = both & alike
    features[5] = both & ~alike
    features[6] = labels.short
    return features


def _best_of_others(ratios: NDArray[np.float32], labels: LabelSide) -> NDArray[np.float32]:
    """For each pair the best ratio that the print has with a wording of another group."""
    import numpy as np

    by_group = np.maximum.reduceat(ratios, labels.starts, axis=1)
    first = by_group.argmax(axis=1)
    rows = np.arange(len(ratios))
    top = by_group[rows, first]
    by_group[rows, first] = -1
    second = by_group.max(axis=1)
    others: NDArray[np.float32] = np.where(labels.group_of == first[:, None], second[:, None], top[:, None])
    return others


def _compare(printed: Sequence[str], labels: LabelSide) -> NDArray[np.float32]:
    """(ratio, same, contains) of every pair of texts, shape (3, n_printed, n_label_texts).

    The ratio is the mean of that of the characters in order and of the Dice coefficient of their sets: words may
    stand in another order.
    """
    import numpy as np
    from rapidfuzz import process
    from rapidfuzz.distance import LCSseq

    common = process.cdist(printed, labels.texts, scorer=LCSseq.similarity, dtype=np.float32)
    lengths, distinct = (measure[:, None] for measure in _measure_texts(printed))
    compared = np.zeros((3, *common.shape), dtype=np.float32)
    compared[0] = common / (lengths + labels.lengths) + labels.count_shared(printed) / (distinct + labels.distinct)
    for i, text in enumerate(printed):
        if text in labels.place:
            compared[1, i, labels.place[text]] = 1.0
    shorter = np.minimum(lengths, labels.lengths)
    # A short text is contained in many: only four characters and more tell something.
    compared[2] = common / shorter * np.clip((shorter - 2) / 4, 0, 1)
    return compared
