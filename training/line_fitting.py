"""Fitting the line classifier: lines of synthetic documents as the readers see them, with their roles."""

from __future__ import annotations

import difflib
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.utils.validation import check_is_fitted

from extraction.line_views import HEAD_CHARACTERS, LineView, fold_line, view_lines
from extraction.lines import (
    CLASSES,
    SECTION_CLASSES,
    LineClassifier,
    WordCutter,
    context_features,
    gram_weight,
    text_features,
)
from extraction.readers import read_document
from extraction.sections import find_headings, find_sections
from models.document import Block, Document, DocumentError, Source, TextLine
from models.trained import TrainedModel, hash_arrays
from training.datasets import Origin, Portion, make_origin, pack_text
from training.evaluation import TRUTH_SUFFIX
from training.synthesis.corpus import iterate_corpus
from training.synthesis.printed import RenderedReport

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_COUNT = 4  # a feature of fewer lines says more of those lines than of the next
MAX_FEATURES = 16_000  # 16,000 weights for 15 classes are 1 MB
MIN_WORD_COUNT = 8
REGULARIZATION = 0.5  # scikit-learn's C; with more, headings are parted worse from paragraphs that run on
TOLERANCE = 1e-4  # with 1e-3 the fit ends so early that the log loss on held-out lines is twice as high
ROUGH_ITERATIONS = 40  # of the fit that only ranks the features
ITERATIONS = 300
MAX_SAME = 30  # lines of one text and class; repeated zeros and headings teach nothing more
MAX_CELLS = 25  # table lines of one document
HELD_OUT_SHARE = 3  # calibrate and test have one document for so many to train on
# How much of a document's tables the classifier is shown as plain lines: mostly none, but tables may go unfound.
TOPIC_WEIGHTS = (80, 15, 5)  # a title may be lost or mislead: kept, unknown, other
# Not in the corpus: headings broken over two lines, in this share of the documents, and there of the headings.
BROKEN_DOCUMENTS = 0.15
BROKEN_HEADINGS = 0.7
SHORTEST_BROKEN = 8
SHOWN_TABLES = (0.0, 0.0, 0.0, 0.3, 1.0)
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")

Progress = Callable[[], None]
Keep = Callable[[str, Portion], object]


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A document as read, the indices of its table lines, the class of each other line, and its sections in order."""

    document: Document
    table_blocks: frozenset[int]
    labels: dict[int, str]
    sections: tuple[str, ...]
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class LabelledLines:
    """Lines and their classes; `documents` says which document each line is from."""

    views: tuple[LineView, ...]
    labels: NDArray[np.str_]
    documents: NDArray[np.int64]
    origins: tuple[Origin, ...] = ()


def label_document(report: RenderedReport) -> LabelledDocument | None:
    """Read a rendered report and give its lines the class of the printed line; `None` where it cannot be read."""
    try:
        document = read_document(Source(f"report{report.suffix}", report.content, ""))
    except DocumentError:
        return None
    places = [i for i, b in enumerate(document.blocks) if isinstance(b, TextLine) and _squeeze(b.text)]
    read = [_squeeze(document.blocks[i].text) for i in places]  # type: ignore[union-attr]
    printed = [(_squeeze(line.text), name) for line, name in zip(report.lines, _name_classes(report), strict=True)]
    printed = [(text, name) for text, name in printed if text]
    found = {places[i]: name for i, name in _align(read, printed).items()}
    tables = frozenset(places) - found.keys()
    origin = make_origin(report.content, report.truth, kind=report.suffix)
    return LabelledDocument(document, tables, found, tuple(report.truth["sections"]), origin)


def _align(read: Sequence[str], printed: Sequence[tuple[str, str]]) -> dict[int, str]:
    """The class of each line read, by its index; a line that begins as a printed one may have the next ones joined."""
    matcher = difflib.SequenceMatcher(None, read, [text for text, _ in printed], autojunk=False)
    found: dict[int, str] = {}
    for tag, start, end, first, last in matcher.get_opcodes():
        rest = iter(printed[first:last])
        for index in range(start, end):
            if tag == "equal":
                found[index] = next(rest)[1]
            elif len(read[index]) > SHORTEST_BROKEN:
                candidates = [
                    name for text, name in printed[first:last] if len(text) > 3 and read[index].startswith(text)
                ]
                found |= {index: candidates[0]} if candidates else {}
    return found


def break_headings(labelled: LabelledDocument, rng: random.Random) -> LabelledDocument:
    """The document with most of its headings broken over two lines, as narrow pages and slides of WPS have them."""
    blocks: list[Block] = []
    labels: dict[int, str] = {}
    tables: set[int] = set()
    for index, block in enumerate(labelled.document.blocks):
        label = labelled.labels.get(index)
        tables |= {len(blocks)} if index in labelled.table_blocks else set()
        halves = _break_line(block, rng) if label in SECTION_CLASSES and isinstance(block, TextLine) else [block]
        for half, name in zip(halves, (label, "rest"), strict=False):
            if name is not None:
                labels[len(blocks)] = name
            blocks.append(half)
    document = replace(labelled.document, blocks=tuple(blocks))
    return LabelledDocument(document, frozenset(tables), labels, labelled.sections, labelled.origin)


def _break_line(line: TextLine, rng: random.Random) -> list[Block]:
    text = line.text.strip()
    if not SHORTEST_BROKEN <= len(text) <= HEAD_CHARACTERS or rng.random() > BROKEN_HEADINGS:
        return [line]
    place = rng.randint(len(text) // 2, len(text) - 2)
    return [replace(line, text=text[:place]), replace(line, text=text[place:].lstrip())]


def _name_classes(report: RenderedReport) -> list[str]:
    """The class of each printed line; a heading line after one of the same section is the rest of it."""
    names: list[str] = []
    open_section = None
    for line in report.lines:
        if line.role == "heading" and line.section is not None:
            names.append(
                "rest" if line.section == open_section and names[-1] in (open_section, "rest") else line.section
            )
            open_section = line.section
        else:
            names.append("subheading" if line.role == "heading" else line.role)  # of a document of another kind
    return names


def _squeeze(text: str) -> str:
    return _BLANKS.sub("", text).strip("#*|")


def collect_lines(documents: Iterable[LabelledDocument], rng: random.Random) -> LabelledLines:
    """The lines to learn from, some of them table lines that stay unfound."""
    views: list[LineView] = []
    labels: list[str] = []
    numbers: list[int] = []
    origins: list[Origin] = []
    seen: Counter[tuple[str, str]] = Counter()
    for number, original in enumerate(documents):
        labelled = break_headings(original, rng) if rng.random() < BROKEN_DOCUMENTS else original
        shown = rng.choice(SHOWN_TABLES)
        topic = rng.choices((None, "unknown", "other"), TOPIC_WEIGHTS)[0]
        hidden = frozenset(index for index in labelled.table_blocks if rng.random() >= shown)
        placed = list(view_lines(labelled.document, hidden))
        origins += [labelled.origin] if labelled.origin is not None else []
        cells = [index for index, _ in placed if index not in labelled.labels]
        kept = set(rng.sample(cells, min(MAX_CELLS, len(cells))))
        for index, view in placed:
            label = labelled.labels.get(index, "cell")
            seen[view.text, label] += 1
            if (label != "cell" or index in kept) and seen[view.text, label] <= MAX_SAME:
                views.append(view if topic is None else replace(view, topic=topic))
                labels.append(label)
                numbers.append(number)
    return LabelledLines(tuple(views), np.array(labels), np.array(numbers, dtype=np.int64), tuple(origins))


def find_words(views: Iterable[LineView]) -> dict[str, int]:
    """The words that jieba's own dictionary finds in heads of headings' length, with its frequencies."""
    import jieba

    cutter = jieba.Tokenizer()
    heads = (fold_line(view.text) for view in views)
    counts = Counter(
        word for line in heads if line.length <= HEAD_CHARACTERS for word in cutter.cut(line.core, HMM=False)
    )
    han = re.compile(r"[\u4e00-\u9fff]+")
    words = (word for word, count in counts.items() if count >= MIN_WORD_COUNT and han.fullmatch(word))
    return {word: max(1, cutter.FREQ.get(word, 1)) for word in sorted(words)}


class LineVectorizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Lines as the rows of a sparse matrix, shape (n_lines, n_features); `vocabulary` fixes the columns where given."""

    def __init__(
        self, *, words: dict[str, int] | None = None, min_count: int = MIN_COUNT, vocabulary: Any = None
    ) -> None:
        self.words = words
        self.min_count = min_count
        self.vocabulary = vocabulary

    def fit(self, X: Sequence[LineView], y: Any = None) -> LineVectorizer:  # noqa: N803
        """Learn the vocabulary: every feature of at least `min_count` lines."""
        self.cutter_ = WordCutter(self.words or {})
        if self.vocabulary is not None:
            names = list(self.vocabulary)
        else:
            counts = Counter(name for view in X for name, _ in self._find_features(view))
            names = sorted(name for name, count in counts.items() if count >= self.min_count)
        self.vocabulary_ = {name: i for i, name in enumerate(names)}
        return self

    def transform(self, X: Sequence[LineView]) -> csr_matrix:  # noqa: N803
        """The features of lines; unknown ones are left out."""
        check_is_fitted(self)
        columns, values, starts = [], [], [0]
        for view in X:
            for name, value in self._find_features(view):
                if name in self.vocabulary_:
                    columns.append(self.vocabulary_[name])
                    values.append(value)
            starts.append(len(columns))
        return csr_matrix((values, columns, starts), shape=(len(starts) - 1, len(self.vocabulary_)))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.str_]:
        """The names of the columns."""
        return np.array(list(self.vocabulary_))

    def _find_features(self, view: LineView) -> Iterator[tuple[str, float]]:
        grams, marks = text_features(fold_line(view.text), self.cutter_)
        weight = gram_weight(len(grams))
        yield from ((name, weight) for name in grams)
        yield from ((name, 1.0) for name in (*marks, *context_features(view)))


def fit_classifier(lines: LabelledLines, *, seed: int) -> tuple[LineVectorizer, LogisticRegression]:
    """Multinomial logistic regression on the features that a first, rough fit finds to weigh most."""
    words = find_words(lines.views)
    vectorizer = LineVectorizer(words=words).fit(lines.views)
    rough = _make_regression(seed, ROUGH_ITERATIONS)
    matrix = vectorizer.transform(lines.views)
    rough.fit(matrix, lines.labels)
    # A feature matters by its weights and by how often it stands.
    spread = np.abs(rough.coef_).max(axis=0) * np.sqrt(np.asarray(matrix.multiply(matrix).mean(axis=0)).ravel())
    kept = np.sort(np.argsort(-spread, kind="stable")[:MAX_FEATURES])
    vectorizer = LineVectorizer(words=words, vocabulary=vectorizer.get_feature_names_out()[kept].tolist()).fit(
        lines.views
    )
    regression = _make_regression(seed, ITERATIONS).fit(vectorizer.transform(lines.views), lines.labels)
    return vectorizer, regression


def _make_regression(seed: int, iterations: int) -> LogisticRegression:
    return LogisticRegression(C=REGULARIZATION, max_iter=iterations, tol=TOLERANCE, random_state=seed)


def fit_temperature(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The number that the logits are to be divided by, so that their probabilities are the most likely (Guo 2017)."""

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        log_probabilities = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        return float(-log_probabilities[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded").x))


def export_classifier(
    vectorizer: LineVectorizer, regression: LogisticRegression, *, temperature: float
) -> dict[str, NDArray[Any]]:
    """The fitted classifier as the arrays that `LineClassifier` reads."""
    words = vectorizer.words or {}
    return {
        "classes": np.array([str(name) for name in regression.classes_]),
        "vocabulary": vectorizer.get_feature_names_out(),
        "weights": regression.coef_.T.astype(np.float32),
        "bias": regression.intercept_.astype(np.float32),
        "temperature": np.array(temperature),
        "words": np.array(list(words)),
        "frequencies": np.array(list(words.values()), dtype=np.int64),
    }


def fit_lines(*, seed: int, count: int, progress: Progress, keep: Keep, reports: Path | None = None) -> TrainedModel:
    """Fit on `count` documents of the train split, calibrate and measure on a third as many of the others each.

    `reports` is a folder of real documents with their truth beside them, to be measured apart. `keep` is given the
    lines of each split.
    """
    others = max(1, count // HELD_OUT_SHARE)
    train = collect_lines(_iterate_labelled(count, seed, "train", progress), random.Random(seed))
    vectorizer, regression = fit_classifier(train, seed=seed)
    held_out = collect_lines(_iterate_labelled(others, seed, "calibrate", progress), random.Random(seed + 1))
    known = np.isin(held_out.labels, regression.classes_)
    keep("train", make_portion(train))
    keep("calibrate", make_portion(held_out))
    logits = regression.decision_function(vectorizer.transform(held_out.views))[known]
    temperature = fit_temperature(logits, np.searchsorted(regression.classes_, held_out.labels[known]))
    arrays = export_classifier(vectorizer, regression, temperature=temperature)
    model = TrainedModel("lines", arrays, {})
    lines = LineClassifier(model)
    synthetic = measure_documents(lines, _iterate_labelled(others, seed, "test", progress))
    card = {
        "version": hash_arrays(arrays),
        "train_lines": len(train.views),
        "features": len(vectorizer.vocabulary_),
        "words": len(vectorizer.words or {}),
        "temperature": round(temperature, 4),
        "synthetic": synthetic,
    } | ({"real": measure_reports(lines, reports)} if reports is not None else {})
    return TrainedModel("lines", arrays, card)


def make_portion(lines: LabelledLines) -> Portion:
    """Lines with their classes as a part of a dataset."""
    rows = [[*astuple(view), label] for view, label in zip(lines.views, lines.labels.tolist(), strict=True)]
    arrays = {"lines": pack_text(rows), "documents": lines.documents}
    return Portion(arrays, len(rows), lines.origins, dict(sorted(Counter(lines.labels.tolist()).items())))


def _iterate_labelled(count: int, seed: int, split: str, progress: Progress) -> Iterator[LabelledDocument]:
    for report in iterate_corpus(count, seed, split):
        progress()
        if (labelled := label_document(report)) is not None:
            yield labelled


def measure_documents(lines: LineClassifier, documents: Iterable[LabelledDocument]) -> dict[str, Any]:
    """F1 of every class, the share of documents whose sections are all right and in order, and the calibration.

    A section is right where its heading is the printed one.
    """
    expected: list[str] = []
    found: list[str] = []
    exact: list[bool] = []
    confidences: list[float] = []
    right: list[bool] = []
    for labelled in documents:
        placed = view_lines(labelled.document, labelled.table_blocks)
        probabilities = lines.predict_proba([view for _, view in placed])
        found += [lines.classes[i] for i in probabilities.argmax(axis=1)]
        expected += [labelled.labels[index] for index, _ in placed]
        topic = placed[0][1].topic if placed else "unknown"
        headings = find_headings(probabilities, lines.classes, topic=topic)
        exact.append(tuple(heading.section for heading in headings) == labelled.sections)
        confidences += [heading.confidence for heading in headings]
        right += [labelled.labels[placed[heading.index][0]] == heading.section for heading in headings]
    scores = f1_score(expected, found, labels=list(CLASSES), average=None, zero_division=0.0)
    counts = Counter(expected)
    f1 = {name: round(float(score), 4) for name, score in zip(CLASSES, scores, strict=True) if counts[name]}
    return {
        "documents": len(exact),
        "lines": len(expected),
        "f1": f1,
        "exact_sequences": _mean(exact),
        "sections": len(right),
        "sections_right": _mean(right),
        "mean_confidence": _mean(confidences),
    }


def measure_reports(lines: LineClassifier, folder: Path) -> dict[str, Any]:
    """The share of real documents whose sections are those of the truth beside them, with no table known beforehand."""
    exact = {}
    for path in sorted(folder.glob("*.truth.json")):
        sections = json.loads(path.read_text("utf-8"))["sections"]
        stem = path.name.removesuffix(TRUTH_SUFFIX)
        for other in sorted(folder.glob(f"{stem}.*")):
            if other == path:
                continue
            try:
                document = read_document(Source(other.name, other.read_bytes(), ""))
            except DocumentError:
                continue
            exact[other.name] = [section.section_id for section in find_sections(document, lines)] == sections
    return {"documents": len(exact), "exact_sequences": _mean(list(exact.values()))}


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None
