"""The same document gives the same report, to the last digit, whatever was read before."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from extraction.pipeline import extract, load_reader
from extraction.readers.source import read_source

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def read_all(paths: Iterable[Path]) -> dict[str, str]:
    reader = load_reader()
    return {path.name: repr(extract(read_source(str(path)), reader=reader)) for path in paths}


def test_report_does_not_depend_on_what_was_read_before() -> None:
    paths = sorted(path for path in EXAMPLES.iterdir() if not path.name.endswith(".truth.json"))
    assert len(paths) > 5
    first, after = read_all(paths), read_all(reversed(paths))
    for name, report in first.items():
        assert after[name] == report, name
