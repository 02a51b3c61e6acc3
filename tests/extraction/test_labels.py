"""The similarity of printed labels and those of the forms."""

from __future__ import annotations

import numpy as np
import pytest

from extraction.labels import FEATURES, LabelMatcher, LabelSide, fold_label, pair_features
from models.form import load_forms
from models.trained import load_trained

LEAF = "属于行政查询事项"


@pytest.fixture
def labels() -> LabelMatcher:
    return LabelMatcher(load_trained("labels"), load_forms().values())


def longest_common(a: str, b: str) -> int:
    row = [0] * (len(b) + 1)
    for x in a:
        last = row
        row = [0]
        for j, y in enumerate(b):
            row.append(last[j] + 1 if x == y else max(row[j], last[j + 1]))
    return row[-1]


def test_prints_that_differ_in_blanks_width_or_script_are_one_label(labels: LabelMatcher) -> None:
    texts = ["(7)属于行政查询事项", "（７） 属于行政 查询事项", "（7）屬於行政查詢事項"]
    scores = labels.score_labels(texts)
    np.testing.assert_array_equal(scores[1:], scores[:1].repeat(2, axis=0))
    assert scores[0, labels.index[next(v for v in labels.index if v.endswith(LEAF))]] > 0.9


def test_an_empty_text_and_a_very_long_one_are_like_no_label(labels: LabelMatcher) -> None:
    scores = labels.score_labels(["", "其他主动公开的事项" * 500])
    assert scores.shape == (2, len(labels.index))
    assert np.isfinite(scores).all()
    assert scores.max() < 0.5
    assert labels.score_labels([]).shape == (0, len(labels.index))


def test_a_similarity_does_not_depend_on_what_is_scored_with_it(labels: LabelMatcher) -> None:
    texts = [f"{number}.第二十条第（{number}）项所列信息" for number in range(1, 20)]
    alone = np.concatenate([labels.score_labels([text]) for text in texts[::-1]])[::-1]
    fresh = LabelMatcher(load_trained("labels"), load_forms().values())
    np.testing.assert_array_equal(fresh.score_labels(texts), alone)


def test_a_full_cache_changes_no_similarity(labels: LabelMatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"第{i}行{LEAF}" for i in range(9)]
    expected = labels.score_labels(texts)
    monkeypatch.setattr("extraction.labels.MAX_CACHED", 4)
    for _ in range(2):
        np.testing.assert_allclose(labels.score_labels(texts), expected, rtol=1e-5)
    np.testing.assert_allclose(labels.score_labels(texts[:2] + texts[:1]), expected[[0, 1, 0]], rtol=1e-5)


def test_the_ratio_is_of_characters_in_order_and_of_their_sets() -> None:
    wordings = [fold_label(text) for text in ("当面申请", "网络申请", "信函申请", "其他（不计入总数）")]
    printed = [fold_label(text) for text in ("申请当面", "網絡申請", "其他", "")]
    features = pair_features(printed, LabelSide(wordings, np.arange(len(wordings))))
    assert features.shape == (len(FEATURES), len(printed), len(wordings))
    for i, a in enumerate(printed):
        for j, b in enumerate(wordings):
            ratios = [
                longest_common(p, w) / (max(1, len(p)) + len(w))
                + len(set(p) & set(w)) / (max(1, len(set(p))) + len(set(w)))
                for p, w in ((a.core, b.core), (a.stem, b.stem))
            ]
            assert features[0, i, j] == pytest.approx(max(ratios))


def test_an_ordinal_that_no_label_has_is_another_ordinal() -> None:
    wordings = [fold_label("1.信访举报投诉类申请"), fold_label("总计")]
    printed = [fold_label(text) for text in ("1.信访举报投诉类申请", "9.信访举报投诉类申请", "信访举报投诉类申请")]
    features = pair_features(printed, LabelSide(wordings, np.arange(2)))
    same, other = features[FEATURES.index("same_ordinal")], features[FEATURES.index("other_ordinal")]
    assert same.tolist() == [[1, 0], [0, 0], [0, 0]]
    assert other.tolist() == [[0, 0], [1, 0], [0, 0]]
