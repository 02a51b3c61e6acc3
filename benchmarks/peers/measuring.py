"""A peer on the documents of one kind: run in its own process, its cells compared with the truth."""

from __future__ import annotations

import importlib
import json
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.peers.documents import SCANS, Entry
from benchmarks.peers.mapping import make_peer_record
from training.evaluation import CellVerdict, Evaluation, judge_record

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer: the name of its adapter, how it is called in print, the Python that has it."""

    name: str
    title: str
    python: Path

    def reads(self, kind: str) -> bool:
        """Whether its adapter takes documents of a kind."""
        kinds = importlib.import_module(f"benchmarks.peers.{self.name}_peer").KINDS
        return ("scan" if kind in SCANS else kind) in kinds


@dataclass(frozen=True, slots=True)
class Result:
    """A peer on a kind; `seconds` are of the processor, `peak` is MB; `absent` says why there is nothing."""

    peer: Peer
    kind: str
    cells: Sequence[CellVerdict] = ()
    pages: int = 0
    seconds: float = 0.0
    peak: float | None = None
    errors: Sequence[str] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    absent: str = ""

    @property
    def right(self) -> int:
        return sum(cell.right for cell in self.cells)

    @property
    def silent(self) -> int:
        """Cells that are given as good and are wrong."""
        return sum(cell.accepted and not cell.right for cell in self.cells)

    @property
    def accepted(self) -> int:
        return sum(cell.accepted for cell in self.cells)

    @property
    def non_zero(self) -> tuple[int, int]:
        """Right ones and all, of the cells that hold another number than 0."""
        inside = [cell.right for cell in self.cells if cell.non_zero]
        return sum(inside), len(inside)

    def describe(self) -> str:
        """The result in a line."""
        if self.absent:
            return self.absent
        return (
            f"{self.right}/{len(self.cells)} right, {self.silent} silent, {self.seconds / max(self.pages, 1):.2f} s a "
            f"page, {self.peak or 0:.0f} MB, {len(self.errors)} errors"
        )


def measure_peer(
    peer: Peer, kind: str, entries: Sequence[Entry], *, seconds: int, folder: Path, resume: bool = False
) -> Result:
    """Run a peer on documents of a kind; one that is not there, or cannot read the kind, is absent.

    What it answers is kept in a folder; with `resume` whole answers of a run before are taken from there.
    """
    if not peer.reads(kind):
        return Result(peer, kind, absent="does not read it")
    if not peer.python.exists():
        return Result(peer, kind, absent=f"no {peer.python.parents[1].name}; `make benchmark` makes it")
    evaluation = Evaluation()
    answers: dict[str, dict[str, Any]] = {}
    head: dict[str, Any] = {}
    peak = None
    kept = folder / f"{peer.name}-{kind}.jsonl"
    old = load_answers(kept) if resume else []
    for answer in old or keep_answers(kept, ask_child(peer, [entry.path for entry in entries], seconds=seconds)):
        if "path" in answer:
            answers[answer["path"]] = answer
        elif "peak" in answer:
            peak = answer["peak"]
        else:
            head |= answer
    if "versions" not in head:
        return Result(peer, kind, absent=f"absent: {head.get('absent', 'its process ended')}")
    errors = []
    for entry in entries:
        answer = answers.get(str(entry.path), {"error": f"no answer within {seconds} s"})
        if "error" in answer:
            errors.append(f"{entry.path.name}: {answer['error']}")
        evaluation.documents.append(judge_record(_make_record(entry, answer), entry.truth))
    return Result(
        peer,
        kind,
        cells=evaluation.cells,
        pages=sum(entry.truth.get("pages") or 1 for entry in entries),
        seconds=sum(answer["seconds"] for answer in answers.values()),
        peak=peak,
        errors=errors,
        versions=head["versions"],
    )


def _make_record(entry: Entry, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    if "error" in answer:
        return {"source": str(entry.path), "error": {"code": "peer", "message": answer["error"]}}
    if "record" in answer:
        record: Mapping[str, Any] = answer["record"]
        return record
    return make_peer_record(str(entry.path), "", answer["grids"])


def load_answers(path: Path) -> list[dict[str, Any]]:
    """The answers of a process that came to its end; none of one that did not."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    answers = [json.loads(line) for line in lines]
    return answers if answers and "peak" in answers[-1] else []


def keep_answers(path: Path, answers: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The answers, each written to a file as well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for answer in answers:
            file.write(json.dumps(answer, ensure_ascii=False) + "\n")
            yield answer


def ask_child(peer: Peer, paths: Sequence[Path], *, seconds: int) -> Iterator[dict[str, Any]]:
    """The answers of a peer's process, which is ended after so many seconds."""
    command = [str(peer.python), "-m", "benchmarks.peers.child", peer.name]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        encoding="utf-8",
    ) as child:  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None
        clock = threading.Timer(seconds, child.kill)
        clock.start()
        try:
            child.stdin.write("".join(f"{path.resolve()}\n" for path in paths))
            child.stdin.close()
            for line in child.stdout:
                answer: dict[str, Any] = json.loads(line)
                if "path" in answer:
                    answer["path"] = str(_find_path(answer["path"], paths))
                yield answer
        except BrokenPipeError:  # it could not be imported, and says so
            yield from map(json.loads, child.stdout)
        finally:
            clock.cancel()


def _find_path(resolved: str, paths: Sequence[Path]) -> Path:
    return next(path for path in paths if str(path.resolve()) == resolved)
