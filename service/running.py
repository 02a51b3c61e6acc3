"""A bulk run: list what there is, read what waits, and go on where it was stopped."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from models.record import make_error_record
from models.trained import TRAINED_FOLDER
from review.originals import save_original
from review.store.database import Store, StoreAway
from review.store.reads import FreshRead, keep_reads
from review.store.runs import (
    Ending,
    Input,
    Run,
    add_inputs,
    change_run,
    count_inputs,
    end_inputs,
    list_waiting,
    reopen_inputs,
    start_run,
)
from service.reading import ReadOptions
from service.run_child import ChildOptions
from service.run_engine import PATIENCE, Engine, EngineAway, EngineOptions, Finished, open_engine
from service.run_order import make_batch, make_batches
from service.run_sources import list_places
from service.run_tally import Progress, Tally, show_progress
from service.run_worker import CRASHED, Outcome, RunOrder, WrongStore

T = TypeVar("T")
AT_ONCE = 500  # places or inputs, in one transaction
PAUSE = 1.0  # seconds between notes of how inputs ended, and before another attempt
PASSING = ("crashed", "timeout", "out_of_memory", "unreachable", "internal")  # what `gouji retry` tries again


@dataclass(frozen=True, slots=True)
class RunPlan:
    """How a run reads, and where: `store` is the URL as every worker opens it."""

    store: str
    child: ChildOptions
    engine: EngineOptions
    originals: bool = False


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended: `done`, or `stopped` with a reason why; it goes on when it is started again."""

    run: Run
    status: str
    figures: Mapping[str, Any]
    reason: str = ""


def run_sources(store: Store, sources: Sequence[str], plan: RunPlan) -> RunEnd:
    """List sources and read what the store does not have; a stop of any kind is an end too."""
    reader = name_reader(plan.child.reading)
    run = start_run(store, reader=reader, sources=sources, options=_describe(plan))
    tally = Tally()
    with show_progress(tally) as progress:
        try:
            _list(store, run, sources, progress)
        except KeyboardInterrupt:
            return _end(store, run, tally, "interrupted while the sources were listed: start the run again")
        return _read(store, run, plan, tally, progress)


def resume_run(store: Store, run: Run, plan: RunPlan, *, codes: Sequence[str] | None = PASSING) -> RunEnd:
    """Read the inputs of a run again that failed with some codes (`None`: with any), and those that still wait.

    Each document has all of the limits now, however short it is. Raises `ValueError` where the run was made with other
    models or options.
    """
    if run.reader != name_reader(plan.child.reading):
        raise ValueError(f"run {run.run_id} was made with other models or options: start it anew with `gouji run`")
    reopen_inputs(store, run, codes)
    tally = Tally()
    with show_progress(tally) as progress:
        return _read(store, run, plan, tally, progress, again=True)


def name_reader(options: ReadOptions) -> str:
    """What records depend on besides the document: cards and promises of the models, and options; as a short hash."""
    folder = options.models or TRAINED_FOLDER
    files = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.json"))}
    data = json.dumps([files, options.facts, options.tables_only], sort_keys=True)
    return hashlib.sha256(data.encode()).hexdigest()[:16]


def _describe(plan: RunPlan) -> dict[str, Any]:
    """The options of a run for those who look at it later; a password is kept nowhere."""
    reading = asdict(plan.child.reading)
    reading["models"] = None if plan.child.reading.models is None else str(plan.child.reading.models)
    reading.pop("password")
    return {
        **reading,
        "time_limit": plan.child.time_limit,
        "memory_limit": plan.child.memory_limit,
        "originals": plan.originals,
        **asdict(plan.engine),
    }


def _list(store: Store, run: Run, sources: Sequence[str], progress: Progress) -> None:
    places = list_places(sources, lambda content: save_original(store.files, content))
    listed = 0
    while batch := list(islice(places, AT_ONCE)):
        add_inputs(store, run, batch)
        listed += len(batch)
        progress.say(f"{listed:,} documents listed")


def _read(store: Store, run: Run, plan: RunPlan, tally: Tally, progress: Progress, *, again: bool = False) -> RunEnd:
    counts = count_inputs(store, run)
    tally.listed = sum(counts.values())
    tally.before = sum(count for (status, _), count in counts.items() if status != "waiting")
    tally.failed_before = sum(count for (status, _), count in counts.items() if status == "failed")
    change_run(store, run, status="reading", ended_at=None)
    reason = ""
    if tally.left:
        reason = "a fault of Gouji"
        child = replace(plan.child, patient=again)
        order = RunOrder(
            plan.store, _find_files(store), run.run_id, run.run_key, run.reader, child, plan.originals, again
        )
        try:
            with open_engine(plan.engine, order) as engine:
                _Reading(store, run, engine, tally, progress).read()
            reason = ""
        except KeyboardInterrupt:
            reason = "interrupted: start the run again to go on"
        except (EngineAway, WrongStore) as error:
            reason = str(error)
        except StoreAway as error:
            reason = f"the database stays away: {error}"
        finally:
            end = _end(store, run, tally, reason)
        return end
    return _end(store, run, tally, reason)


def _end(store: Store, run: Run, tally: Tally, reason: str) -> RunEnd:
    status = "stopped" if reason else "done"
    figures = tally.as_figures()
    with suppress(StoreAway):  # else the run shows no sign of life, and goes on all the same when it is started again
        change_run(store, run, status=status, ended_at=store.clock(), figures=figures)
    return RunEnd(run, status, figures, reason)


class _Reading:
    """Keeps the engine fed, and notes what comes back."""

    def __init__(self, store: Store, run: Run, engine: Engine, tally: Tally, progress: Progress) -> None:
        self._store, self._run, self._engine = store, run, engine
        self._tally, self._progress = tally, progress
        self._batches = make_batches(self._iter_waiting())
        self._again: list[tuple[float, Input]] = []  # when to try an input again
        self._ended: list[Ending] = []
        self._noted = time.monotonic()

    def read(self) -> None:
        try:
            more = True
            while more or self._engine.out or self._again:
                more = self._feed(more)
                for finished in self._engine.collect() if self._engine.out else self._sleep():
                    self._take(finished)
                self._progress.show()
                if time.monotonic() - self._noted > PAUSE:
                    self._note()
        finally:
            self._note()

    def _iter_waiting(self) -> Iterator[Input]:
        after = 0
        while inputs := _wait_for(partial(list_waiting, self._store, self._run, after=after, limit=AT_ONCE)):
            yield from inputs
            after = inputs[-1].input_id

    def _feed(self, more: bool) -> bool:  # noqa: FBT001
        """Hand out as much as there is room for; whether more waits."""
        now = time.monotonic()
        due = [entry for when, entry in self._again if when <= now]
        self._again = [pair for pair in self._again if pair[0] > now]
        for entry in due:
            self._engine.submit(make_batch(entry))
        while more and self._engine.room > 0:
            batch = next(self._batches, None)
            if batch is None:
                return False
            self._engine.submit(batch)
        return more

    @staticmethod
    def _sleep() -> Sequence[Finished]:
        time.sleep(PAUSE / 4)
        return ()

    def _take(self, finished: Finished) -> None:
        if finished.outcomes is not None:
            by_number = {entry.input_id: entry for entry in finished.inputs}
            for outcome in finished.outcomes:
                self._count(outcome, by_number[outcome.ending.input_id])
        elif len(finished.inputs) > 1:  # one of them may be the cause
            for entry in finished.inputs:
                self._engine.submit(make_batch(entry))
        else:
            self._set_aside(finished.inputs[0])

    def _count(self, outcome: Outcome, entry: Input) -> None:
        self._tally.add(outcome)
        self._ended.append(outcome.ending)
        if outcome.ending.status == "waiting":
            attempts = outcome.ending.attempts
            pause = 0.0 if outcome.ending.code == CRASHED else PAUSE * 2**attempts
            self._again.append((time.monotonic() + pause, _next_attempt(entry, attempts)))

    def _set_aside(self, entry: Input) -> None:
        """Keep an error record of an input that no worker survives."""
        message = "every worker process that was given the document died"
        record = make_error_record(entry.place, None, "crashed", message)
        (read,) = keep_reads(self._store, [FreshRead(record, 0.0)], reader=self._run.reader, run_id=self._run.run_id)
        ending = Ending(entry.input_id, "failed", entry.attempts + 1, CRASHED, message, read.document_id)
        self._count(Outcome(ending), entry)

    def _note(self) -> None:
        _wait_for(partial(end_inputs, self._store, self._run, self._ended))
        self._ended = []
        self._noted = time.monotonic()


def _wait_for(work: Callable[[], T]) -> T:
    """Do what needs the database, again and again while that is away; raises `StoreAway` after `PATIENCE` seconds."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except StoreAway:
            if time.monotonic() > until:
                raise


def _next_attempt(entry: Input, attempts: int) -> Input:
    return Input(entry.input_id, entry.place, entry.reference, entry.size, attempts, None)


def _find_files(store: Store) -> str:
    """Where originals are kept, as a worker on another machine names it."""
    unstrip = store.files.system.unstrip_protocol(store.files.root)
    return str(Path(store.files.root)) if unstrip.startswith(("file:", "local:")) else str(unstrip)
