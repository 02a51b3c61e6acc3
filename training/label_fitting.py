"""Fitting the similarity of labels: prints of labels with the slips that agencies make, against every other label."""

from __future__ import annotations

import random
import re

import numpy as np
from numpy.typing import NDArray

from extraction.labels import FEATURES, LabelSide, fold_label, form_labels, group_wordings, pair_features
from models.form import load_forms
from models.trained import TrainedModel
from training.datasets import Portion
from training.synthesis.label_variations import HALF_WIDTH, load_wordings, misprint

PRINTS = 24  # of each wording
RIVALS = 6  # wordings of other labels, the likest, against each print
# Texts that stand in or near tables and are labels of no form.
STRANGERS = (
    "其他主动公开文件", "小计", "备注", "合计", "项目", "数量", "金额", "年份", "部门", "预算数", "决算数", "填报单位",
    "信访件数", "执法人员数", "检查次数", "案件总数", "罚没金额", "网站名称", "独立用户访问总量", "信息发布总数",
    "留言办理", "移动新媒体", "创新发展", "单位负责人", "填报日期", "联系电话", "培训次数", "行政检查", "行政征收",
    "行政裁决",
)  # fmt: skip


def fit_labels(*, seed: int) -> tuple[TrainedModel, dict[str, float], dict[str, Portion]]:
    """Logistic regression over the features of pairs; also its measures on labels held out, and the pairs."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss, roc_auc_score

    wordings = group_wordings(form_labels(load_forms().values()), load_wordings()["aliases"])
    features, same, group = _make_pairs(wordings, random.Random(seed))
    held_out = group % 5 == 0
    model = LogisticRegression(C=10.0, max_iter=2000).fit(features[~held_out], same[~held_out])
    chance = model.predict_proba(features[held_out])[:, 1]
    metrics = {
        "pairs": float(held_out.sum()),
        "log_loss": float(log_loss(same[held_out], chance)),
        "auroc": float(roc_auc_score(same[held_out], chance)),
        "accuracy": float(((chance > 0.5) == same[held_out]).mean()),
    }
    weights = np.append(model.coef_[0], model.intercept_[0])
    portions = {
        split: Portion(
            {"features": features[chosen], "same": same[chosen], "group": group[chosen]},
            int(chosen.sum()),
            classes={"same": int(same[chosen].sum()), "other": int((~same[chosen]).sum())},
        )
        for split, chosen in (("train", ~held_out), ("test", held_out))
    }
    return TrainedModel("labels", {"weights": weights}, {"features": list(FEATURES)}), metrics, portions


def _make_pairs(
    wordings: dict[str, int], rng: random.Random
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.int64]]:
    """Features of pairs, whether they are one label, and the group that each print is from."""
    owners = np.array(list(wordings.values()))
    prints = [(make_print(text, rng), index) for text, index in wordings.items() for _ in range(PRINTS)]
    prints += [(make_print(text, rng), -1) for text in STRANGERS if text not in wordings for _ in range(PRINTS)]
    side = LabelSide([fold_label(text) for text in wordings], owners)
    features = np.moveaxis(pair_features([fold_label(text) for text, _ in prints], side), 0, -1)
    rows, same, group = [], [], []
    for i, (_, index) in enumerate(prints):
        own = np.nonzero(owners == index)[0]
        others = np.nonzero(owners != index)[0]
        likest = others[np.argsort(-features[i, others, 0])[:RIVALS]]
        chosen = [*(own[[features[i, own, 0].argmax()]] if len(own) else ()), *likest]
        rows += [features[i, j] for j in chosen]
        same += [owners[j] == index for j in chosen]
        group += [index] * len(chosen)
    return np.array(rows), np.array(same), np.array(group)


def make_print(text: str, rng: random.Random) -> str:
    """A label as an agency may print it: half-width, spread, renumbered, misprinted, explained, cut."""
    if rng.random() < 0.6:
        text = text.translate(HALF_WIDTH)
    if rng.random() < 0.35:
        text = misprint(rng, text)
    if rng.random() < 0.1:
        text += rng.choice(load_wordings()["explanations"])
    if rng.random() < 0.1 and len(text) > 5:
        text = text[: rng.randint(4, len(text) - 1)]
    if rng.random() < 0.2 and (ordinal := re.match(r"(\d)(\.)|（([一二三四五六七八九])）", text)):
        # Numerals are lost, or counted wrong.
        text = rng.choice(("", f"{rng.randint(1, 9)}.", f"（{rng.choice('一二三四五六七')}）")) + text[ordinal.end() :]
    return text
