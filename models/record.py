"""A report as the contract's record: one JSON object."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import Any

from models.document import Evidence, Problem
from models.numbers import plain_number
from models.repair import make_repair_entry
from models.report import Fact, Finding, FormMatch, Metadata, Reading, Report

_list_slots = attrgetter(*Evidence.__slots__)
# A record is a tree: looking for circles takes time.
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":"))


def make_record(report: Report) -> dict[str, Any]:
    """The record of a report that was read."""
    return {
        "source": report.path,
        "sha256": report.sha256,
        "media_type": report.media_type,
        "pages": report.pages,
        "scanned_pages": list(report.scanned_pages),
        **{name: getattr(report.metadata, name) for name in Metadata.__slots__},
        "tables": [_make_table(match) for match in report.matches],
        "cells": [_make_cell(reading) for reading in report.readings],
        "sections": [
            {
                "id": section.section_id,
                "title": section.title,
                "text": section.text,
                "confidence": round(section.confidence, 4),
            }
            for section in report.sections
        ],
        "facts": [_make_fact(fact) for fact in report.facts],
        "findings": [_make_finding(finding) for finding in report.findings],
        "repairs": [make_repair_entry(repair) for repair in report.repairs],
        "problems": [_make_problem(problem) for problem in report.problems],
        "models": report.models,
        "policy": report.policy,
    }


def make_error_record(path: str, sha256: str | None, code: str, message: str) -> dict[str, Any]:
    """The record of a document that could not be read."""
    return {"source": path, "sha256": sha256, "error": {"code": code, "message": message}}


def dump_record(record: dict[str, Any]) -> str:
    """A record as one line of JSON; a lone surrogate in a path is escaped, so that the line is valid UTF-8."""
    line = _ENCODER.encode(record)
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


def _make_table(match: FormMatch) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "form": match.form_id,
        "pages": list(match.pages),
        "tables": list(match.tables),
        "confidence": round(match.confidence, 4),
    }
    if match.labels is not None:
        entry["labels"] = {side: [list(path) for path in getattr(match.labels, side)] for side in ("rows", "columns")}
    return entry


def _make_cell(reading: Reading) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": reading.field_id,
        "form": reading.form_id,
        "state": reading.state.value,
        "value": plain_number(reading.value),
        "raw": reading.raw,
        # Rounded down: a confidence is never stated higher than it is.
        "confidence": int(reading.confidence * 10**5) / 10**5,
        "review": reading.decision.review,
        "reasons": list(reading.decision.reasons),
        "evidence": _make_evidence(reading.evidence),
    }
    if reading.decision.review and len(reading.candidates) > 1:
        # Rounded as confidences are; what a person may choose from.
        entry["candidates"] = [
            {"text": candidate.text, "probability": int(candidate.probability * 10**5) / 10**5}
            for candidate in reading.candidates
        ]
    return entry


def _make_evidence(evidence: Evidence | None) -> dict[str, Any] | None:
    if evidence is None:
        return None
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in zip(Evidence.__slots__, _list_slots(evidence), strict=True)
        if value is not None
    }


def _make_fact(fact: Fact) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "item": fact.item,
        "value": plain_number(fact.value),
        "unit": fact.unit,
        "text": fact.text,
        "confidence": round(fact.confidence, 4),
        "evidence": _make_evidence(fact.evidence),
    }
    entry |= {"rounded": True} if fact.rounded else {}
    return entry | ({"cell": fact.field_id} if fact.field_id else {})


def _make_finding(finding: Finding) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "identity": finding.identity_id,
        "cells": list(finding.fields),
        "left": plain_number(finding.left),
        "right": plain_number(finding.right),
        "kind": finding.kind,
    }
    if finding.relation != "=":
        entry["relation"] = finding.relation
    return entry | ({"note": finding.note} if finding.note else {})


def _make_problem(problem: Problem) -> dict[str, Any]:
    return {name: getattr(problem, name) for name in Problem.__slots__ if getattr(problem, name) is not None}
