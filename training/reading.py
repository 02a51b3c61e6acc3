"""Reading a few documents in this process, with any models: what learning and its trials measure themselves by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extraction.pipeline import MODELS, extract, make_reader
from models.document import DocumentError, Source
from models.record import dump_record, make_error_record, make_record
from models.trained import TRAINED_FOLDER, TrainedModel, load_trained
from training.evaluation import Evaluation, judge_record

if TYPE_CHECKING:
    from extraction.pipeline import Reader


def load_models(folder: Path | None = None) -> dict[str, TrainedModel]:
    """The models of a folder by name; without one those that ship."""
    return {name: load_trained(name, folder=folder or TRAINED_FOLDER) for name in MODELS}


def load_reader_of(folder: Path | None = None) -> Reader:
    """A reader with the models of a folder."""
    return make_reader(load_models(folder))


def read_content(name: str, content: bytes, reader: Reader) -> dict[str, Any]:
    """The record of one document, as `gouji extract` would write it."""
    source = Source(name, content, "")
    try:
        record = make_record(extract(source, reader=reader))
    except DocumentError as error:
        record = make_error_record(name, source.sha256, error.code, error.message)
    loaded: dict[str, Any] = json.loads(dump_record(record))
    return loaded


def evaluate_contents(documents: Iterable[tuple[str, bytes, Mapping[str, Any]]], reader: Reader) -> Evaluation:
    """Read (name, bytes, truth) and judge each against its truth."""
    return Evaluation([judge_record(read_content(name, content, reader), truth) for name, content, truth in documents])
