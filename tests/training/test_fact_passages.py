from __future__ import annotations

import random
import re

import numpy as np
import pytest

from extraction.facts.finder import NONE, FactFinder, list_classes
from models.fact_items import load_fact_items
from models.trained import TrainedModel
from training.fact_fitting import Predicted, calibrate, measure_predicted
from training.fact_passages import Noise, make_lessons, type_text
from training.synthesis.wording import Speaker, load_sentences, read_marks, say_chinese, say_counts

QUIET = Noise(spaced=False, halved=False, widened=False, traditional=False, misprinted=False)


@pytest.fixture(scope="module")
def lessons():
    return [lesson for index in range(25) for lesson in make_lessons(index, seed=5, split="train")]


def test_nearly_every_fact_of_the_generator_is_a_candidate(lessons) -> None:
    facts = sum(name != NONE for lesson in lessons for name in lesson.classes)
    missed = sum(len(lesson.missed) for lesson in lessons)
    assert facts > 300
    assert missed < 0.02 * facts


def test_lessons_are_alike_whether_made_alone_or_among_others(lessons) -> None:
    again = list(make_lessons(0, seed=5, split="train"))
    assert [lesson.passage.text for lesson in again] == [lesson.passage.text for lesson in lessons[: len(again)]]


def test_there_are_numbers_that_are_no_facts(lessons) -> None:
    names = [name for lesson in lessons for name in lesson.classes]
    assert 0.05 < names.count(NONE) / len(names) < 0.5


def test_marks_keep_their_places_however_the_text_is_typed() -> None:
    marked = "共收到申请\ue0000\ue00212件\ue001，复议\ue0001\ue002\ue001均无。"
    noise = Noise(spaced=True, halved=True, widened=True, traditional=True, misprinted=False)
    text, spans = type_text(marked, noise, random.Random(1))
    assert [text[start:end] for _, start, end in spans] == ["１２ 件", ""]
    plain, spans = type_text(marked, QUIET, random.Random(1))
    assert plain == "共收到申请12件，复议均无。"
    assert [(index, plain[:start][-2:]) for index, start, _ in spans] == [(0, "申请"), (1, "复议")]


def test_wordings_of_the_test_split_are_said_nowhere_else() -> None:
    splits = load_sentences()["splits"]
    for name, dealt in splits.items():
        assert set(dealt.values()) <= {"train", "calibrate", "test"}, name
    said: dict[str, set[str]] = {}
    for split in ("train", "test"):
        speaker = Speaker(random.Random(3), 2020, {}, {}, split=split)
        own = [line for line, of in splits["F_training"].items() if of == split]
        said[split] = set(own)
        assert own
        assert speaker.split == split
    assert not said["train"] & said["test"]


def test_every_wording_names_items_that_there_are() -> None:
    lines = [line for lines in load_sentences()["lines"].values() for line in lines]
    lines += [line for lines in load_sentences()["lists"].values() for line in lines]
    items = {item for line in lines for item in re.findall(r"<[=#]?([a-z_.]+)[@ ]", line)}
    assert items == set(load_fact_items())


def test_every_item_is_said_in_enough_wordings() -> None:
    lines = [line for name, lines in load_sentences()["lines"].items() if name.startswith("F_") for line in lines]
    lines += [line for lines in load_sentences()["lists"].values() for line in lines]
    for item in load_fact_items():
        assert sum(f"{item}@" in line or f"{item} " in line for line in lines) >= 3, item


def test_a_line_of_other_years_has_no_facts() -> None:
    words = {
        "年": ("2020年",),
        "去年": ("2019年",),
        "明年": ("2021年",),
        "我": ("我局",),
        "年始": ("",),
        "年末": ("年末",),
    }
    words |= {"全": ("全县",), "机关": ("云岭县商务局",), "地": ("云岭",)}
    for seed in range(40):
        speaker = Speaker(random.Random(seed), 2020, words, {}, split="train", marked=True)
        for text in say_counts(speaker, "F_resources", 3):
            plain, spans = read_marks(text)
            if plain.startswith(("2019年", "历年来", "自《", "今后")):
                assert spans == []


@pytest.mark.parametrize(("value", "said"), [(11, "十一"), (20, "二十"), (105, "一百零五"), (2010, "二千零一十")])
def test_numbers_are_said_in_chinese(value: int, said: str) -> None:
    assert say_chinese(value) == said


def test_a_fact_under_another_item_is_both_invented_and_missed() -> None:
    predicted = Predicted(("a", "b", NONE), ("a", "c", NONE), (0.9, 0.8, 0.9), missed=1)
    assert measure_predicted(predicted) == {"facts": 3, "precision": 0.5, "recall": 0.33333, "not_candidates": 1}


def test_confidence_rises_with_the_score_and_is_never_certain() -> None:
    scores = np.linspace(0.3, 1, 200)
    right = tuple("a" if score > 0.6 else "b" for score in scores)
    points, confidences = calibrate(Predicted(right, ("a",) * 200, tuple(scores), missed=0))
    assert list(points) == sorted(points)
    assert list(confidences) == sorted(confidences)
    assert 0 < confidences.min() < confidences.max() < 1


def test_networks_that_are_joined_give_the_mean_of_their_logits(lessons) -> None:
    from training import fact_spans

    some = [lesson for lesson in lessons if lesson.candidates][:20]
    both = fact_spans.fit_spans(some, seed=1, epochs=1, members=2, progress=lambda text: None)
    alone = [fact_spans.fit_spans(some, seed=seed, epochs=1, members=1, progress=lambda text: None) for seed in (1, 2)]
    plain = {"calibration_scores": np.array([0.0, 1.0]), "calibration_confidences": np.array([0.0, 1.0])}
    logits = [
        np.log(FactFinder(TrainedModel("facts", arrays | plain, {})).predict_proba(some[0].features))
        for arrays in (both, *alone)
    ]
    # Equal but for what makes each row sum to one.
    difference = logits[0] - (logits[1] + logits[2]) / 2
    assert np.allclose(difference, difference[:, :1], atol=1e-3)


def test_numpy_computes_what_spacy_has_learned(lessons) -> None:
    from training import fact_spans

    some = lessons[:60]
    arrays = fact_spans.fit_spans(some, seed=1, epochs=1, members=1, progress=lambda text: None)
    plain = {"calibration_scores": np.array([0.0, 1.0]), "calibration_confidences": np.array([0.0, 1.0])}
    finder = FactFinder(TrainedModel("facts", arrays | plain, {}))
    lesson = max(some, key=lambda lesson: len(lesson.candidates))
    expected = fact_spans.predict_spans(arrays, lesson)
    assert expected.shape[1] == len(list_classes())
    assert np.allclose(finder.predict_proba(lesson.features), expected, atol=1e-4)
