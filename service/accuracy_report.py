"""`gouji report`: docs/accuracy.md with its pictures, measured anew on generated sets and on real reports."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.bulk import read_records
from service.evaluating import Measured, find_pairs, measure_documents
from training import report_text as text
from training.evaluation import CellVerdict
from training.plots import draw_bars, plot_evaluation, save_figure

SEED = 20_261  # of no training
COUNTS: Mapping[str, int] = {"text": 300, "docx": 80, "pdf": 40, "scan": 12}
LOOP = (20, 60)  # documents corrected, and others of the kind measured
AUDIT_MONTH = "2026-01"  # the records are of no month; the report is the same whenever it is made
AUDITED = 600
Echo = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a report is made of: `out` holds accuracy.md and images/, `work` the generated documents."""

    out: Path
    work: Path
    counts: Mapping[str, int]
    reports: Path | None
    workers: int = os.cpu_count() or 1
    seed: int = SEED


def write_report(plan: Plan, echo: Echo) -> Path:
    """Generate, read, measure, draw and write; the path of the page. Raises `ConversionError` without converters."""
    images = plan.out / "images"
    images.mkdir(parents=True, exist_ok=True)
    sets = {kind: _measure_set(plan, kind, count, echo) for kind, count in plan.counts.items() if count}
    together = _join([measured for kind, measured in sets.items() if kind != "scan"])
    plot_evaluation(together.evaluation, images, prefix="synthetic-")
    real = _measure_real(plan, echo)
    parts = [
        _write_head(together, plan),
        _write_synthetic(sets, together),
        _write_real(real),
        _write_loop(plan, images, echo),
        _write_use(plan, together, echo),
    ]
    page = plan.out / "accuracy.md"
    page.write_text("\n\n".join(parts).rstrip() + "\n", "utf-8")
    return page


def _measure_set(plan: Plan, kind: str, count: int, echo: Echo) -> Measured:
    """A generated set of one kind, made where it is not there yet, read and measured."""
    from training.degradation.scans_corpus import write_scans_corpus
    from training.synthesis.pages_corpus import write_pages_corpus

    folder = plan.work / f"{kind}-{count}-{plan.seed}"
    done = folder / "done"
    if not done.exists():
        echo(f"making {count} documents: {kind}")
        shutil.rmtree(folder, ignore_errors=True)
        if kind == "scan":
            write_scans_corpus(folder, count=count, seed=plan.seed, split="test")
        else:
            write_pages_corpus(folder, count=count, seed=plan.seed, split="test", kinds=kind)
        done.touch()
    echo(f"reading {count} documents: {kind}")
    return measure_documents(find_pairs(folder), workers=plan.workers)


def _measure_real(plan: Plan, echo: Echo) -> Measured | None:
    if plan.reports is None or not plan.reports.is_dir():
        return None
    echo("reading the real reports")
    return measure_documents(find_pairs(plan.reports), workers=plan.workers)


def _join(sets: Sequence[Measured]) -> Measured:
    from training.evaluation import Evaluation

    evaluation = Evaluation([document for measured in sets for document in measured.evaluation.documents])
    return Measured(evaluation, evaluation.measures(), sets[0].versions)


def _write_head(together: Measured, plan: Plan) -> str:
    from models.trained import TRAINED_FOLDER
    from training.tracking import iterate_cards

    cards = {name: card for name, card in iterate_cards(TRAINED_FOLDER) if name in together.versions}
    return "\n\n".join(
        [
            "# Accuracy",
            "Made by `make report`; do not edit by hand. Figures on generated documents tell how the reader does on"
            " layouts and slips that the generator knows, and are never added to those on real documents. Agencies,"
            f" mixtures of layouts and styles of print are those of the test split, the seed is {plan.seed}; no model"
            " was fitted or calibrated on any of these documents.",
            text.write_models(cards),
        ]
    )


def _write_synthetic(sets: Mapping[str, Measured], together: Measured) -> str:
    measures = together.measures
    parts = [
        "## Generated documents",
        text.write_chief({kind: measured.measures for kind, measured in sets.items()}),
        "The tables and pictures below are of all of them but scans.",
    ]
    for group, title in text.GROUPS.items():
        if group != "level":
            parts += [f"### {title}", text.write_groups(measures, group)]
    if "scan" in sets:
        parts += ["### Scans, by level of wear", text.write_groups(sets["scan"].measures, "level")]
    parts += [
        "### Confidence",
        text.write_calibration(measures),
        "![Calibration](images/synthetic-calibration.png)",
        "![Risk and coverage](images/synthetic-risk-coverage.png)",
        "![Errors caught](images/synthetic-errors-caught.png)",
        "![By layout](images/synthetic-accuracy-by-layout.png)",
    ]
    return "\n\n".join(parts)


def _write_real(real: Measured | None) -> str:
    if real is None:
        return "## Real reports\n\nNone stood beside the project when this page was made."
    count = real.measures["documents"]
    note = f"{count} documents show that nothing is broken, not how often something is."
    tables = [text.write_chief({"real": real.measures}), text.write_groups(real.measures, "form")]
    return "\n\n".join(["## Real reports", note, *tables])


def _write_loop(plan: Plan, images: Path, echo: Echo) -> str:
    from training.fitting import Order
    from training.learning_trial import run_trial

    echo("learning from corrections")
    place = plan.work / "loop"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    order = Order(plan.seed, 20, echo, folder=place / "models", work=place)
    trial = run_trial(place, order, corrected=LOOP[0], measured=LOOP[1], confidence=False).as_data()
    bars = {
        f"{kind} reports": {when: 100 * (1 - trial[kind][when]["accuracy"]) for when in ("before", "after")}
        for kind in ("planted", "usual")
    }
    save_figure(draw_bars(bars, "Learning from 20 corrected documents", unit="% of cells wrong"), images / "loop.png")
    return "\n\n".join(
        [
            "## Learning from corrections",
            f"A kind of report that no model knows (other wordings, columns in another order, a column of codes) is"
            f" planted. {trial['answers']} answers on {LOOP[0]} of them, by a script that sees the truth, teach"
            f" {trial['wordings']} wordings; {LOOP[1]} others of the kind, of other agencies, are read before and"
            " after. `python -m training.learning_trial` does the same.",
            text.write_trial(trial),
            "![Before and after](images/loop.png)",
        ]
    )


def _write_use(plan: Plan, together: Measured, echo: Echo) -> str:
    """An audit answered from the truth, and the signs of drift between generated sets."""
    from training.auditing import draw_audit, estimate_audit

    echo("auditing")
    pairs = [pair for kind, n in plan.counts.items() if n and kind != "scan" for pair in _find_set(plan, kind, n)]
    records = [json.loads(line) for line in read_records([str(p) for p, _ in pairs], workers=plan.workers)]
    truths = {str(path): json.loads(truth.read_text("utf-8")) for path, truth in pairs}
    questions = draw_audit(records, month=AUDIT_MONTH, size=AUDITED, seed=plan.seed)
    answers = [row | {"after": _answer(row, truths[row["source"]])} for row in questions]
    audit = estimate_audit(answers).as_data()
    signs = _find_signs(plan, records, echo)
    return "\n\n".join(
        [
            "## Accuracy in use",
            f"{len(questions)} of the accepted cells above, drawn by chance and answered from the truth: what `gouji"
            " audit` would tell of documents whose truth nobody knows, beside the rate that is true of them.",
            text.write_audit(audit, _find_actual(together)),
            "Signs of drift (`gouji audit drift`) against one half of the generated text documents: the other half,"
            " and reports of the planted kind.",
            text.write_signs(signs),
        ]
    )


def _find_set(plan: Plan, kind: str, count: int) -> list[tuple[Path, Path]]:
    return find_pairs(plan.work / f"{kind}-{count}-{plan.seed}")


def _answer(row: Mapping[str, Any], truth: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a person would say of a cell: what the truth has, or one of the readings that it accepts besides."""
    cell = truth["cells"].get(row["field"], {"state": "missing", "value": None})
    readings = [cell, *cell.get("accept", ())]
    same = [r for r in readings if (r["state"], r["value"]) == (row["before"]["state"], row["before"]["value"])]
    return {key: (same or readings)[0][key] for key in ("state", "value")}


def _find_actual(together: Measured) -> dict[str, float]:
    """The true error rate of accepted cells, in all and by source kind."""
    groups: dict[str, list[CellVerdict]] = {"all": []}
    for document in together.evaluation.documents:
        accepted = [cell for cell in document.cells if cell.accepted]
        groups["all"] += accepted
        groups.setdefault(document.source_kind, []).extend(accepted)
    return {name: sum(not cell.right for cell in cells) / max(1, len(cells)) for name, cells in groups.items()}


def _find_signs(plan: Plan, records: Sequence[Mapping[str, Any]], echo: Echo) -> dict[str, list[dict[str, Any]]]:
    from training.drift import find_drift, measure_profile
    from training.reading import load_reader_of, read_content
    from training.synthesis.planted import make_planted

    echo("looking for drift")
    texts = list(records[: plan.counts.get("text") or len(records)])
    random.Random(plan.seed).shuffle(texts)
    reader = load_reader_of()
    planted = []
    for index in range(LOOP[1]):
        document = make_planted(index, seed=plan.seed + 1, split="test")
        planted.append(read_content(str(document.truth["source"]), document.content, reader))
    half = len(texts) // 2
    reference = measure_profile(texts[:half])
    found: dict[str, Sequence[Mapping[str, Any]]] = {"other half": texts[half:], "planted kind": planted}
    return {
        name: [{"name": sign.name, **sign.as_data()} for sign in find_drift(reference, measure_profile(rows))]
        for name, rows in found.items()
    }
