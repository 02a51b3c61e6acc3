"""One page through a recipe: `degrade_sheet(pixels, recipe, sheet)`, the picture and where its points went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from models.picture import POINTS, Pixels
from training.degradation import capture, copying, light, marks, printing, stamps
from training.degradation.geometry import Warp, draw_warp
from training.degradation.recipes import Recipe
from training.degradation.sheet import Effect, Sheet

# In the order of physics: the printed sheet, what people did to it, the copier; then geometry, light and the sensor.
PAPER: Mapping[str, Effect] = {
    "halftone": printing.screen_tints,
    "thick": printing.spread_ink,
    "thin": printing.starve_ink,
    "faint": printing.thin_toner,
    "dropout": printing.drop_toner,
    "bleed": marks.shine_through,
    "aged": marks.age_paper,
    "highlighter": marks.draw_highlighter,
    "round-stamp": stamps.press_seal,
    "square-stamp": stamps.press_square,
    "ticks": marks.draw_ticks,
    "underline": marks.draw_underlines,
    "crease": marks.crease_paper,
    "staple": marks.leave_staple,
    "holes": marks.punch_holes,
    "contrast": copying.harden_contrast,
    "speckle": copying.speckle_ground,
    "streaks": copying.draw_streaks,
    "edges": copying.darken_edges,
}
LIGHT: Mapping[str, Effect] = {
    "gutter": light.darken_gutter,
    "uneven": light.light_unevenly,
    "shadow": light.cast_shadow,
    "moire": light.make_moire,
    "dust": copying.leave_dust,
}
SENSOR: Mapping[str, Effect] = {
    "defocus": capture.defocus,
    "shake": capture.shake,
    "grain": capture.add_grain,
    "salt": capture.add_salt,
}
BITS: Mapping[str, Effect] = {"bits": capture.drop_bits, "lines": capture.garble_lines}
# A document with stamps or pen marks has them on some of its pages only.
SOME_PAGES = {
    "round-stamp": 0.55,
    "square-stamp": 0.4,
    "ticks": 0.7,
    "underline": 0.6,
    "highlighter": 0.6,
    "crease": 0.8,
}


@dataclass(frozen=True, slots=True)
class DegradedPage:
    """A page as scanned: grey or RGB pixels, the warp from the clean page, and the effects that are on it."""

    pixels: Pixels
    warp: Warp
    names: tuple[str, ...]


def degrade_sheet(pixels: Pixels, recipe: Recipe, sheet: Sheet) -> DegradedPage:
    """A page (RGB or grey) through a recipe, which gives the result its dpi; `sheet.scale` is that of `pixels`."""
    strengths = {
        name: strength
        for name, strength in recipe.strengths
        if name not in SOME_PAGES or sheet.rng.random() < SOME_PAGES[name]
    }
    page = pixels if pixels.ndim == 3 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), np.uint8)
    page = _apply(PAPER, page, strengths, sheet)
    warp = draw_warp(page.shape, strengths, sheet)
    ground = light.make_desk if "perspective" in strengths else light.make_lid
    page = warp.warp_pixels(page, ground(warp.size, sheet))
    page = page if recipe.mode == "colour" else capture.make_grey(page)
    page = _apply(LIGHT, page, strengths, sheet)
    warp = warp.scale_picture(*(dpi / POINTS / sheet.scale for dpi in recipe.dpi))
    finer = warp.size[0] * warp.size[1] > page.shape[0] * page.shape[1]
    page = np.asarray(cv2.resize(page, warp.size, interpolation=cv2.INTER_CUBIC if finer else cv2.INTER_AREA), np.uint8)
    scanned = replace(sheet, scale=recipe.dpi[0] / POINTS, targets=())
    page = _apply(SENSOR, page, strengths, scanned)
    if recipe.mode == "one-bit":
        page = capture.cut_to_bits(page, max(strengths.values(), default=0.0), scanned)
        page = _apply(BITS, page, strengths, scanned)
    else:
        page = capture.press_jpeg(page, recipe.quality)
    page = np.ascontiguousarray(np.rot90(page, -recipe.turn // 90))
    return DegradedPage(page, warp.turn_picture(recipe.turn), tuple(sorted(strengths)))


def _apply(effects: Mapping[str, Effect], page: Pixels, strengths: Mapping[str, float], sheet: Sheet) -> Pixels:
    for name, effect in effects.items():
        if name in strengths:
            page = effect(page, strengths[name], sheet)
    return page
