"""Files of forms: where they are, and what is wrong with one that somebody wrote by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

KINDS = ("integer", "decimal")
RELATIONS = ("=", "<=")
SIDES = ("left", "right", "last_right")
_FORM_ID = re.compile(r"[a-z][a-z0-9_]*@\d{4}")
_KEY = re.compile(r"([a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*)?")
_NEEDED = {"form": str, "family": str, "title": str, "section": str, "years": list, "unit": str, "kind": str}


def list_form_files(folder: Path) -> list[Path]:
    """The files of forms in a folder, by name; raises `ValueError` where it is no folder or holds none."""
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not files:
        raise ValueError(f"{folder} is no folder with forms (NAME.yaml)")
    return files


def check_form_data(data: Mapping[str, Any], name: str) -> None:
    """Raise `ValueError`, which names the file and the place, where data does not have the shape of a form."""
    for problem in _find_problems(data):
        raise ValueError(f"{name}: {problem}")


def _find_problems(data: Mapping[str, Any]) -> Iterator[str]:
    for key, kind in _NEEDED.items():
        if not isinstance(data.get(key), kind):
            yield f"{key} is missing, or no {'list' if kind is list else 'text'}"
    if not _FORM_ID.fullmatch(data["form"]) or not data["form"].startswith(f"{data['family']}@"):
        yield f"form is FAMILY@YEAR, as {data['family']}@2021, in small letters; not {data['form']}"
    first, *last = data["years"] or [None]
    if type(first) is not int or len(last) != 1 or not (last[0] is None or type(last[0]) is int):
        yield "years is [first, last], the last null where the form is still in use"
    yield from _find_kind_problems(data, "the form")
    blocks = data.get("blocks")
    if not isinstance(blocks, list) or not blocks or not all(isinstance(block, dict) for block in blocks):
        yield "blocks is a list of one block or more"
    for number, block in enumerate(data["blocks"], 1):
        yield from _find_block_problems(block, f"block {number}")
    yield from _find_repeats(data)
    for side in ("identities", "across_years"):
        yield from _find_identity_problems(data.get(side) or [], side)


def _find_block_problems(block: Mapping[str, Any], place: str) -> Iterator[str]:
    for side in ("rows", "columns"):
        entries = block.get(side)
        if not isinstance(entries, list) or not entries:
            yield f"{place} has no {side}"
            continue
        for entry in entries:
            yield from _find_entry_problems(entry, f"{place}, {side}")
        bare = sum(not entry["label"] for entry in entries)
        if bare and len(entries) > 1:
            yield f"{place}: only a single one of the {side} may have no label"
    if not any(entry["label"] for side in ("rows", "columns") for entry in block[side]):
        yield f"{place}: neither rows nor columns have labels"


def _find_entry_problems(entry: Any, place: str) -> Iterator[str]:
    if not isinstance(entry, dict) or not _is_texts(entry.get("label")) or not isinstance(entry.get("key"), str):
        yield f"{place}: each is {{key: name, label: [outer, inner]}}, not {entry!r}"
        return
    if not _KEY.fullmatch(entry["key"]):
        yield f"{place}: a key is words in small letters with dots between, not {entry['key']!r}"
    if not _is_texts(entry.get("aliases", [])):
        yield f"{place}: aliases of {entry['key']!r} are no list of texts"
    yield from _find_kind_problems(entry, f"{place}: {entry['key']!r}")


def _find_kind_problems(entry: Mapping[str, Any], place: str) -> Iterator[str]:
    if entry.get("kind", KINDS[0]) not in KINDS:
        yield f"{place}: kind is {' or '.join(KINDS)}, not {entry['kind']!r}"


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) and text for text in value)


def _find_repeats(data: Mapping[str, Any]) -> Iterator[str]:
    """Places with the same id: two numbers would be one field."""
    places = Counter(
        (row["key"], column["key"]) for block in data["blocks"] for row in block["rows"] for column in block["columns"]
    )
    for (row, column), count in places.items():
        if count > 1 or not (row or column):
            yield f"row {row!r} and column {column!r} name {count} places: give each a key of its own"


def _find_identity_problems(entries: Any, side: str) -> Iterator[str]:
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        yield f"{side} is no list"
        return
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            yield f"{side}: each has an id, left and right, not {entry!r}"
        elif entry.get("relation", "=") not in RELATIONS:
            yield f"{side}: {entry['id']}: relation is {' or '.join(RELATIONS)}"
        elif not all(_is_texts(entry.get(part, [])) for part in SIDES) or not entry.get("left"):
            yield f"{side}: {entry['id']}: left and right are lists of keys"
        elif not (entry.get("right") or (side == "across_years" and entry.get("last_right"))):
            yield f"{side}: {entry['id']} has no right side"
