"""Does the promise hold? Thresholds fitted on half of the agencies and kept on the others, over random splits.

`python -m training.policy_trials`. The cells are those of generated documents as the shipped models read them; with
`--tables LEVEL...` those of tables read by the model of `training/misreading.py` and decoded, the posterior as
confidence; or of a file that `--save` wrote before. The splits share their documents: their number says less than it
seems.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from extraction.decoding import decode
from models.decoding import load_priors
from training.misreading import FORMS, SCANS, make_table
from training.policy_fitting import Judged, generate_records
from training.risk import BOUNDS, find_threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

Cells = dict[str, "NDArray[Any]"]


def collect_documents(count: int, seed: int) -> Cells:
    """Cells of generated text documents of the test split, read by the models that ship."""
    from extraction.pipeline import load_reader

    judged = Judged()
    for record, truth in generate_records(load_reader(), count=count, seed=seed, split="test"):
        judged.add(record, truth)
    return {"confidences": np.array(judged.confidences), "right": np.array(judged.right), "units": judged.units}


def collect_tables(count: int, seed: int, levels: list[str]) -> Cells:
    """Cells of tables at these levels with their posteriors; each table is one unit."""
    priors = load_priors()
    confidences, right, units = [], [], []
    for index in range(count):
        rng = random.Random(f"{seed}/policy/{index}")
        errors = rng.choices((0, 1, 2), (0.9, 0.07, 0.03))[0]
        table = make_table(rng, rng.choice(FORMS), level=rng.choice(levels), split="test", errors=errors)
        for cell in decode(table.cells, table.form.identities, priors=priors).cells:
            confidences.append(cell.confidence)
            right.append(cell.text == table.printed[cell.field_id])
            units.append(index)
    return {"confidences": np.array(confidences), "right": np.array(right), "units": np.array(units)}


def try_splits(cells: Cells, *, target: float, method: str, splits: int, seed: int) -> dict[str, Any]:
    """Fit on half of the units, measure on the others: how often the share of wrong cells is within the target."""
    rng = np.random.default_rng(seed)
    names = np.unique(cells["units"])
    rows = []
    for _ in range(splits):
        chosen = np.isin(cells["units"], rng.permutation(names)[: len(names) // 2])
        found = find_threshold(
            cells["confidences"][chosen], cells["right"][chosen], cells["units"][chosen], target=target, method=method
        )
        accepted = ~chosen & (cells["confidences"] >= found.threshold)
        wrong, kept = int((accepted & ~cells["right"]).sum()), int(accepted.sum())
        rows.append((found.threshold, wrong / kept if kept else 0.0, 1 - kept / max(int((~chosen).sum()), 1)))
    thresholds, shares, reviewed = (np.array(column) for column in zip(*rows, strict=True))
    return {
        "target": target,
        "method": method,
        "cells": len(cells["right"]),
        "wrong": int((~cells["right"]).sum()),
        "units": len(names),
        "splits": splits,
        "within_target": float((shares <= target).mean()),
        "share_wrong": {"median": float(np.median(shares)), "most": float(shares.max()), "mean": float(shares.mean())},
        "review_rate": {"median": float(np.median(reviewed)), "most": float(reviewed.max())},
        "threshold": {"least": float(thresholds.min()), "most": float(thresholds.max())},
    }


def main() -> None:
    """Print what came of the splits as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="documents or tables")
    parser.add_argument("--seed", type=int, default=91)
    parser.add_argument("--tables", nargs="+", choices=SCANS, help="levels of tables, in place of documents")
    parser.add_argument("--cells", type=Path, help="cells that --save wrote")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--target", type=float, nargs="+", default=[1 / 500, 1 / 1000, 1 / 2000])
    parser.add_argument("--method", choices=list(BOUNDS), default="gamma")
    options = parser.parse_args()
    if options.cells is not None:
        with np.load(options.cells, allow_pickle=False) as archive:
            cells = {name: archive[name] for name in archive.files}
    elif options.tables:
        cells = collect_tables(options.count, options.seed, options.tables)
    else:
        cells = collect_documents(options.count, options.seed)
    if options.save is not None:
        np.savez_compressed(options.save, **cells)
    results = [
        try_splits(cells, target=target, method=options.method, splits=options.splits, seed=options.seed)
        for target in options.target
    ]
    json.dump(results, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
