"""The span categorizer that learns facts: spaCy's, on Chinese cut by jieba, with our candidates and their features.

spaCy takes 3 seconds to import, so that it trains and `extraction.facts.finder` computes: the arrays are the same.
"""

from __future__ import annotations

import logging
import random
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from extraction.facts.context import ROWS
from extraction.facts.finder import NONE, list_classes
from training.fact_passages import Lesson

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.training import Example

ARCHITECTURE = "gouji.FactSpans.v1"
SPANS, CANDIDATES = "facts", "candidates"
WIDTH, HIDDEN, PIECES = 32, 64, 3
MEMBERS = 3  # networks whose logits are averaged: one alone is a matter of its dice where wordings are new
KEPT = 0.55  # of a candidate's features in each step of training
DROPOUT = 0.2
BATCH = 100  # passages
LEARN_RATE = 0.01
L2 = 1e-6
Features = dict[tuple[int, int], "NDArray[np.int32]"]


def fit_spans(
    lessons: Sequence[Lesson], *, seed: int, epochs: int, progress: Callable[[str], None], members: int = MEMBERS
) -> dict[str, NDArray[Any]]:
    """Train spaCy's span categorizer on passages; its weights as the arrays that `FactFinder` loads.

    Several are trained that differ in their dice only, and joined into one that gives the mean of their logits.
    """
    nlp = _make_pipeline(seed)
    examples = list(_make_examples(nlp, lessons))
    return _join([_fit_one(examples, seed + i, epochs, progress) for i in range(members)])


def _fit_one(
    examples: Sequence[Example], seed: int, epochs: int, progress: Callable[[str], None]
) -> dict[str, NDArray[Any]]:
    from thinc.api import Adam, fix_random_seed

    fix_random_seed(seed)
    nlp = _make_pipeline(seed)
    nlp.initialize(lambda: examples[:50])
    optimizer = Adam(LEARN_RATE, L2=L2, grad_clip=0.0, L2_is_weight_decay=True)
    dice = random.Random(seed)
    order = list(examples)
    for epoch in range(epochs):
        dice.shuffle(order)
        losses: dict[str, float] = {}
        for start in range(0, len(order), BATCH):
            optimizer.learn_rate = LEARN_RATE * (1 - (epoch + start / len(order)) / epochs)  # down to 0
            nlp.update(order[start : start + BATCH], sgd=optimizer, losses=losses, drop=DROPOUT)
        progress(f"  facts: dice {seed}, epoch {epoch + 1} of {epochs}, loss {losses[SPANS]:.0f}")
    return _export(nlp)


def _join(members: Sequence[Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """One network that holds several side by side; its logits are the mean of theirs."""
    width = sum(member["table"].shape[1] for member in members)
    pieces, units, own = members[0]["hidden"].shape
    hidden = np.zeros((pieces, units * len(members), width), dtype=np.float32)
    for i, member in enumerate(members):
        hidden[:, i * units : (i + 1) * units, i * own : (i + 1) * own] = member["hidden"]
    return {
        "table": np.concatenate([member["table"] for member in members], axis=1),
        "hidden": hidden,
        "hidden_bias": np.concatenate([member["hidden_bias"] for member in members], axis=1),
        "output": np.concatenate([member["output"] for member in members], axis=1) / len(members),
        "output_bias": np.mean([member["output_bias"] for member in members], axis=0),
        "classes": members[0]["classes"],
    }


def predict_spans(arrays: Mapping[str, NDArray[Any]], lesson: Lesson) -> NDArray[np.float32]:
    """What spaCy itself says of a passage's candidates with exported weights, shape (n_candidates, n_classes)."""
    nlp = _make_pipeline(0)
    examples = list(_make_examples(nlp, [lesson]))
    nlp.initialize(lambda: examples)
    spans: Any = nlp.get_pipe(SPANS)
    embed, maxout, softmax = _find_nodes(nlp)
    embed.set_param("E", arrays["table"].astype(np.float32))
    maxout.set_param("W", np.ascontiguousarray(arrays["hidden"].transpose(1, 0, 2)))
    maxout.set_param("b", np.ascontiguousarray(arrays["hidden_bias"].T))
    softmax.set_param("W", arrays["output"])
    softmax.set_param("b", arrays["output_bias"])
    _, scores = spans.predict([example.predicted for example in examples])
    return np.asarray(scores, dtype=np.float32)


def _make_pipeline(seed: int) -> Language:
    """`blank("zh")` with the jieba segmenter and a span categorizer of exclusive classes over our candidates."""
    import spacy

    _register()
    logging.getLogger("jieba").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of jieba's own import of pkg_resources
        nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "jieba"}}})
    spans: Any = nlp.add_pipe(
        "spancat_singlelabel",
        name=SPANS,
        config={
            "spans_key": SPANS,
            "model": {"@architectures": ARCHITECTURE, "seed": seed},
            "suggester": {"@misc": "spacy.preset_spans_suggester.v1", "spans_key": CANDIDATES},
        },
    )
    for name in list_classes()[:-1]:  # the last is spaCy's own negative label
        spans.add_label(name)
    return nlp


def _make_examples(nlp: Language, lessons: Iterable[Lesson]) -> Iterable[Example]:
    from spacy.training import Example

    for lesson in lessons:
        if lesson.candidates:
            doc = _make_doc(nlp, lesson)
            yield Example(doc.copy(), doc)


def _make_doc(nlp: Language, lesson: Lesson) -> Doc:
    """A passage with its candidates as spans; those of the named ones carry their class."""
    doc = nlp.make_doc(lesson.passage.folded)
    features: Features = {}
    candidates, named = [], []
    for candidate, name, own in zip(lesson.candidates, lesson.classes, lesson.features, strict=True):
        start, end = candidate.start, candidate.end
        if candidate.kind != "number":
            start, end = candidate.anchor - 1, candidate.anchor
        span = doc.char_span(start, end, label=name, alignment_mode="expand")
        if span is None or (span.start, span.end) in features:
            continue
        features[span.start, span.end] = own
        candidates.append(span)
        if name != NONE:
            named.append(span)
    doc.spans[CANDIDATES] = candidates
    doc.spans[SPANS] = named
    doc.user_data["features"] = features
    return doc


def _register() -> None:
    """Tell spaCy's registry how the model over a candidate's features is built."""
    from spacy.util import registry
    from thinc.api import Embed, Maxout, Model, Softmax, chain, reduce_mean, with_array
    from thinc.types import Ragged

    if registry.has("architectures", ARCHITECTURE):
        return

    def build(seed: int, nO: int | None = None) -> Model[Any, Any]:  # noqa: N803
        dice = np.random.default_rng(seed)

        def forward(model: Model[Any, Any], given: tuple[list[Doc], Ragged], is_train: bool) -> Any:  # noqa: FBT001
            docs, spans = given
            nothing = np.zeros(1, dtype=np.int32)
            rows = []
            for doc, (start, length) in zip(docs, _find_bounds(np.asarray(spans.lengths)), strict=True):
                features: Features = doc.user_data.get("features", {})
                for first, last in spans.dataXd[start : start + length].tolist():
                    own = features.get((first, last), nothing)
                    if is_train:
                        kept = own[dice.random(len(own)) < KEPT]
                        own = kept if len(kept) else own
                    rows.append(own)
            lengths: Any = np.array([len(own) for own in rows], dtype=np.int32)
            data: Any = np.concatenate(rows) if rows else nothing[:0]
            return Ragged(data, lengths), lambda gradient: []

        layers: Model[Any, Any] = chain(
            Model("read_features", forward),
            with_array(Embed(WIDTH, ROWS)),
            reduce_mean(),
            Maxout(HIDDEN, WIDTH, nP=PIECES, dropout=DROPOUT),
            Softmax(nO, HIDDEN),
        )
        layers.set_ref("output_layer", layers.layers[-1])
        return layers

    registry.architectures.register(ARCHITECTURE, func=build)


def _find_bounds(lengths: NDArray[np.int32]) -> list[tuple[int, int]]:
    starts = np.cumsum([0, *lengths.tolist()])[:-1]
    return list(zip(starts.tolist(), lengths.tolist(), strict=True))


def _export(nlp: Language) -> dict[str, NDArray[np.float32]]:
    """The weights of the categorizer; halves are exact enough and half the size."""
    embed, maxout, softmax = _find_nodes(nlp)
    return {
        "table": embed.get_param("E").astype(np.float16),
        "hidden": maxout.get_param("W").transpose(1, 0, 2).astype(np.float32),
        "hidden_bias": maxout.get_param("b").T.astype(np.float32),
        "output": softmax.get_param("W").astype(np.float32),
        "output_bias": softmax.get_param("b").astype(np.float32),
        "classes": np.array(list_classes()),
    }


def _find_nodes(nlp: Language) -> tuple[Any, Any, Any]:
    """The layers that have weights: the table, the layer of maxout, the softmax."""
    spans: Any = nlp.get_pipe(SPANS)
    nodes = {node.name: node for node in spans.model.walk()}
    return nodes["embed"], nodes["maxout"], nodes["softmax"]
