"""The main path: one document in, its report out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from extraction.checking import check_form, find_disordered, find_findings
from extraction.confidence import (
    CELL_FEATURES,
    FORM_FEATURES,
    SCAN_FEATURES,
    Calibrator,
    make_cell_features,
    make_form_features,
    make_scan_features,
)
from extraction.dating import find_caption, names_other_year
from extraction.deciding import decide
from extraction.decoding_forms import decode_scanned, propose_repairs
from extraction.facts.finder import FactFinder
from extraction.facts.finding import find_facts
from extraction.facts.ties import list_witnesses, tie_facts
from extraction.forms import FormMatcher, Match
from extraction.gaps import find_named
from extraction.labels import LabelMatcher, learn_forms
from extraction.lines import LineClassifier
from extraction.mapping import MappedForm, map_cells, mark_crowded
from extraction.metadata import find_metadata
from extraction.omissions import find_omissions
from extraction.printed_labels import find_printed_labels
from extraction.readers import read_document
from extraction.rows import PrintedRow, find_rows
from extraction.scanned_cells import read_scanned_tables
from extraction.scanned_doubts import mark_doubts
from extraction.scanned_rows import mend_rows
from extraction.scanned_values import join_values
from extraction.sections import find_sections
from extraction.tables import find_tables
from models.decoding import Priors, Witness, load_priors
from models.document import Document, Source, Table, TextLine
from models.form import Form, load_forms, load_shipped_forms
from models.identity import Check, Status
from models.numbers import State
from models.policy import DIGITAL, NEVER, PAGES, SCAN, Promise, choose_thresholds, load_promises, make_policy_entry
from models.repair import Repair
from models.report import Fact, Finding, FormMatch, Metadata, Reading, Report, Section
from models.trained import TrainedModel, is_trained, load_trained

if TYPE_CHECKING:
    from pathlib import Path

MODELS = ("lines", "labels", "forms", "cells", "facts")
FACTS = "facts"
SCANS = "scans"  # the judge of cells on scans
# The confidence of a form on a scan, from which on it is shown to a person, and from which on its cells are judged.
DOUBTFUL_FORM, LIKELY_FORM = 0.1, 0.5
SCAN_ROUNDS = 2  # of reading cells: what was read shows rows that were not known before


@dataclass(frozen=True, slots=True)
class Policy:
    """From which confidence on a form is one, and from which a cell is accepted, by kind of source."""

    form_threshold: float
    cell_thresholds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading needs: the forms, the fitted models, the policy. Load once, use for many documents."""

    forms: Mapping[str, Form]
    lines: LineClassifier
    labels: LabelMatcher
    matcher: FormMatcher
    form_calibrator: Calibrator
    cell_calibrator: Calibrator
    policy: Policy
    versions: dict[str, str]
    facts: FactFinder | None = None  # `None` leaves the sentences unread
    priors: Priors = field(default_factory=Priors)
    promises: Mapping[str, Promise] = field(default_factory=dict)
    scan_calibrator: Calibrator | None = None
    learned: frozenset[str] = frozenset()  # the forms that the judge of cells was trained on


def load_reader(*, folder: Path | None = None, facts: bool = True) -> Reader:
    """Load forms and trained models (0.5 s); without `facts` the records have none."""
    options = {} if folder is None else {"folder": folder}
    names = [name for name in (*MODELS, SCANS) if facts or name != FACTS]
    models = {name: load_trained(name, **options) for name in names if name != SCANS or is_trained(SCANS, **options)}
    return make_reader(models, promises=load_promises(**options), priors=load_priors(**options))


def make_reader(
    models: Mapping[str, TrainedModel],
    *,
    promises: Mapping[str, Promise] | None = None,
    priors: Priors | None = None,
) -> Reader:
    """A reader from models by name; raises `ValueError` for a model made for other features than the code has.

    `promises`: by kind of source. One that was fitted for other versions of the models, or could not be certified, is
    not made. Without `scans` every cell of a scan goes to a person.
    """
    scans = models.get(SCANS)
    judges = (("forms", FORM_FEATURES), ("cells", CELL_FEATURES), (SCANS, SCAN_FEATURES))
    for name, features in (judge for judge in judges if judge[0] in models):
        if models[name].card["features"] != list(features):
            raise ValueError(f"the model {name} was fitted on other features; `gouji train` makes it anew")
    forms = learn_forms(load_forms(), models["labels"])
    labels = LabelMatcher(models["labels"], forms.values())
    versions = {name: model.version for name, model in models.items()}
    kept = {kind: promise for kind, promise in (promises or {}).items() if promise.fits(versions)}
    of_scans = None if scans is None else float(scans.card["threshold"])
    thresholds = choose_thresholds(float(models["cells"].card["threshold"]), of_scans, kept)
    return Reader(
        forms=forms,
        lines=LineClassifier(models["lines"]),
        labels=labels,
        matcher=FormMatcher(forms, labels),
        form_calibrator=Calibrator(models["forms"]),
        cell_calibrator=Calibrator(models["cells"]),
        facts=FactFinder(models[FACTS]) if FACTS in models else None,
        policy=Policy(float(models["forms"].card["threshold"]), thresholds),
        versions=versions,
        promises=kept,
        priors=priors or Priors(),
        scan_calibrator=None if scans is None else Calibrator(scans),
        learned=frozenset(models["cells"].card.get("forms", load_shipped_forms())),
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """A document with its forms mapped, before anything is judged: what training learns the judging from."""

    document: Document
    metadata: Metadata
    tables: tuple[Table, ...]
    rows: Sequence[PrintedRow]
    forms: Sequence[MappedForm]


def draft_report(source: Source, *, labels: LabelMatcher, matcher: FormMatcher, priors: Priors) -> Draft:
    """Read a document and map the cells of every form that may be in it; those of scans are decoded under `priors`."""
    document = read_document(source)
    metadata = find_metadata(document)
    tables = find_tables(document)
    rows = find_rows(tables)
    matches = match_this_year(rows, document, matcher, metadata.year)
    scans = {scan.number: scan for scan in document.scans}
    for _ in range(SCAN_ROUNDS if scans and matches else 0):
        joined = join_values(tables, rows, matches, scans)
        if joined != tables:
            tables, rows = joined, find_rows(joined)
            matches = match_this_year(rows, document, matcher, metadata.year)
        mended = mend_rows(tables, rows, matches, scans)
        read = read_scanned_tables(mended, document.scans, wanted=list_tables(matches, rows))
        if read == tables:
            break
        tables, rows = read, find_rows(read)
        matches = match_this_year(rows, document, matcher, metadata.year)
    matches = sorted(matches, key=lambda match: match.rows[0].printed)
    lines = [block.text for block in document.blocks if isinstance(block, TextLine)]
    forms = [mark_crowded(m, find_named(m.match, rows, lines)) for m in map_cells(matches, rows, tables, labels)]
    forms = mark_scanned(forms, document)
    forms = [replace(mapped, dated=is_dated(mapped.match, rows, document, metadata.year)) for mapped in forms]
    claimed = {row.printed for match in matches for row in match.rows}
    forms = [
        mark_doubts(decode_scanned(mapped, priors=priors), rows, claimed=claimed) if mapped.scanned else mapped
        for mapped in forms
    ]
    return Draft(document, metadata, tables, rows, forms)


def match_this_year(
    rows: Sequence[PrintedRow], document: Document, matcher: FormMatcher, year: int | None
) -> list[Match]:
    """The forms that stand in the rows; where a fuller table of last year stands below this year's, this year's."""
    matches = matcher.match_forms(rows, year=year)
    dated = {match.form.family: match for match in matches if is_dated(match, rows, document, year)}
    if not dated:
        return matches
    hidden = {rows[row.printed].table for match in dated.values() for row in match.rows}
    kept = [number for number, row in enumerate(rows) if row.table not in hidden]
    for other in matcher.match_forms([rows[number] for number in kept], year=year):
        last = dated.get(other.form.family)
        own = replace(other, rows=tuple(replace(row, printed=kept[row.printed]) for row in other.rows))
        if last is not None and own.rows[0].printed < last.rows[0].printed and not is_dated(own, rows, document, year):
            matches = [own if match is last else match for match in matches]
    return matches


def is_dated(match: Match, rows: Sequence[PrintedRow], document: Document, year: int | None) -> bool:
    """Whether the print above a form names an earlier year than the report's."""
    first = rows[match.rows[0].printed]
    return names_other_year(first, year, caption=find_caption(document.blocks, first))


def mark_scanned(forms: Sequence[MappedForm], document: Document) -> list[MappedForm]:
    """The forms, those marked that stand on pages read by their pixels, even in part."""
    scanned = {scan.number for scan in document.scans}
    return [replace(mapped, scanned=not scanned.isdisjoint(find_pages(mapped))) for mapped in forms]


def list_tables(matches: Sequence[Match], rows: Sequence[PrintedRow]) -> frozenset[int]:
    """The tables, counted from 0, that rows of forms stand in."""
    return frozenset(rows[row.printed].table for match in matches for row in match.rows)


def extract(source: Source, *, reader: Reader) -> Report:
    """Read one report: every field of every form in it, with evidence, confidence and a decision."""
    draft = draft_report(source, labels=reader.labels, matcher=reader.matcher, priors=reader.priors)
    judged = [(mapped, judge_form(mapped, draft.rows, reader)) for mapped in draft.forms]
    found = [(mapped, confidence) for mapped, confidence in judged if confidence >= find_thresholds(mapped, reader)[0]]
    table_blocks = find_table_blocks(draft, [mapped for mapped, _ in found])
    sections = find_sections(draft.document, reader.lines, table_blocks=table_blocks)
    said = read_facts(draft, sections, reader, table_blocks=table_blocks)
    witnesses = list_witnesses(said, list_units(draft))
    doubtful = [confidence < find_thresholds(mapped, reader)[1] for mapped, confidence in found]
    read = [
        read_form(mapped, draft.rows, reader, doubtful=doubt, witnesses=witnesses)
        for (mapped, _), doubt in zip(found, doubtful, strict=True)
    ]
    readings = tuple(reading for readings, _, _ in read for reading in readings)
    identities = [identity for mapped in draft.forms for identity in mapped.match.form.identities]
    facts, at_odds = tie_facts(said, readings, list_units(draft), identities=identities)
    kinds = {find_kind(mapped) for mapped, _ in found}
    kind = SCAN if draft.document.scans else PAGES if PAGES in kinds else DIGITAL
    matches = tuple(make_form_match(mapped, confidence, draft.rows, reader) for mapped, confidence in found)
    omissions = find_omissions(sections, matches, reader.forms.values(), year=draft.metadata.year)
    return Report(
        path=source.path,
        sha256=source.sha256,
        media_type=draft.document.media_type,
        pages=draft.document.pages,
        metadata=draft.metadata,
        matches=matches,
        readings=readings,
        sections=sections,
        facts=facts,
        findings=(*(finding for _, findings, _ in read for finding in findings), *at_odds),
        problems=draft.document.problems + omissions,
        models=reader.versions,
        repairs=tuple(repair for _, _, repairs in read for repair in repairs),
        policy=make_policy_entry(reader.promises.get(kind), min(reader.policy.cell_thresholds[kind], 1.0)),
        scanned_pages=tuple(scan.number for scan in draft.document.scans),
    )


def find_thresholds(mapped: MappedForm, reader: Reader) -> tuple[float, float]:
    """The confidence from which on a form is in the record, and that from which on it is believed.

    A bad scan misreads the labels that tell a form: there it is shown to a person though it is not believed, and is
    believed where it is likelier than not, since every row has a doubt of its own.
    """
    believed = reader.policy.form_threshold
    return (DOUBTFUL_FORM, min(believed, LIKELY_FORM)) if mapped.scanned else (believed, believed)


def make_form_match(mapped: MappedForm, confidence: float, rows: Sequence[PrintedRow], reader: Reader) -> FormMatch:
    """A form that was found, with where it stands and how its labels are worded."""
    labels = find_printed_labels(mapped, rows, reader.labels)
    return FormMatch(mapped.match.form.form_id, mapped.tables, find_pages(mapped), confidence, labels)


def read_facts(
    draft: Draft, sections: Sequence[Section], reader: Reader, *, table_blocks: frozenset[int]
) -> tuple[Fact, ...]:
    """The facts of the sentences, not yet tied to cells; none where no model for them was loaded."""
    if reader.facts is None:
        return ()
    return find_facts(draft.document, sections, reader.facts, year=draft.metadata.year, table_blocks=table_blocks)


def list_units(draft: Draft) -> dict[str, str]:
    """The unit of every field of the forms in a draft."""
    return {field.field_id: field.unit for mapped in draft.forms for field in mapped.match.form.fields}


def find_pages(mapped: MappedForm) -> tuple[int, ...]:
    """The pages that the cells of a form stand on, from 1; none where the document has no pages."""
    pages = {cell.evidence.page for cell in mapped.cells if cell.evidence is not None}
    return tuple(sorted(page for page in pages if page is not None))


def judge_form(mapped: MappedForm, rows: Sequence[PrintedRow], reader: Reader) -> float:
    """P(the matched rows are this form)."""
    import numpy as np

    features = np.array([make_form_features(mapped, rows)])
    return float(reader.form_calibrator.predict_confidence(features)[0])


def read_form(
    mapped: MappedForm,
    rows: Sequence[PrintedRow],
    reader: Reader,
    *,
    doubtful: bool = False,
    witnesses: Sequence[Witness] = (),
) -> tuple[list[Reading], list[Finding], tuple[Repair, ...]]:
    """Readings of every field of a form with confidence and decision, identities that do not hold, and proposals.

    No cell of a form that is `doubtful` is accepted. `witnesses` are what the sentences say of cells: they weigh in the
    proposals, never in a reading.
    """
    checks = check_form(mapped)
    confidences, threshold = judge_cells(mapped, checks, rows, reader)
    failing = Counter(
        field_id for check in checks if check.status is Status.FAILS for field_id in check.identity.fields
    )
    disordered = find_disordered(mapped, checks)
    doubts = {
        "form_not_learned": mapped.match.form.form_id not in reader.learned,
        "form_doubtful": doubtful,
        "other_year": mapped.dated,
    }
    barred = tuple(code for code, holds in doubts.items() if holds)
    readings = []
    for cell, confidence in zip(mapped.cells, confidences, strict=True):
        # Print on a scan that the reader of cells did not see has one witness only.
        unseen = mapped.scanned and cell.seen is None and cell.value.state is not State.MISSING
        decision = decide(
            cell,
            confidence,
            fails=failing[cell.field.field_id],
            threshold=NEVER if unseen else threshold,
            barred=(*barred, "sums_of_rows_fail") if cell.field.field_id in disordered else barred,
        )
        readings.append(
            Reading(
                cell.field.field_id,
                cell.form.form_id,
                cell.value.state,
                cell.value.number,
                cell.raw,
                cell.evidence,
                confidence,
                decision,
                cell.seen.candidates if cell.seen is not None else (),
            )
        )
    repairs = propose_repairs(mapped, readings, priors=reader.priors, witnesses=witnesses) if failing else ()
    return readings, find_findings(mapped, checks, {reading.field_id: reading for reading in readings}), repairs


def judge_cells(
    mapped: MappedForm, checks: Sequence[Check], rows: Sequence[PrintedRow], reader: Reader
) -> tuple[list[float], float]:
    """The confidence of every cell of a form, and the threshold from which on one is accepted.

    Forms on scans have a judge of their own; where it is missing none of their cells reaches the threshold.
    """
    threshold = reader.policy.cell_thresholds[find_kind(mapped)]
    if mapped.scanned and reader.scan_calibrator is not None:
        scanned = reader.scan_calibrator.predict_confidence(make_scan_features(mapped, checks, rows))
        return scanned.tolist(), threshold
    confidences = reader.cell_calibrator.predict_confidence(make_cell_features(mapped, checks, rows))
    return confidences.tolist(), threshold


def find_kind(mapped: MappedForm) -> str:
    """The kind of source that a form was read from."""
    if mapped.scanned:
        return SCAN
    return PAGES if find_pages(mapped) else DIGITAL


def find_table_blocks(draft: Draft, forms: Sequence[MappedForm]) -> frozenset[int]:
    """The places in `Document.blocks` that hold rows of the forms: no headings of sections, no narrative."""
    printed = {row.printed for mapped in forms for row in mapped.match.rows}
    cells = [cell for index in printed for cell in (*draft.rows[index].labels[-1:], *draft.rows[index].fields)]
    return frozenset(cell.position for cell in cells if cell.position >= 0)
