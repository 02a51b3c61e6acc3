"""What each printed line is: a section's heading, a title, a subheading or text, with calibrated probabilities."""

from __future__ import annotations

import functools
import io
import itertools
import operator
import re
import warnings
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from extraction.line_views import (
    FIRST_ORDINALS,
    HEAD_CHARACTERS,
    RAW_CHARACTERS,
    FoldedLine,
    LineView,
    find_context,
    fold_line,
)
from models.trained import TrainedModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SECTION_CLASSES = ("overview", "proactive", "requests", "disputes", "problems", "other", "fees", "statistics")
# `rest` is the second half of a heading that is broken over two lines, `cell` a line of a table that was not found.
CLASSES = (*SECTION_CLASSES, "title", "rest", "subheading", "caption", "furniture", "cell", "body")

MAX_CACHED = 20_000  # lines; one takes about 0.3 KB
PREFIXES = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15)
SUFFIXES = (2, 3, 4)
WORD_CHARACTERS = 20  # of a head that are cut into words
SENTENCE_ENDS = frozenset("。；;，,")  # an unnumbered line that ends so is no heading, and not cut into words
LENGTHS = (4, 8, 12, 16, 20, 26, 34, 44, 60, 100)  # characters; headings have 4 to 30

_MARKS = (
    ("sentence", re.compile(r"[。！？；!?;]")),
    ("comma", re.compile(r",")),
    ("colon", re.compile(r":")),
    ("digit", re.compile(r"\d")),
    ("self", re.compile(r"^[我本]")),
)
_LEAD_END = re.compile(r"[。！？；!?;:,]")  # what parts a run-in heading from its paragraph


def text_features(line: FoldedLine, words: WordCutter) -> tuple[list[str], list[str]]:
    """The features a line has by its text: (n-grams and words, which share a weight; marks, of weight 1)."""
    core, short = line.core, line.length <= HEAD_CHARACTERS
    closed = f"^{core}$" if short else f"^{core}"
    grams = [*closed, *map(operator.add, closed, closed[1:])]
    if line.numbering != "none" or (short and line.end not in SENTENCE_ENDS):
        grams += [f"w:{word}" for word in words.cut(core[:WORD_CHARACTERS]) if len(word) > 1]
    marks = [f"p:{core[:n]}" for n in PREFIXES]
    if short:
        marks += [f"s:{core[-n:]}" for n in SUFFIXES]
        marks.append(f"whole:{core}")
    for name, lead in (("lead", _LEAD_END.split(core, maxsplit=1)[0]), ("gap", line.lead)):
        if lead != core:
            marks += [f"{name}:{lead}", *[f"{name}-s:{lead[-n:]}" for n in SUFFIXES], f"{name}-n:{len(lead) // 4}"]
    marks += [f"number:{line.numbering}", f"first:{line.ordinal in FIRST_ORDINALS}"]
    marks.append(f"length:{bisect_left(LENGTHS, line.length)}")
    marks.append(f"end:{line.end}" if line.end in "。！？；：:;!?，,、）)" else "end:other")
    marks += [f"has:{name}" for name, pattern in _MARKS if pattern.search(core)]
    return list(dict.fromkeys(grams)), list(dict.fromkeys(marks))


def context_features(view: LineView) -> list[str]:
    """The features a line has by where it stands; each has weight 1."""
    return [
        f"heading:{min(view.heading, 5)}",
        f"order:{view.order}",
        f"place:{view.place}",
        f"before:{view.before}",
        f"after:{view.after}",
        f"gap:{view.gap}",
        f"era:{view.era}",
        f"topic:{view.topic}",
        f"run:{view.run}",
        f"chief:{view.chief}:{fold_line(view.text).numbering}",
    ]


class WordCutter:
    """Cuts text into the words of a dictionary {word: frequency} by jieba; built in milliseconds at the first cut."""

    def __init__(self, frequencies: Mapping[str, int]) -> None:
        self._frequencies = dict(frequencies)
        self.cut = functools.lru_cache(maxsize=MAX_CACHED)(self._cut)

    def _cut(self, text: str) -> list[str]:
        """Every word of the dictionary in a text, also those within others, and single characters between them."""
        return list(self._tokenizer.cut(text, cut_all=True)) if self._frequencies else list(text)

    @functools.cached_property
    def _tokenizer(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of jieba's own import of pkg_resources
            import jieba  # 0.4 s, its tables for unknown words, which we do not use
        tokenizer = jieba.Tokenizer()
        lines = "".join(f"{word} {frequency} n\n" for word, frequency in self._frequencies.items())
        # Set, not loaded from a path: jieba keeps a copy of what it loads among the temporary files.
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(io.BytesIO(lines.encode("utf-8")))
        tokenizer.initialized = True
        return tokenizer


class LineClassifier:
    """P(class | line) by the stored vocabulary and weights: multinomial logistic regression, without scikit-learn.

    Logits are sums of weights, so that those of a text are kept and those of its place are added.
    """

    def __init__(self, model: TrainedModel) -> None:
        import numpy as np

        self.classes: tuple[str, ...] = tuple(model.arrays["classes"].tolist())
        # The first weights are those of nothing: no sum is empty.
        self._index = {name: i for i, name in enumerate(model.arrays["vocabulary"].tolist(), 1)}
        self._weights = np.pad(model.arrays["weights"].astype(np.float32), ((1, 0), (0, 0)))
        self._bias = model.arrays["bias"].astype(np.float32)
        self._temperature = float(model.arrays["temperature"])
        self._words = WordCutter(
            dict(zip(model.arrays["words"].tolist(), model.arrays["frequencies"].tolist(), strict=True))
        )
        self._by_text: dict[str, NDArray[np.float32]] = {}
        self._by_line: dict[FoldedLine, NDArray[np.float32]] = {}
        self._contexts: dict[tuple[object, ...], NDArray[np.float32]] = {}

    def predict_proba(self, views: Sequence[LineView]) -> NDArray[np.float32]:
        """Probabilities of lines, shape (n_lines, n_classes), each row summing to 1."""
        import numpy as np

        if not views:
            empty: NDArray[np.float32] = np.zeros((0, len(self.classes)), dtype=np.float32)
            return empty
        logits = self.score_texts([view.text for view in views]) + self._score_contexts(views)
        logits = logits / np.float32(self._temperature)
        logits -= logits.max(axis=1, keepdims=True)
        raised = np.exp(logits)
        probabilities: NDArray[np.float32] = raised / raised.sum(axis=1, keepdims=True)
        return probabilities

    def score_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Logits of lines by their text alone, shape (n_texts, n_classes)."""
        import numpy as np

        found: dict[str, NDArray[np.float32]] = {}
        fresh: dict[FoldedLine, list[str]] = {}  # and the texts that are folded to it
        for text in dict.fromkeys(texts):
            if text not in self._by_text:
                line = fold_line(text)
                row = self._by_line.get(line)
                if row is None:
                    fresh.setdefault(line, []).append(text)
                else:
                    found[text] = row
        scored = list(zip(fresh.items(), self._score_lines(list(fresh)), strict=True))
        found |= {text: row for (_, own), row in scored for text in own}
        scores = np.concatenate([found[text] if text in found else self._by_text[text] for text in texts])
        if len(self._by_text) + len(found) > MAX_CACHED:
            self._by_text.clear()
            self._by_line.clear()
        # Long lines are paragraphs, which do not come again.
        self._by_text |= {text: row for text, row in found.items() if len(text) <= RAW_CHARACTERS}
        self._by_line |= {line: row for (line, _), row in scored if line.length <= RAW_CHARACTERS}
        return scores.reshape(len(texts), -1)

    def _score_contexts(self, views: Sequence[LineView]) -> NDArray[np.float32]:
        """Logits of lines by where they stand alone, shape (n_lines, n_classes)."""
        import numpy as np

        if len(self._contexts) > MAX_CACHED:
            self._contexts.clear()
        keys = [(*find_context(view), fold_line(view.text).numbering) for view in views]
        fresh = {key: view for key, view in zip(keys, views, strict=True) if key not in self._contexts}
        if fresh:
            rows = self._add_weights([context_features(view) for view in fresh.values()])
            self._contexts |= zip(fresh, rows, strict=True)
        return np.concatenate([self._contexts[key] for key in keys]).reshape(len(keys), -1)

    def _score_lines(self, lines: Sequence[FoldedLine]) -> NDArray[np.float32]:
        import numpy as np

        if not lines:
            return np.zeros((0, len(self.classes)), dtype=np.float32)
        grams, marks = zip(*(text_features(line, self._words) for line in lines), strict=True)
        weights = np.array([[gram_weight(len(names))] for names in grams], dtype=np.float32)
        scores: NDArray[np.float32] = self._bias + self._add_weights(marks) + self._add_weights(grams) * weights
        return scores

    def _add_weights(self, features: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """The sum of the weights of each list of features, shape (n, n_classes); unknown features weigh nothing."""
        import numpy as np

        index = self._index
        found = [[0, *filter(None, map(index.get, names))] for names in features]
        sizes = [len(row) for row in found]
        places = np.fromiter(itertools.chain.from_iterable(found), dtype=np.intp, count=sum(sizes))
        starts = [0, *itertools.accumulate(sizes[:-1])]
        sums: NDArray[np.float32] = np.add.reduceat(self._weights.take(places, axis=0), starts, axis=0)
        return sums


def gram_weight(count: int) -> float:
    """The value of each of a line's n-grams and words: long lines have more of them, but no more to say."""
    return float((4.0 / count) ** 0.5) if count else 0.0
