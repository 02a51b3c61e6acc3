from __future__ import annotations

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from extraction.line_views import (
    LineView,
    find_chief,
    find_era,
    find_runs,
    find_topic,
    fold_head,
    fold_line,
    view_lines,
)
from extraction.lines import CLASSES, SECTION_CLASSES, LineClassifier, WordCutter
from models.document import Document, Table, TextLine
from models.trained import TrainedModel, load_trained, save_trained
from training.line_fitting import LineVectorizer, export_classifier, fit_temperature

NUMERALS = ("{}、", "（{}）", "第{}部分 ", "")
BANK = {
    "overview": ("总体情况", "概述", "工作总体情况"),
    "proactive": ("主动公开政府信息情况", "政府信息主动公开情况"),
    "requests": ("收到和处理政府信息公开申请情况", "依申请公开政府信息情况"),
    "disputes": ("政府信息公开行政复议、行政诉讼情况", "复议、诉讼和申诉情况"),
    "body": ("我局认真贯彻落实《条例》，主动公开信息5条。", "全年未收到申请。", "下一步将加强培训，提高认识。"),
}
WORDS = {"总体情况": 50, "主动公开": 90, "政府信息": 80, "行政复议": 70, "行政诉讼": 60, "申请": 200, "情况": 300}


@pytest.fixture(scope="module")
def examples() -> tuple[list[LineView], list[str]]:
    pairs = [
        (LineView(numeral.format("一二三四五"[i]) + text, heading=i % 3, place=i, gap=bool(i % 2)), name)
        for i, (name, texts) in enumerate(BANK.items())
        for numeral, text in itertools.product(NUMERALS, texts)
    ]
    return [view for view, _ in pairs], [name for _, name in pairs]


@pytest.fixture(scope="module")
def fitted(examples: tuple[list[LineView], list[str]]) -> tuple[LineVectorizer, LogisticRegression]:
    views, labels = examples
    vectorizer = LineVectorizer(words=WORDS, min_count=2).fit(views)
    return vectorizer, LogisticRegression(C=4.0, max_iter=1000).fit(vectorizer.transform(views), labels)


def test_stored_weights_predict_what_scikit_learn_predicts(
    examples: tuple[list[LineView], list[str]], fitted: tuple[LineVectorizer, LogisticRegression]
) -> None:
    views = [*examples[0], LineView("七、从未见过的标题", era="old", chief="chinese"), LineView("0"), LineView("")]
    vectorizer, regression = fitted
    lines = LineClassifier(TrainedModel("lines", export_classifier(vectorizer, regression, temperature=1.0), {}))
    expected = regression.predict_proba(vectorizer.transform(views))
    assert lines.classes == tuple(regression.classes_)
    np.testing.assert_allclose(lines.predict_proba(views), expected, atol=1e-5)
    np.testing.assert_allclose(lines.predict_proba(views), expected, atol=1e-5, err_msg="from the cache")


def test_temperature_divides_the_logits(
    examples: tuple[list[LineView], list[str]], fitted: tuple[LineVectorizer, LogisticRegression]
) -> None:
    vectorizer, regression = fitted
    lines = LineClassifier(TrainedModel("lines", export_classifier(vectorizer, regression, temperature=2.5), {}))
    logits = regression.decision_function(vectorizer.transform(examples[0])) / 2.5
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(lines.predict_proba(examples[0]), expected, atol=1e-5)


def test_a_saved_classifier_predicts_the_same(
    examples: tuple[list[LineView], list[str]], fitted: tuple[LineVectorizer, LogisticRegression], tmp_path
) -> None:
    model = TrainedModel("lines", export_classifier(*fitted, temperature=1.3), {"version": "1"})
    save_trained(model, folder=tmp_path)
    again = LineClassifier(load_trained("lines", folder=tmp_path))
    np.testing.assert_array_equal(again.predict_proba(examples[0]), LineClassifier(model).predict_proba(examples[0]))


def test_the_vectorizer_follows_the_estimator_contract(fitted: tuple[LineVectorizer, LogisticRegression]) -> None:
    from sklearn.base import clone
    from sklearn.exceptions import NotFittedError

    copy = clone(fitted[0])
    assert copy.get_params() == {"words": WORDS, "min_count": 2, "vocabulary": None}
    with pytest.raises(NotFittedError):
        copy.transform([LineView("一、总体情况")])


def test_temperature_of_logits_that_are_twice_too_sure_is_two() -> None:
    rng = np.random.default_rng(7)
    logits = rng.normal(size=(4000, 5))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(5, p=row) for row in chances])
    assert fit_temperature(2 * logits, labels) == pytest.approx(2.0, rel=0.1)


def test_no_lines_have_no_probabilities() -> None:
    assert LineClassifier(load_trained("lines")).predict_proba([]).shape == (0, len(CLASSES))


def test_lines_of_every_script_width_and_spacing_fold_alike() -> None:
    prints = (
        "三、收到和处理政府信息公开申请情况",
        "  三、 收到和 處(chù)理政府信息公開申請情況 |",
        "**三、收到和处理政府信息公开申请情况**",
    )
    assert len({fold_head(text) for text in prints}) == 1


@pytest.mark.parametrize(
    ("text", "style", "ordinal"),
    [
        ("一、总体情况", "chinese", "一"),
        ("一．总体情况", "chinese", "一"),
        ("（二）依申请公开", "bracket", "二"),
        ("第三部分　依申请公开", "part", "三"),
        ("4.复议", "arabic", "4"),
        ("１、概述", "arabic", "1"),
        ("（5）其他", "arabic-bracket", "5"),
        ("、其他事项", "lost", ""),
        ("四其他需要报告的事项", "bare", "四"),
        ("总体情况", "none", ""),
        ("2023年，我局", "none", ""),
        ("一是加强培训", "none", ""),
    ],
)
def test_numbering_styles_are_told_apart(text: str, style: str, ordinal: str) -> None:
    line = fold_line(text)
    assert (line.numbering, line.ordinal) == (style, ordinal)


@pytest.mark.parametrize(
    ("text", "era"),
    [
        ("某局2012年政府信息公开工作年度报告", "old"),
        ("某局二○一五年度政府信息公开年报", "old"),
        ("某局 2 0 2 3 年政府信息公开工作年度报告", "new"),
        ("政府信息公开工作年度报告", "unknown"),
    ],
)
def test_the_era_is_read_off_the_title(text: str, era: str) -> None:
    assert find_era([fold_line(text)]) == era


def test_the_topic_is_told_by_title_or_preface() -> None:
    def topic(*texts: str) -> str:
        return find_topic(map(fold_line, texts))

    assert topic("某区教育局2023年政府信息公开工作年度报告") == "report"
    assert topic("某区教育局2023年", "政府信息公开工作年度报告", "一、总体情况") == "report"
    assert topic("本年报是根据《中华人民共和国政府信息公开条例》编制。") == "report"
    assert topic("某区教育局2023年法治政府建设年度报告") == "other"
    assert topic("关于做好2023年政府信息公开工作年度报告编制工作的通知") == "other"
    assert topic("一、总体情况", "某区教育局2023年政府信息公开工作年度报告") == "unknown"


def test_the_count_of_the_chief_numbering_is_followed() -> None:
    texts = ["一、总体情况", "（一）主动公开", "二、主动公开政府信息情况", "四、复议", "五、问题"]
    lines = [fold_line(text) for text in texts]
    assert find_chief(lines) == "chinese"
    assert find_runs(lines, "chinese") == ["next", "none", "next", "off", "next"]


def test_table_lines_and_tables_are_seen_by_their_neighbours_only() -> None:
    texts = ("二、主动公开", "", "规章 0 0 0", "单位：件", "", "三、依申请公开")
    blocks = (*(TextLine(text, n) for n, text in enumerate(texts, 1)), Table((), "html", 6))
    placed = view_lines(Document("a", "", "text/plain", blocks), frozenset([2]))
    assert [index for index, _ in placed] == [0, 3, 5]
    assert [(view.before, view.after, view.gap) for _, view in placed] == [
        ("none", "table", False),
        ("table", "chapter", True),
        ("short", "table", True),
    ]


def test_words_are_cut_by_the_given_dictionary_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert WordCutter(WORDS).cut("主动公开政府信息的总体情况") == ["主动公开", "政府信息", "的", "总体情况", "情况"]
    assert WordCutter({}).cut("情况") == ["情", "况"]
    assert capsys.readouterr().err == ""


def test_classifying_lines_imports_no_scikit_learn() -> None:
    program = (
        "import json, sys\n"
        "from extraction.line_views import LineView\n"
        "from extraction.lines import LineClassifier\n"
        "from models.trained import load_trained\n"
        "lines = LineClassifier(load_trained('lines'))\n"
        "best = lines.predict_proba([LineView('一、总体情况', topic='report')]).argmax()\n"
        "print(json.dumps([lines.classes[best], 'sklearn' in sys.modules, 'scipy' in sys.modules]))\n"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout
    assert json.loads(output) == ["overview", False, False]


def test_the_shipped_classifier_knows_every_class_and_is_small() -> None:
    model = load_trained("lines")
    assert set(model.arrays["classes"].tolist()) == set(CLASSES)
    assert set(SECTION_CLASSES) < set(CLASSES)
    assert sum(array.nbytes for name, array in model.arrays.items() if name == "weights") < 3 * 2**20
