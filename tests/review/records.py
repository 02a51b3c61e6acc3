"""Tiny records for tests of the store."""

from __future__ import annotations

import hashlib
from typing import Any

FORM = "disputes@2019"
FIELDS = ("upheld", "corrected", "other", "pending", "total")


def make_cell(name: str, value: Any, /, **more: Any) -> dict[str, Any]:
    """A cell of 行政复议; `value` is a number, or a state that has none."""
    number = not isinstance(value, str)
    cell = {
        "id": f"disputes.reconsideration.{name}",
        "form": FORM,
        "state": "number" if number else value,
        "value": value if number else None,
        "raw": str(value) if number else None,
        "confidence": 0.9,
        "review": True,
        "reasons": ["low_confidence"],
        "evidence": {"page": 1, "bbox": [10.5, 20, 30, 40]},
    }
    return cell | ({"reasons": []} if more.get("review") is False else {}) | more


def make_record(name: str, *cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A record of a document that consists of its name."""
    return {
        "source": f"{name}.pdf",
        "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "media_type": "application/pdf",
        "pages": 1,
        "title": f"{name}年度报告",
        "organization": "某某区人民政府",
        "year": 2023,
        "tables": [],
        "cells": list(cells),
        "sections": [],
        "facts": [],
        "findings": [],
        "models": {"cells": "abc"},
    } | more
