"""What each printed line is: a section's heading, a title, a subheading or text, with calibrated probabilities."""

from __future__ import annotations

import functools
import io
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from extraction.line_views import FIRST_ORDINALS, HEAD_CHARACTERS, RAW_CHARACTERS, LineView, fold_line
from models.trained import TrainedModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SECTION_CLASSES = ("overview", "proactive", "requests", "disputes", "problems", "other", "fees", "statistics")
# `rest` is the second half of a heading that is broken over two lines, `cell` a line of a table that was not found.
CLASSES = (*SECTION_CLASSES, "title", "rest", "subheading", "caption", "furniture", "cell", "body")

MAX_CACHED = 20_000  # lines; one takes about 0.3 KB
EXACT_GRAMS = (1, 2, 3)
PREFIXES = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15)
SUFFIXES = (2, 3, 4)
WORD_CHARACTERS = 20  # of a head that are cut into words
LENGTHS = (4, 8, 12, 16, 20, 26, 34, 44, 60, 100)  # characters; headings have 4 to 30

_SENTENCE = re.compile(r"[。！？；!?;]")
_LEAD_END = re.compile(r"[。！？；!?;:,]")  # what parts a run-in heading from its paragraph


def text_features(text: str, words: WordCutter) -> tuple[list[str], list[str]]:
    """The features a line has by its text: (n-grams and words, which share a weight; marks, of weight 1)."""
    line = fold_line(text)
    core, short = line.core, line.length <= HEAD_CHARACTERS
    closed = f"^{core}$" if short else f"^{core}"
    grams = [closed[i : i + n] for n in EXACT_GRAMS for i in range(len(closed) - n + 1)]
    if short or line.numbering != "none":
        grams += [f"w:{word}" for word in words.cut(core[:WORD_CHARACTERS]) if len(word) > 1]
    marks = [f"p:{core[:n]}" for n in PREFIXES]
    if short:
        marks += [f"s:{core[-n:]}" for n in SUFFIXES]
        marks.append(f"whole:{core}")
    for name, lead in (("lead", _LEAD_END.split(core, maxsplit=1)[0]), ("gap", line.lead)):
        if lead != core:
            marks += [f"{name}:{lead}", *(f"{name}-s:{lead[-n:]}" for n in SUFFIXES), f"{name}-n:{len(lead) // 4}"]
    marks += [f"number:{line.numbering}", f"first:{line.ordinal in FIRST_ORDINALS}"]
    marks.append(f"length:{sum(line.length > bound for bound in LENGTHS)}")
    marks.append(f"end:{line.end}" if line.end in "。！？；：:;!?，,、）)" else "end:other")
    marks += [f"has:{name}" for name, found in _find_marks(core).items() if found]
    return list(dict.fromkeys(grams)), list(dict.fromkeys(marks))


def _find_marks(core: str) -> dict[str, bool]:
    return {
        "sentence": bool(_SENTENCE.search(core)),
        "comma": "," in core,
        "colon": ":" in core,
        "digit": any(character.isdigit() for character in core),
        "self": core.startswith(("我", "本")),
    }


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

    def cut(self, text: str) -> list[str]:
        """Every piece of a text, in order: words of the dictionary, and single characters between them."""
        return list(self._tokenizer.cut(text, HMM=False)) if self._frequencies else list(text)

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
        self._index = {name: i for i, name in enumerate(model.arrays["vocabulary"].tolist())}
        self._weights = model.arrays["weights"].astype(np.float32)
        self._bias = model.arrays["bias"].astype(np.float32)
        self._temperature = float(model.arrays["temperature"])
        self._words = WordCutter(
            dict(zip(model.arrays["words"].tolist(), model.arrays["frequencies"].tolist(), strict=True))
        )
        self._cache: dict[str, NDArray[np.float32]] = {}

    def predict_proba(self, views: Sequence[LineView]) -> NDArray[np.float32]:
        """Probabilities of lines, shape (n_lines, n_classes), each row summing to 1."""
        import numpy as np

        if not views:
            empty: NDArray[np.float32] = np.zeros((0, len(self.classes)), dtype=np.float32)
            return empty
        logits = self.score_texts([view.text for view in views])
        contexts = [self._find(context_features(view)) for view in views]
        logits = logits + np.stack([self._weights[found].sum(axis=0) for found in contexts])
        logits = logits / np.float32(self._temperature)
        logits -= logits.max(axis=1, keepdims=True)
        raised = np.exp(logits)
        probabilities: NDArray[np.float32] = raised / raised.sum(axis=1, keepdims=True)
        return probabilities

    def score_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Logits of lines by their text alone, shape (n_texts, n_classes)."""
        import numpy as np

        missing = [text for text in dict.fromkeys(texts) if text not in self._cache]
        scored = {text: self._score_text(text) for text in missing}
        rows = [scored[text] if text in scored else self._cache[text] for text in texts]
        # Long lines are paragraphs, which do not come again.
        fresh = {text: row for text, row in scored.items() if len(text) <= RAW_CHARACTERS}
        if len(self._cache) + len(fresh) > MAX_CACHED:
            self._cache.clear()
        self._cache.update(fresh)
        scores: NDArray[np.float32] = np.stack(rows)
        return scores

    def _score_text(self, text: str) -> NDArray[np.float32]:
        import numpy as np

        grams, marks = text_features(text, self._words)
        score: NDArray[np.float32] = self._bias + self._weights[self._find(marks)].sum(axis=0)
        score += self._weights[self._find(grams)].sum(axis=0) * np.float32(gram_weight(len(grams)))
        return score

    def _find(self, names: Iterable[str]) -> list[int]:
        return [self._index[name] for name in names if name in self._index]


def gram_weight(count: int) -> float:
    """The value of each of a line's n-grams: long lines have more of them, but no more to say."""
    return float((4.0 / count) ** 0.5) if count else 0.0
