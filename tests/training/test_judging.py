from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from extraction.confidence import Calibrator
from extraction.trees import TreeEnsemble
from models.trained import TrainedModel
from training.fitting import pool_examples
from training.judging import LEAST_ACCEPTED, Examples, export_trees, find_threshold, fit_crossed_judge, fit_judge


def make_examples(count: int, seed: int) -> Examples:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, 4))
    right = features[:, 0] + 0.3 * rng.normal(size=count) > -1.5
    examples = Examples()
    examples.add(features, right.tolist(), 0)
    return examples


def test_trees_in_arrays_score_as_scikit_learn_does() -> None:
    features, right = make_examples(2000, 1).arrays()
    model = HistGradientBoostingClassifier(max_iter=20, max_depth=4, random_state=1).fit(features, right)
    ensemble = TreeEnsemble.from_arrays(export_trees(model))
    np.testing.assert_allclose(ensemble.score(features), model.decision_function(features), atol=1e-9)


def test_confidence_is_calibrated_on_examples_never_fitted() -> None:
    model = fit_judge("cells", make_examples(8000, 1), make_examples(8000, 2), seed=1)
    features, right = make_examples(8000, 3).arrays()
    confidence = Calibrator(model).predict_confidence(features)
    for low, high in ((0.0, 0.8), (0.8, 0.98), (0.98, 1.0)):
        inside = (confidence >= low) & (confidence < high)
        assert abs(confidence[inside].mean() - right[inside].mean()) < 0.06


def test_confidence_is_never_zero_or_one() -> None:
    model = fit_judge("forms", make_examples(500, 1), make_examples(500, 2), seed=1)
    confidence = Calibrator(model).predict_confidence(make_examples(500, 3).arrays()[0])
    assert 0 < confidence.min() <= confidence.max() < 1


def test_the_same_seed_fits_the_same_model() -> None:
    first, second = (fit_judge("forms", make_examples(500, 1), make_examples(500, 2), seed=1) for _ in range(2))
    assert all(np.array_equal(first.arrays[key], second.arrays[key]) for key in first.arrays)


def test_a_judge_of_few_documents_is_calibrated_by_those_that_its_trees_have_not_seen() -> None:
    pooled = pool_examples(*(spread(make_examples(1500, seed), 40) for seed in (1, 2)))
    assert len(set(pooled.documents)) == 80
    model = fit_crossed_judge("cells", pooled, seed=1)
    features, right = make_examples(8000, 3).arrays()
    confidence = Calibrator(model).predict_confidence(features)
    for low, high in ((0.0, 0.8), (0.8, 1.0)):
        inside = (confidence >= low) & (confidence < high)
        assert abs(confidence[inside].mean() - right[inside].mean()) < 0.08
    again = fit_crossed_judge("cells", pooled, seed=1)
    assert all(np.array_equal(model.arrays[key], again.arrays[key]) for key in model.arrays)


def spread(examples: Examples, documents: int) -> Examples:
    """The examples as those of so many documents."""
    return Examples(examples.features, examples.right, [n % documents for n in range(len(examples.right))])


def test_threshold_keeps_wrong_cells_under_the_target() -> None:
    confidences = np.linspace(0, 1, 20_000)
    threshold = find_threshold(confidences, confidences > 0.97, target=1e-4)
    assert 0.96 < threshold < 0.98
    assert find_threshold(confidences, confidences > 0.2, target=1e-4) == LEAST_ACCEPTED
    assert find_threshold(confidences, np.zeros(20_000, dtype=bool), target=1e-4) == 1.0


def test_a_model_survives_saving_without_pickle(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from models.trained import load_trained, save_trained

    model = TrainedModel("cells", {"weights": np.arange(3.0)}, {"version": "1", "数据": "合成"})
    save_trained(model, folder=tmp_path)
    loaded = load_trained("cells", folder=tmp_path)
    assert np.array_equal(loaded.arrays["weights"], model.arrays["weights"])
    assert loaded.card == model.card
