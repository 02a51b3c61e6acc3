"""Wordings of labels that people have confirmed by their corrections: which to learn, and which to refuse and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from extraction.labels import fold_label, make_variants
from extraction.rows import Kind, find_kind
from models.form import Form, Label
from training.corrections import Correction

LEAST_DOCUMENTS = 2  # one document may print a slip of the pen
LEAST_AGREEMENT = 0.9  # of the answers on cells under a wording
LONGEST = 60  # characters


@dataclass(frozen=True, slots=True)
class LearnedWording:
    """A wording seen over cells of a label, in so many documents; `leaf` is the label's own."""

    family: str
    leaf: str
    wording: str
    documents: int
    cells: int


@dataclass(frozen=True, slots=True)
class RefusedWording:
    """A wording that is not learned, and why."""

    family: str
    leaf: str
    wording: str
    reason: str


def learn_wordings(
    corrections: Iterable[Correction], forms: Mapping[str, Form], *, least_documents: int = LEAST_DOCUMENTS
) -> tuple[list[LearnedWording], list[RefusedWording]]:
    """The wordings of rows and columns that are new, seen in enough documents, and of one label only."""
    seen: dict[tuple[str, str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for correction in corrections:
        form = forms[correction.form]
        for side, label, printed in _pair_labels(correction, form):
            seen[form.family, side, printed][label.leaf].add(f"{correction.document}\n{correction.field}")
    learned, refused = [], []
    for (family, side, wording), leaves in seen.items():
        counts = {leaf: len(cells) for leaf, cells in leaves.items()}
        leaf = max(counts, key=lambda name: (counts[name], name))
        documents = len({cell.partition("\n")[0] for cell in leaves[leaf]})
        known = _find_known(family, side, forms)
        if any(_fold(wording) == _fold(text) for text in known.get(leaf, ())):
            continue
        reason = _find_fault(wording, leaf, known)
        if documents < least_documents:
            reason = f"seen in {documents} document, {least_documents} are needed"
        elif counts[leaf] < LEAST_AGREEMENT * sum(counts.values()):
            reason = f"seen over several labels: {', '.join(sorted(counts))}"
        if reason:
            refused.append(RefusedWording(family, leaf, wording, reason))
        else:
            learned.append(LearnedWording(family, leaf, wording, documents, counts[leaf]))
    return _drop_repeats(learned), refused


def _pair_labels(correction: Correction, form: Form) -> list[tuple[str, Label, str]]:
    """(side, label of the form, label as printed next to the values) of a corrected cell."""
    field = next(field for field in form.fields if field.field_id == correction.field)
    block = form.blocks[field.block]
    sides = (
        ("row", block.rows[field.row], correction.row_labels),
        ("column", block.columns[field.column], correction.column_labels),
    )
    return [(side, label, printed[-1]) for side, label, printed in sides if label.path and printed]


def _find_known(family: str, side: str, forms: Mapping[str, Form]) -> dict[str, list[str]]:
    """The wordings of each label of one side of a family, by its leaf."""
    known: dict[str, list[str]] = {}
    for form in forms.values():
        if form.family == family:
            for block in form.blocks:
                for label in block.rows if side == "row" else block.columns:
                    known.setdefault(label.leaf, []).extend(make_variants(label))
    return known


def _find_fault(wording: str, leaf: str, known: Mapping[str, Sequence[str]]) -> str:
    """Why a wording cannot be one of the label; an empty text where it can."""
    core, _ = _fold(wording)
    if len(wording) > LONGEST:
        return "too long for a label"
    if len(core) < 2 or find_kind(wording) is not Kind.LABEL:
        return "too short to tell one label from another"
    others = [other for other, texts in known.items() if other != leaf and any(_fold(t)[0] == core for t in texts)]
    if others:
        return f"the wording of another label: {others[0]}"
    return ""


def _fold(text: str) -> tuple[str, str]:
    folded = fold_label(text)
    return folded.core, folded.ordinal


def _drop_repeats(learned: Sequence[LearnedWording]) -> list[LearnedWording]:
    """Of wordings that differ in blanks and width alone the one seen most often."""
    best: dict[tuple[str, str, tuple[str, str]], LearnedWording] = {}
    for wording in sorted(learned, key=lambda w: (-w.cells, w.wording)):
        best.setdefault((wording.family, wording.leaf, _fold(wording.wording)), wording)
    return sorted(best.values(), key=lambda w: (w.family, w.leaf, w.wording))
