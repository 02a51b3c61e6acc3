"""Decoding of the network's output and the folding of look-alikes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from extraction.recognition.alphabet import fold_text, make_alphabet
from extraction.recognition.ctc import find_spikes, search_prefixes

SYMBOLS = ("", "0", "1", "5")


def count_paths(steps: np.ndarray) -> dict[str, float]:
    """The probability of every text by adding up all paths: what the search must come to."""
    texts: dict[str, float] = {}
    for path in itertools.product(range(steps.shape[1]), repeat=len(steps)):
        text = "".join(SYMBOLS[symbol] for symbol, _ in itertools.groupby(path))
        texts[text] = texts.get(text, 0.0) + float(
            np.prod([row[symbol] for row, symbol in zip(steps, path, strict=True)])
        )
    return texts


def test_the_search_adds_up_all_paths_of_a_text() -> None:
    steps = np.random.default_rng(3).dirichlet([0.5] * 4, size=5).astype(np.float32)
    true = count_paths(steps)
    found = search_prefixes(steps, SYMBOLS, beam=10_000)
    assert found == pytest.approx({text: true[text] for text in found}, abs=1e-4)
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-3)


def test_two_equal_digits_need_a_blank_between_them() -> None:
    apart = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0]], np.float32)
    together = np.array([[0, 1, 0, 0], [0, 1, 0, 0]], np.float32)
    assert max(search_prefixes(apart, SYMBOLS).items(), key=lambda item: item[1]) == ("00", 1.0)
    assert max(search_prefixes(together, SYMBOLS).items(), key=lambda item: item[1]) == ("0", 1.0)


def test_what_is_no_symbol_is_never_shared_out_among_the_texts() -> None:
    steps = np.array([[0.1, 0.2, 0.1, 0.0]], np.float32)  # 0.6 belongs to something else
    assert sum(search_prefixes(steps, SYMBOLS).values()) == pytest.approx(0.4)


def test_the_search_keeps_to_its_beam() -> None:
    steps = np.full((40, 4), 0.25, np.float32)
    assert len(search_prefixes(steps, SYMBOLS, beam=8)) <= 8


def test_spikes_are_runs_of_one_class() -> None:
    spikes = find_spikes(np.array([0, 7, 7, 0, 7, 9]), np.array([1, 0.5, 0.9, 1, 0.8, 0.7], np.float32))
    assert [(s.number, s.first, s.last) for s in spikes] == [(7, 1, 3), (7, 4, 5), (9, 5, 6)]
    assert spikes[0].probability == pytest.approx(0.9)
    assert find_spikes(np.zeros(0, np.int64), np.zeros(0, np.float32)) == []


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("０", "0"),
        ("。", "0"),
        ("o", "0"),
        ("Ｏ", "0"),
        ("〇", "0"),
        ("⑤", "5"),
        ("１，２０４", "1204"),
        ("1,204", "1204"),
        ("12,3", "12,3"),
        ("477．35万元", "477.35万元"),
        ("12。5", "12.5"),
        ("1。0", "1.0"),
        ("－3", "-3"),
        ("—", "—"),
        ("——", "—"),
        ("一", "—"),
        ("／", "/"),
        ("無", "无"),
        ("元", "无"),
        ("l", "1"),
        ("", ""),
        ("龙", "龙"),
    ],
)
def test_look_alikes_are_folded(printed: str, folded: str) -> None:
    assert fold_text(printed) == folded


def test_probabilities_of_look_alikes_are_added_up() -> None:
    alphabet = make_alphabet(("", "0", "O", "。", "龙", " "))
    folded = alphabet.fold_probabilities(np.array([[[0.1, 0.3, 0.2, 0.1, 0.2, 0.1]]], np.float32))[0, 0]
    at = {symbol: float(folded[place]) for place, symbol in enumerate(alphabet.symbols)}
    assert at["0"] == pytest.approx(0.5)
    assert at["。"] == pytest.approx(0.1)
    assert at[""] == pytest.approx(0.2)
    assert folded.sum() == pytest.approx(0.8)  # 龙 is anything else
