"""What is fuzzed: each reader alone, now and then the whole path, and what must hold of what comes out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from models.document import Document, DocumentError, Source, Table

Target = Callable[[bytes], None]
WHOLE = 20  # every so many runs the whole path is taken
STATES = {"number", "blank", "mark", "unreadable", "missing"}


class BrokenPromiseError(AssertionError):
    """A document or a record that is not what it must be."""


def make_target(kind: str, *, whole: int = WHOLE) -> Target:
    """The function that reads bytes as a kind; `DocumentError` is an answer, all else that is raised a finding.

    Every `whole` runs the whole path is taken; never for 0.
    """
    if kind == "compound":
        return _read_compound
    put_in_engine()
    if not whole:
        return _read_pictures if kind == "picture" else partial(read_alone, kind)
    read_whole = _make_whole()
    count = 0

    def run(content: bytes) -> None:
        nonlocal count
        count += 1
        if kind == "picture" and count % whole:
            _read_pictures(content)
        elif count % whole:
            read_alone(kind, content)
        else:
            read_whole(content)

    return run


def read_alone(kind: str, content: bytes) -> None:
    """The reader of a kind, whatever the bytes say of themselves."""
    from extraction.readers import READERS

    try:
        check_document(READERS[kind](Source("fuzzed", content, "")))
    except DocumentError as error:
        check_error(error)


def _read_pictures(content: bytes) -> None:
    from extraction.readers.picture_files import open_picture_file

    try:
        for _ in open_picture_file(Source("fuzzed", content, "")):
            pass
    except DocumentError as error:
        check_error(error)


def _read_compound(content: bytes) -> None:
    """The kind of a file by its streams; LibreOffice itself is not fuzzed."""
    from extraction.readers.kinds import find_kind, name_binary
    from extraction.readers.ole import list_streams

    find_kind(content)
    list_streams(content)
    name_binary(content)


def _make_whole() -> Target:
    """The whole path: kind, reader, forms, cells, facts, record."""
    from extraction.pipeline import extract, load_reader
    from extraction.readers.kinds import find_kind
    from models.record import dump_record, make_record

    reader = load_reader()

    def read_whole(content: bytes) -> None:
        if find_kind(content) in ("doc", "rtf"):  # LibreOffice's, seconds each
            return
        try:
            record = make_record(extract(Source("fuzzed", content, ""), reader=reader))
        except DocumentError as error:
            check_error(error)
        else:
            check_record(record, json.loads(dump_record(record).encode("utf-8")))

    return read_whole


def check_error(error: DocumentError) -> None:
    """An error has a code of letters and says something; raises `BrokenPromiseError`."""
    if not error.code.replace("_", "").isalpha() or not error.message:
        raise BrokenPromiseError(f"an error without a code or a message: {error.code!r}")


def check_document(document: Document) -> None:
    """Cells of a table stand apart and within it; raises `BrokenPromiseError`."""
    for table in document.blocks:
        if isinstance(table, Table):
            for cell in table.cells:
                if not (0 <= cell.row < cell.row_end and 0 <= cell.column < cell.column_end):
                    raise BrokenPromiseError(f"a cell from {cell.row, cell.column} to {cell.row_end, cell.column_end}")
                if cell.evidence.bbox is not None and not np.isfinite(cell.evidence.bbox).all():
                    raise BrokenPromiseError(f"a cell in the box {cell.evidence.bbox}")


def check_record(record: dict[str, Any], loaded: dict[str, Any]) -> None:
    """Every cell of every form once, values only where there is a number; raises `BrokenPromiseError`."""
    from models.form import load_forms

    forms = load_forms()
    found = Counter((cell["form"], cell["id"]) for cell in record["cells"])
    wanted = {(t["form"], slot.field_id) for t in record["tables"] for slot in forms[t["form"]].fields}
    if set(found) != wanted or any(count > 1 for count in found.values()):
        raise BrokenPromiseError("the cells of the record are not those of its forms, each once")
    for cell in record["cells"]:
        if cell["state"] not in STATES or (cell["value"] is None) == (cell["state"] == "number"):
            raise BrokenPromiseError(f"{cell['id']}: {cell['state']} with value {cell['value']!r}")
        if not 0 <= cell["confidence"] <= 1:
            raise BrokenPromiseError(f"{cell['id']}: confidence {cell['confidence']}")
    if len(loaded["cells"]) != len(record["cells"]):
        raise BrokenPromiseError("a record that is not the same when it is read again")


def put_in_engine() -> None:
    """In place of the networks: lines in a corner of the page, and digits along them. Networks would take seconds."""
    from extraction.recognition import ocr_engine

    def find(pixels: Any) -> Any:
        height, width = pixels.shape[:2]
        corners = [(0.1, 0.1, 0.5, 0.2), (0.5, 0.1, 0.6, 0.2), (0.1, 0.5, 0.2, 0.9)]
        boxes = [((a, b), (c, b), (c, d), (a, d)) for a, b, c, d in corners]
        return np.asarray(boxes, np.float32) * np.asarray((width, height), np.float32)

    ocr_engine.load_engine.cache_clear()
    ocr_engine._load_detection = lambda _: find
    ocr_engine._load_session = lambda _: _Session()  # type: ignore[return-value,assignment]


class _Session:
    """Reads `0` to `9` in turn along every strip."""

    def get_modelmeta(self) -> Any:
        return type("Meta", (), {"custom_metadata_map": {"character": "\n".join("0123456789年报")}})()

    def get_inputs(self) -> Any:
        return [type("Input", (), {"name": "x"})()]

    def run(self, _: None, inputs: dict[str, Any]) -> list[Any]:
        (strips,) = inputs.values()
        shape = (strips.shape[0], strips.shape[3] // ocr_engine_step(), 14)
        output = np.full(shape, 0.01, np.float32)
        steps = np.arange(shape[1])
        output[:, steps, np.where(steps % 3 == 1, 1 + steps // 3 % 10, 0)] = 0.87
        return [output]


def ocr_engine_step() -> int:
    """Pixels of a strip for one step of the network's output."""
    from extraction.recognition.ocr_engine import STEP_WIDTH

    return STEP_WIDTH
