"""Measures as pictures (PNG): calibration, risk and coverage, errors caught, groups, comparisons, a series over time.

Labels are names of measures, forms and layouts, which are English: no font for Chinese is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.comparing import Comparison
from training.evaluation import Evaluation, list_confidences
from training.measures import find_caught_curve, find_risk_coverage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 80
INK, SECOND, WRONG = "#1f4e79", "#c05a1c", "#a01c1c"
LEAST_RISK = 1e-6  # of a logarithmic axis
SMALL_RISK = 1e-4  # under it an axis of risks is linear, down to none
MOST_GROUPS = 24


def plot_evaluation(evaluation: Evaluation, folder: Path, *, prefix: str = "") -> list[Path]:
    """Write the pictures of one evaluation to a folder; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    measures = evaluation.measures()
    figures = {
        "calibration": draw_calibration(measures["calibration"]),
        "risk-coverage": draw_risk_coverage(evaluation),
        "errors-caught": draw_caught(evaluation),
        "accuracy-by-layout": draw_groups(measures["by_layout"], "layout"),
        "accuracy-by-kind": draw_groups(measures["by_kind"], "kind of cell"),
    }
    return [save_figure(figure, folder / f"{prefix}{name}.png") for name, figure in figures.items()]


def draw_calibration(rows: Sequence[Mapping[str, float]]) -> Figure:
    """Said against found, as chances of being wrong; a bin without a wrong cell is hollow, at the foot."""
    figure, axes = _make_axes("Calibration: what was said and what was found", (5.6, 4.6))
    said = np.array([max(1 - row["confidence"], LEAST_RISK) for row in rows])
    found = np.array([1 - row["right"] for row in rows])
    wide = (LEAST_RISK, 1.0)
    axes.plot(wide, wide, color="#999999", linewidth=1, label="calibrated")
    for some, face, text in ((found > 0, INK, "cells"), (found == 0, "none", "cells, none of them wrong")):
        if some.any():
            axes.scatter(said[some], found[some], s=45, facecolor=face, edgecolor=INK, label=text, zorder=3)
    for place, (x, y, row) in enumerate(zip(said, found, rows, strict=True)):
        above = 8 + 11 * (place % 2) if not y else 6
        axes.annotate(f"{row['cells']:,.0f}", (x, y), textcoords="offset points", xytext=(3, above), fontsize=7)
    axes.set_xscale("log")
    axes.set_yscale("symlog", linthresh=SMALL_RISK)
    axes.set_xlim(LEAST_RISK, 1.5)
    axes.set_ylim(-SMALL_RISK / 8, 1.5)
    axes.set_xlabel("said: 1 − mean confidence of the bin")
    axes.set_ylabel("found: share of wrong cells")
    axes.legend(fontsize=8, loc="upper left")
    return figure


def draw_risk_coverage(evaluation: Evaluation) -> Figure:
    """The share of wrong cells among those accepted, for every share of cells accepted."""
    figure, axes = _make_axes("Risk and coverage", (5.6, 3.8))
    coverage, risk = find_risk_coverage(*list_confidences(evaluation.cells))
    if len(risk):
        steps = (np.concatenate([[0.0], coverage]), np.concatenate([risk[:1], risk]))
        axes.plot(*steps, color=INK, drawstyle="steps-pre")
    axes.axhline(1 / 2000, color="#999999", linewidth=1, linestyle="--")
    axes.annotate("1 in 2,000", (0.02, 1 / 2000 * 1.15), fontsize=7, color="#555555")
    axes.set_yscale("symlog", linthresh=SMALL_RISK)
    axes.set_ylim(bottom=0)
    axes.set_xlim(0, 1.01)
    axes.set_xlabel("coverage: share of cells accepted, surest first")
    axes.set_ylabel("risk: wrong of those accepted")
    return figure


def draw_caught(evaluation: Evaluation) -> Figure:
    """The share of all wrong cells that is found by reviewing a share of the cells, least confident first."""
    figure, axes = _make_axes("Errors caught by review", (5.6, 3.8))
    reviewed, caught = find_caught_curve(*list_confidences(evaluation.cells))
    if len(reviewed):
        axes.plot(reviewed * 100, caught * 100, color=INK, label="least confident first")
        axes.plot([0, 100], [0, 100], color="#999999", linewidth=1, label="at random")
        axes.legend(fontsize=8)
    else:
        axes.annotate("no cell is wrong", (4, 50), fontsize=9)
    axes.set_xlim(0, 20)
    axes.set_ylim(0, 102)
    axes.set_xlabel("% of the cells reviewed")
    axes.set_ylabel("% of the wrong cells seen")
    return figure


def draw_groups(groups: Mapping[str, Mapping[str, Any]], title: str) -> Figure:
    """Wrong cells in 10,000 by group, silent ones among them, the worst groups first."""
    rows = sorted(groups.items(), key=lambda item: item[1]["accuracy"] or 0)[:MOST_GROUPS][::-1]
    figure, axes = _make_axes(f"Wrong cells by {title}", (6.2, 1.2 + 0.27 * len(rows)))
    places = np.arange(len(rows))
    wrong = [1e4 * (1 - group["accuracy"]) for _, group in rows]
    silent = [1e4 * group["silent_errors"] / group["cells"] for _, group in rows]
    axes.barh(places, wrong, color=INK, height=0.7, label="wrong")
    axes.barh(places, silent, color=WRONG, height=0.7, label="wrong and accepted")
    axes.set_xlim(0, 1.08 * max([*wrong, 1.0]))
    axes.set_yticks(places, [f"{name or '?'} ({group['cells']:,})" for name, group in rows], fontsize=7)
    axes.set_xlabel("of 10,000 cells; in brackets the cells of the group")
    axes.legend(fontsize=8, loc="lower right")
    axes.grid(axis="y", visible=False)
    return figure


def draw_comparison(comparison: Comparison, margins: Mapping[str, float]) -> Figure:
    """Differences of two models with their intervals, and the margins that a challenger must stay under."""
    rows = comparison.differences[::-1]
    figure, axes = _make_axes("Second model minus first, of 10,000 cells", (6.2, 1.1 + 0.5 * len(rows)))
    for place, row in enumerate(rows):
        low, high, middle = (1e4 * value for value in (row.low, row.high, row.difference))
        axes.plot([low, high], [place, place], color=INK, linewidth=2)
        axes.plot([middle], [place], "o", color=INK, markersize=5)
        if row.measure in margins:
            axes.plot([1e4 * margins[row.measure]], [place], "|", color=WRONG, markersize=18, markeredgewidth=2)
    axes.axvline(0, color="#999999", linewidth=1)
    axes.set_yticks(range(len(rows)), [row.measure.replace("_", " ") for row in rows], fontsize=8)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel(f"{comparison.certainty:.0%} interval; red: the margin")
    return figure


def draw_bars(groups: Mapping[str, Mapping[str, float]], title: str, *, unit: str) -> Figure:
    """Values by group, a bar for each name in it, as before and after."""
    names = list(dict.fromkeys(name for values in groups.values() for name in values))
    figure, axes = _make_axes(title, (6.2, 3.4))
    width = 0.8 / max(1, len(names))
    for place, name in enumerate(names):
        at = np.arange(len(groups)) + (place - (len(names) - 1) / 2) * width
        values = [group.get(name, 0.0) for group in groups.values()]
        bars = axes.bar(at, values, width * 0.92, color=(INK, SECOND, WRONG)[place % 3], label=name)
        axes.bar_label(bars, fmt="%.3g", fontsize=7)
    axes.set_xticks(range(len(groups)), list(groups), fontsize=8)
    axes.set_ylabel(unit)
    axes.legend(fontsize=8)
    axes.grid(axis="x", visible=False)
    return figure


def draw_series(rows: Sequence[tuple[str, float, float, float]], title: str, *, unit: str) -> Figure:
    """(name, value, low, high) in a row, as months are, with their intervals."""
    figure, axes = _make_axes(title, (6.2, 3.4))
    values = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 3)
    spread = np.abs(values[:, 1:] - values[:, :1]).T
    axes.errorbar(range(len(rows)), values[:, 0], yerr=spread, fmt="o", color=INK, capsize=4)
    axes.set_xticks(range(len(rows)), [row[0] for row in rows], fontsize=8, rotation=20 if len(rows) > 6 else 0)
    axes.set_ylabel(unit)
    axes.set_ylim(bottom=0)
    return figure


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure as a small PNG without the date in it, so that the same figure is the same file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
    return path


def _make_axes(title: str, size: tuple[float, float]) -> tuple[Figure, Axes]:
    """A figure that no window and no global state knows of."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, fontsize=10)
    axes.grid(visible=True, color="#e4e4e4", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes
