"""The text that lies hidden under a scan: what bad recognition once made of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from models.page import Character
from models.picture import POINTS
from training.degradation.files import HiddenText
from training.degradation.geometry import Warp

# How wrong a layer is: the share of characters that are other ones, or lost.
LAYERS: Mapping[str, tuple[float, float]] = {"near": (0.06, 0.03), "bad": (0.3, 0.15), "garbled": (1.0, 0.1)}
DIGITS = "0123456789"
# What is misread as what; other characters become any of `STRANGE`.
ALIKE: Mapping[str, str] = {"0": "OoD8。", "1": "lI|7", "3": "8", "5": "S6", "6": "b5", "7": "1", "8": "B3", "9": "g0"}
STRANGE = "口囗曰日目田由甲申电工土士王玉主干千于丁卜厂广丶丿乚冂匚凵勹幺巛彡彳忄扌氵犭礻纟艹讠辶钅阝饣"
MOVED = 3.0  # points


def draw_layer(
    characters: Sequence[Character], warp: Warp, scale: float, dpi: tuple[int, int], rng: np.random.Generator
) -> tuple[HiddenText, ...]:
    """A wrong text layer for a scan of a page with these characters, `scale` in pixels a point of the clean page."""
    if not characters:
        return ()
    wrong, lost = LAYERS[str(rng.choice(list(LAYERS)))]
    starts = np.array([(item.box[0], item.origin[1]) for item in characters]) * scale
    places = warp.carry_points(starts) * POINTS / np.array(dpi) + rng.normal(0, MOVED, 2)
    texts = []
    for item, (x, y) in zip(characters, places, strict=True):
        text = _misread(item.text, rng) if rng.random() < wrong else item.text
        if rng.random() >= lost and len(text) == 1 and ord(text) < 0x10000:
            texts.append(HiddenText(text, float(x), float(y), max(item.size, 1.0)))
    return tuple(texts)


def _misread(text: str, rng: np.random.Generator) -> str:
    if text in DIGITS and rng.random() < 0.5:
        return DIGITS[int(rng.integers(10))]
    choices = ALIKE.get(text, STRANGE)
    return choices[int(rng.integers(len(choices)))]
