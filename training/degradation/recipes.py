"""What happens to a document on its way to a scan: recipes by path and level, dealt to splits by their mixture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from models.picture import POINTS
from training.synthesis.choice import check_split, find_split

Thing = TypeVar("Thing")
LEVELS: Mapping[str, float] = {"light": 40, "medium": 35, "heavy": 25}  # shares of `mixed`
STRENGTHS: Mapping[str, tuple[float, float]] = {"light": (0.05, 0.3), "medium": (0.3, 0.65), "heavy": (0.6, 1.0)}
CROWDS: Mapping[str, float] = {"light": 0.45, "medium": 0.85, "heavy": 1.1}  # of the chances below
TURNS: Mapping[str, float] = {"light": 0.05, "medium": 0.12, "heavy": 0.15}
FREE_EFFECTS = 1  # mixtures of at most so many chosen effects stand in every split

PATHS: Mapping[str, Mapping[str, float]] = {
    "light": {"scan": 68, "copy": 14, "photo": 8, "book": 4, "fax": 6},
    "medium": {"scan": 40, "copy": 24, "photo": 16, "book": 9, "fax": 11},
    "heavy": {"scan": 28, "copy": 28, "photo": 18, "book": 12, "fax": 14},
}
# Effects that belong to the path, always there; and those that may be, with their chances at full crowd.
ALWAYS: Mapping[str, tuple[str, ...]] = {
    "scan": ("skew", "grain"),
    "copy": ("skew", "contrast", "speckle", "grain"),
    "photo": ("perspective", "uneven", "defocus", "grain"),
    "book": ("skew", "gutter", "grain"),
    "fax": ("skew", "contrast", "bits", "lines"),
}
MARKS: Mapping[str, float] = {
    "round-stamp": 0.28,
    "square-stamp": 0.12,
    "ticks": 0.15,
    "underline": 0.10,
    "highlighter": 0.07,
    "holes": 0.14,
    "staple": 0.10,
    "crease": 0.08,
    "aged": 0.12,
    "bleed": 0.15,
}
PRINTS: Mapping[str, float] = {"faint": 0.18, "dropout": 0.14, "thick": 0.14, "thin": 0.12, "halftone": 0.25}
GLASS: Mapping[str, float] = {"streaks": 0.2, "dust": 0.35, "salt": 0.15, "uneven": 0.15, "defocus": 0.3}
CHANCES: Mapping[str, Mapping[str, float]] = {
    "scan": {**PRINTS, **MARKS, **GLASS, "edges": 0.1, "speckle": 0.1, "moire": 0.06},
    "copy": {**PRINTS, **MARKS, **GLASS, "streaks": 0.5, "edges": 0.35},
    "photo": {**PRINTS, **MARKS, "curl": 0.5, "shadow": 0.4, "shake": 0.25, "moire": 0.12},
    "book": {**PRINTS, **MARKS, **GLASS, "edges": 0.5},
    "fax": {**PRINTS, **MARKS, "streaks": 0.3, "speckle": 0.3, "salt": 0.3},
}
FAX_MARKS = 0.6  # of the chances: what is faxed is seldom painted
OPPOSED = (("thick", "thin"), ("faint", "thick"))
Dpi = tuple[int, int]
SCAN_DPI: Mapping[str, Mapping[int, float]] = {
    "light": {150: 10, 200: 24, 240: 4, 300: 50, 400: 6, 600: 6},
    "medium": {130: 4, 150: 26, 200: 40, 300: 26, 600: 4},
    "heavy": {110: 18, 120: 10, 150: 38, 200: 26, 300: 8},
}
PHOTO_DPI: Mapping[str, tuple[int, int]] = {"light": (190, 300), "medium": (150, 240), "heavy": (125, 190)}
FAX_DPI: Mapping[str, Mapping[Dpi, float]] = {
    "light": {(204, 196): 8, (300, 300): 2},
    "medium": {(204, 196): 1},
    "heavy": {(204, 196): 7, (204, 98): 3},
}
MODES: Mapping[str, Mapping[str, float]] = {
    "scan": {"colour": 45, "grey": 38, "one-bit": 17},
    "copy": {"grey": 60, "one-bit": 30, "colour": 10},
    "photo": {"colour": 92, "grey": 8},
    "book": {"grey": 55, "colour": 35, "one-bit": 10},
    "fax": {"one-bit": 1},
}
ONE_BIT_DPI = 200  # at least: nobody scans black and white coarser than a fax
COLOUR_DPI = 300  # at most: finer scans are grey, for the memory they take
DIGIT_PIXELS: Mapping[str, float] = {"light": 14, "medium": 11.5, "heavy": 10}  # least height of digits, by eye
FINE_FAX: Dpi = (204, 196)
QUALITIES: Mapping[str, tuple[int, int]] = {"light": (75, 95), "medium": (45, 85), "heavy": (25, 65)}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done to every page of a document.

    `dpi` is (across, down). `strengths` holds the effects with numbers from 0 to 1. `mode` is colour, grey or one-bit,
    `quality` that of JPEG, `turn` the degrees clockwise by which the pages lie turned.
    """

    path: str
    level: str
    dpi: Dpi
    mode: str
    quality: int
    strengths: tuple[tuple[str, float], ...]
    turn: int = 0

    @property
    def key(self) -> str:
        """The name of the mixture, for its split."""
        return "/".join((self.path, self.mode, "+".join(self.names)))

    @property
    def turned_dpi(self) -> Dpi:
        """(across, down) of the picture, in which the page lies turned."""
        across, down = self.dpi
        return (down, across) if self.turn % 180 else self.dpi

    @property
    def names(self) -> tuple[str, ...]:
        """The effects, sorted."""
        return tuple(sorted(name for name, _ in self.strengths))


def draw_recipe(level: str, rng: np.random.Generator, *, split: str | None = None, dpi: int | None = None) -> Recipe:
    """A recipe of a level (or of any, for `mixed`), out of the mixtures of a split (of all, without one).

    `dpi` fixes the resolution. Raises `ValueError` for a level or split that is not one.
    """
    if level not in (*LEVELS, "mixed"):
        raise ValueError(f"no level {level!r}; there are {', '.join(LEVELS)} and mixed")
    if split is not None:
        check_split(split)
    while True:
        drawn = _draw_any(_pick(LEVELS, rng) if level == "mixed" else level, rng, dpi)
        free = len(drawn.strengths) - len(ALWAYS[drawn.path]) <= FREE_EFFECTS
        if split is None or free or find_split(drawn.key) == split:
            return drawn


def fit_dpi(recipe: Recipe, height: float) -> Recipe:
    """The recipe with pixels enough for digits of this height in points: nobody scans small print so coarsely."""
    needed = math.ceil(POINTS * DIGIT_PIXELS[recipe.level] / max(height, 1.0))
    across, down = recipe.dpi
    if min(across, down) >= needed:
        return recipe
    if recipe.path == "fax" and needed <= FINE_FAX[1]:
        return replace(recipe, dpi=FINE_FAX)
    dpi = min(max(across, needed), COLOUR_DPI)
    return replace(recipe, dpi=(dpi, dpi))


def soften_recipe(recipe: Recipe, share: float) -> Recipe:
    """The same effects at this share of their strengths, and less pressed."""
    strengths = tuple((name, strength * share) for name, strength in recipe.strengths)
    return replace(recipe, strengths=strengths, quality=round(95 - (95 - recipe.quality) * share))


def _draw_any(level: str, rng: np.random.Generator, dpi: int | None) -> Recipe:
    coarse = dpi is not None and dpi < ONE_BIT_DPI
    path = _pick(_without(PATHS[level], "fax") if coarse else PATHS[level], rng)
    mode = _pick(_without(MODES[path], "one-bit") if coarse else MODES[path], rng)
    names = _draw_names(path, level, rng)
    low, high = STRENGTHS[level]
    strengths = tuple((name, round(float(rng.uniform(low, high)), 3)) for name in names)
    turn = int(rng.choice([90, 180, 270])) if rng.random() < TURNS[level] else 0
    quality = int(rng.integers(*QUALITIES[level]))
    resolution = (dpi, dpi) if dpi is not None else _draw_dpi(path, level, mode, rng)
    mode = "grey" if mode == "colour" and max(resolution) > COLOUR_DPI else mode
    return Recipe(path, level, resolution, mode, quality, strengths, turn)


def _draw_names(path: str, level: str, rng: np.random.Generator) -> list[str]:
    names = [*ALWAYS[path]]
    for name, chance in CHANCES[path].items():
        rarely = FAX_MARKS if path == "fax" and name in MARKS else 1.0
        if rng.random() < chance * CROWDS[level] * rarely and name not in names:
            names.append(name)
    return [name for name in names if not any(name == late and early in names for early, late in OPPOSED)]


def _without(weights: Mapping[str, float], name: str) -> dict[str, float]:
    return {key: weight for key, weight in weights.items() if key != name}


def _draw_dpi(path: str, level: str, mode: str, rng: np.random.Generator) -> Dpi:
    if path == "fax":
        return _pick(FAX_DPI[level], rng)
    dpi = int(rng.integers(*PHOTO_DPI[level])) if path == "photo" else _pick(SCAN_DPI[level], rng)
    dpi = max(dpi, ONE_BIT_DPI) if mode == "one-bit" else dpi
    return dpi, dpi


def _pick(weights: Mapping[Thing, float], rng: np.random.Generator) -> Thing:
    """One key, drawn by weight."""
    shares = np.array(list(weights.values()), float)
    return list(weights)[int(rng.choice(len(shares), p=shares / shares.sum()))]
