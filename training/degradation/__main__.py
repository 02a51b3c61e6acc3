"""Degrade one PDF: `python -m training.degradation FILE OUT --dpi 200 --level medium --seed 1`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.document import DocumentError
from training.degradation.documents import degrade_document
from training.degradation.files import CONTAINERS, SUFFIXES
from training.degradation.placing import place_cells
from training.degradation.recipes import LEVELS, draw_recipe
from training.synthesis.made_documents import write_document


def main(arguments: Sequence[str] | None = None) -> int:
    """Write OUT and, where FILE has its truth beside it, that of OUT; 0 where that was done."""
    parser = argparse.ArgumentParser(prog="python -m training.degradation", description=__doc__)
    parser.add_argument("file", type=Path, help="a PDF; its truth is taken from NAME.truth.json beside it")
    parser.add_argument("out", type=Path, help=f"one of {', '.join(sorted(set(SUFFIXES.values())))}")
    parser.add_argument("--dpi", type=int, help="dots an inch; without it, as the level has them")
    parser.add_argument("--level", choices=[*LEVELS, "mixed"], default="medium")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--text-layer", action="store_true", help="hide wrong text under the pictures of a PDF")
    chosen = parser.parse_args(arguments)
    container = next((name for name in CONTAINERS if SUFFIXES[name] == chosen.out.suffix.lower()), None)
    if container is None:
        parser.error(f"{chosen.out} has none of the known suffixes")
    if chosen.text_layer and container != "pdf":
        parser.error("only a PDF has a text layer")
    if chosen.dpi is not None and not 30 <= chosen.dpi <= 600:
        parser.error("--dpi is from 30 to 600")
    beside = chosen.file.with_suffix(".truth.json")
    truth = json.loads(beside.read_text("utf-8")) if beside.is_file() else {}
    recipe = draw_recipe(chosen.level, np.random.default_rng(chosen.seed), dpi=chosen.dpi)
    seed, kind = f"{chosen.file.name}/{chosen.seed}", "pdf-text" if chosen.text_layer else container
    try:
        truth = place_cells(chosen.file, truth) if truth else {}
        done = degrade_document(
            chosen.file.read_bytes(), truth, recipe, seed=seed, container=kind, fixed_dpi=chosen.dpi is not None
        )
    except (OSError, DocumentError, ValueError) as error:
        sys.stderr.write(f"{chosen.file}: {error}\n")
        return 1
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    if truth:
        write_document(chosen.out, done.content, done.truth | {"source": chosen.out.name})
    else:
        chosen.out.write_bytes(done.content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
