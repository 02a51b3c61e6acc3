"""Fits the priors of decoding on reports with their truth: `python -m training.decoding_priors [--count 1000]`.

The rate of misprints is that of generated reports of the train split, so it is as true as the generator; a folder of
real reports is counted beside it, for the card only (they are few).
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.decoding import Priors, save_priors
from models.form import load_forms
from training.evaluation import find_truths
from training.synthesis.content import make_report


def count_misprints(truths: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Numbers in sums, those of them that the agency misprinted, and the reports."""
    tied = {
        form.form_id: {f for identity in form.identities if identity.relation == "=" for f in identity.fields}
        for form in load_forms().values()
    }
    tally: Counter[str] = Counter()
    for truth in truths:
        fields = set().union(*(tied.get(form, set()) for form in truth["forms"]))
        printed = {name for name, cell in truth["cells"].items() if cell["state"] == "number"}
        wrong = {error["cell"] for error in truth["source_errors"]}
        tally["reports"] += 1
        tally["cells"] += len(fields & printed)
        tally["misprints"] += len(fields & printed & wrong)
    return tally


def fit_priors(tally: Mapping[str, int]) -> Priors:
    """The priors with the rate of misprints by Laplace's rule; the others are round guesses."""
    return replace(Priors(), misprint=(tally["misprints"] + 1) / (tally["cells"] + 2))


def main() -> None:
    """Fit on generated reports and save beside the models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reports", type=Path, help="real documents with their truth beside them")
    options = parser.parse_args()
    rngs = (random.Random(f"{options.seed}/priors/{index}") for index in range(options.count))
    tally = count_misprints(make_report(rng, split="train").truth for rng in rngs)
    card: dict[str, Any] = {"data": {"kind": "synthetic", "seed": options.seed, **tally}}
    if options.reports is not None:
        truths = (json.loads(truth.read_text("utf-8")) for _, truth in find_truths(options.reports))
        card["real"] = dict(count_misprints(truths))
    save_priors(fit_priors(tally), card)


if __name__ == "__main__":
    main()
