"""The results as a page: a table a measure, peers side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.peers.documents import KINDS, Entry
from benchmarks.peers.measuring import Result

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
NONE = "–"


def make_page(results: Sequence[Result], entries: Sequence[Entry], *, about: str) -> str:
    """The tables in markdown."""
    kinds = [kind for kind in KINDS if any(entry.kind == kind for entry in entries)]
    peers = list(dict.fromkeys(result.peer.title for result in results))
    found = {(result.peer.title, result.kind): result for result in results}
    parts = [about, _count_set(kinds, entries)]
    for title, show in MEASURES:
        rows = [
            [peer, *(show(found[peer, kind]) if (peer, kind) in found else NONE for kind in kinds)] for peer in peers
        ]
        rows = [row for row in rows if any(cell != NONE for cell in row[1:])]
        parts.append(f"### {title}\n\n{_make_table(['', *kinds], rows)}")
    parts += [_list_versions(results), _list_absent(results), _list_errors(results)]
    return "\n\n".join(part for part in parts if part)


def _count_set(kinds: Sequence[str], entries: Sequence[Entry]) -> str:
    rows = []
    for kind in kinds:
        truths = [entry.truth for entry in entries if entry.kind == kind]
        forms = sorted({form for truth in truths for form in truth["forms"]})
        pages = sum(truth.get("pages") or 1 for truth in truths)
        rows.append([kind, str(len(truths)), str(pages), str(sum(len(t["cells"]) for t in truths)), ", ".join(forms)])
    return _make_table(["kind", "documents", "pages", "cells", "forms"], rows)


def _show_accuracy(result: Result | None) -> str:
    return f"{100 * result.right / len(result.cells):.2f} %" if result and result.cells else NONE


def _show_non_zero(result: Result | None) -> str:
    right, count = result.non_zero if result else (0, 0)
    return f"{100 * right / count:.2f} %" if count else NONE


def _show_silent(result: Result | None) -> str:
    return f"{result.silent} of {result.accepted}" if result and result.cells else NONE


def _show_seconds(result: Result | None) -> str:
    return f"{result.seconds / result.pages:.3f}" if result and result.pages else NONE


def _show_peak(result: Result | None) -> str:
    return f"{result.peak:.0f}" if result and result.peak else NONE


MEASURES: tuple[tuple[str, Callable[[Result | None], str]], ...] = (
    ("Cells right", _show_accuracy),
    ("Cells right, of those that are not 0", _show_non_zero),
    ("Silent errors: wrong, and nobody is asked to look, of the cells accepted", _show_silent),
    ("Seconds of the processor a page", _show_seconds),
    ("Peak memory, MB", _show_peak),
)


def _list_versions(results: Sequence[Result]) -> str:
    lines = {
        r.peer.title: ", ".join(f"{name} {version}" for name, version in r.versions.items())
        for r in results
        if r.versions
    }
    return "Versions: " + "; ".join(f"{title}: {versions}" for title, versions in lines.items()) + "."


def _list_absent(results: Sequence[Result]) -> str:
    absent = dict.fromkeys(f"- {r.peer.title}: {r.absent}" for r in results if r.absent.startswith(("absent", "no ")))
    return "\n".join(absent)


def _list_errors(results: Sequence[Result]) -> str:
    errors = [f"- {result.peer.title}, {error}" for result in results for error in result.errors]
    return "Documents that a peer failed on:\n\n" + "\n".join(errors) if errors else ""


def _make_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write_page(path: Path, page: str) -> None:
    """Put the tables between the marks of the page; raises `ValueError` where it has none."""
    text = path.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path} has no place for the tables")
    path.write_text(f"{before}{begin}\n{page}\n{end}{after}", "utf-8")
