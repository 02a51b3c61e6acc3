"""The engine of bulk runs: batches of inputs handed to the workers of a Dask cluster, a bounded number ahead.

The only file that imports distributed. Inputs and answers are small; bytes and records never pass the scheduler.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import dask
from distributed import Client, LocalCluster, WorkerPlugin, get_worker
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker
from tornado.iostream import StreamClosedError

from review.store.database import StoreAway
from review.store.runs import Input
from service.run_child import without_interrupts
from service.run_faults import ChildGone
from service.run_order import Batch
from service.run_worker import Outcome, RunOrder, Worker

AHEAD = 2  # batches handed out for each thread of a worker
ROOM = 4  # of these, what a heavy document takes: a worker reads one and has one more, others may go to idle workers
LONG = 60.0  # seconds after which a heavy document takes the room of a light one: it may only be waiting
THREADS = 4  # of a local worker: one has its child read, others fetch, keep what was read, or wait for what hangs
PATIENCE = 300.0  # seconds that a scheduler or the database may be away
MOST_GONE = 20  # batches one after the other whose child was not there
LOOK = 1.0  # seconds between looks at the connection
SETTINGS = {
    "distributed.worker.daemon": False,  # a daemon may have no child
    "distributed.worker.profile.enabled": False,  # nobody looks at it, and it costs
    "distributed.admin.tick.limit": "60s",
    "distributed.admin.tick.interval": "1s",  # each of the loops woke 50 times a second, and took the readers' time
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.log-length": 1000,  # else a scheduler keeps 10,000 steps of its tasks
    "distributed.comm.timeouts.connect": "30s",
    "distributed.scheduler.allowed-failures": 10,  # what a document does, it does to the child of a worker
    "distributed.scheduler.active-memory-manager.start": False,
}


class EngineAway(Exception):  # noqa: N818
    """No scheduler can be reached, or the database stayed away."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Where batches are read: at the scheduler `cluster`, else in `workers` processes (or threads) of this machine."""

    workers: int = 1
    cluster: str | None = None
    in_process: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """A batch that came back: with its outcomes, or `None` where it killed its workers."""

    inputs: Sequence[Input]
    outcomes: Sequence[Outcome] | None


@dataclass(frozen=True, slots=True)
class _Out:
    """A batch that is out, and the room it takes."""

    future: Any
    batch: Batch
    room: int
    since: float


class _RunPlugin(WorkerPlugin):
    """Holds the worker of a run in each process of a cluster; it is made with the first batch."""

    def __init__(self, order: RunOrder) -> None:
        self.name = f"gouji-{order.run_key}"
        self._order = order

    def setup(self, worker: Any) -> None:
        self._lock = threading.Lock()
        self._worker: Worker | None = None

    def teardown(self, worker: Any) -> None:
        with self._lock:
            if self._worker is not None:
                self._worker.close()
            self._worker = None

    def read(self, inputs: Sequence[Input]) -> list[Outcome]:
        with self._lock:
            if self._worker is None:
                self._worker = Worker(self._order)
            worker = self._worker
        return worker.read_inputs(inputs)


def _read_batch(inputs: Sequence[Input], name: str) -> list[Outcome]:
    plugin: Any = get_worker().plugins[name]
    outcomes: list[Outcome] = plugin.read(inputs)
    return outcomes


class Engine:
    """Batches out, outcomes back in any order; a scheduler that goes away is waited for, and all is handed out anew."""

    def __init__(self, client: Any, plugin: _RunPlugin, address: str | None) -> None:
        self._client = client
        self._plugin = plugin
        self._address = address
        self._out: dict[str, _Out] = {}
        self._taken = 0  # of the room
        self._done: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._count = 0
        self._away_since: float | None = None
        self._looked = 0.0
        self._gone = 0
        self._room = AHEAD * THREADS

    @property
    def out(self) -> int:
        """How many batches are out."""
        return len(self._out)

    @property
    def room(self) -> int:
        """How many batches may still be handed out; a heavy one takes the room of several."""
        now = time.monotonic()
        if now - self._looked > LOOK:
            self._looked = now
            self._room = AHEAD * max(THREADS, sum(self._client.nthreads().values()))
            self._out = {key: replace(out, room=1) if now - out.since > LONG else out for key, out in self._out.items()}
            self._taken = sum(out.room for out in self._out.values())
        return self._room - self._taken

    def submit(self, batch: Batch) -> None:
        """Hand a batch out."""
        self._count += 1
        kind = "heavy" if batch.heavy else "light"  # Dask keeps the times of each kind
        key = f"{kind}-{self._plugin.name}-{id(self):x}-{self._count}"
        future = self._client.submit(_read_batch, batch.inputs, self._plugin.name, key=key, pure=False)
        self._out[key] = _Out(future, batch, ROOM if batch.heavy else 1, time.monotonic())
        self._taken += self._out[key].room
        future.add_done_callback(lambda done: self._done.put(done.key))

    def collect(self) -> list[Finished]:
        """Wait for batches, for a second at most; raises `EngineAway`, and whatever a worker fails with."""
        finished: list[Finished] = []
        timeout: float | None = LOOK
        while True:
            with contextlib.suppress(queue.Empty):
                key = self._done.get(timeout=timeout) if timeout else self._done.get_nowait()
                if key in self._out:
                    finished += self._finish(key)
                timeout = None
                continue
            break
        if not finished and self._client.status != "running":
            self._reconnect()
        return finished

    def _finish(self, key: str) -> list[Finished]:
        out = self._out[key]
        if out.future.status == "cancelled":  # the scheduler is gone, and with it what it knew
            self._reconnect()
            return []
        outcomes: Sequence[Outcome] | None = None
        try:
            outcomes = out.future.result()
        except KilledWorker:
            self._forget(key)
        except StoreAway as error:
            self._forget(key)
            self._wait_for_store(error)
            self.submit(out.batch)
            return []
        except ChildGone as error:
            self._forget(key)
            self._gone += 1
            if self._gone > MOST_GONE:
                raise EngineAway(f"the workers cannot start a child: {error}") from error
            self.submit(out.batch)
            return []
        except (OSError, StreamClosedError, FutureCancelledError):
            self._reconnect()
            return []
        else:
            self._forget(key)
            self._away_since = None
            self._gone = 0
        return [Finished(out.batch.inputs, outcomes)]

    def _forget(self, key: str) -> None:
        self._taken -= self._out.pop(key).room

    def _wait_for_store(self, error: StoreAway) -> None:
        now = time.monotonic()
        self._away_since = self._away_since or now
        if now - self._away_since > PATIENCE:
            raise EngineAway(f"the database stays away: {error}") from error

    def _reconnect(self) -> None:
        """Find the scheduler again, and hand out anew what is out."""
        if self._address is None:
            raise EngineAway("the local cluster is gone")
        waiting = [out.batch for out in self._out.values()]
        self._out.clear()
        self._taken = 0
        self._client.close(timeout=2)
        self._client = _connect(self._address)
        self._client.register_plugin(self._plugin, name=self._plugin.name)
        for batch in waiting:
            self.submit(batch)

    def close(self) -> None:
        """Take back what is out, and leave no child behind at the workers."""
        self._out.clear()
        if self._client.status == "running":
            with contextlib.suppress(OSError, TimeoutError, StreamClosedError, KeyError, ValueError):
                self._client.unregister_worker_plugin(self._plugin.name)
        self._client.close(timeout=5)


@contextlib.contextmanager
def open_engine(options: EngineOptions, order: RunOrder) -> Iterator[Engine]:
    """An engine whose workers are of this machine or of a running cluster; raises `EngineAway`."""
    plugin = _RunPlugin(order)
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(SETTINGS))
        if options.cluster is None:
            client = _make_client(stack.enter_context(_open_cluster(options)))
        else:
            client = _connect(options.cluster)
        engine = Engine(client, plugin, options.cluster)
        stack.callback(engine.close)
        client.register_plugin(plugin, name=plugin.name)
        yield engine


@contextlib.contextmanager
def _open_cluster(options: EngineOptions) -> Iterator[Any]:
    make_cluster: Any = LocalCluster
    cluster = None
    try:
        with without_interrupts():  # half a cluster cannot be closed
            cluster = make_cluster(
                n_workers=options.workers,
                threads_per_worker=THREADS,
                processes=not options.in_process,
                memory_limit=0,  # children have limits of their own
                dashboard_address="127.0.0.1:0",  # health and figures; not on the default port, where others may be
                worker_dashboard_address="127.0.0.1:0",
                silence_logs=50,
            )
        yield cluster
    finally:
        if cluster is not None:
            with contextlib.suppress(
                TimeoutError
            ):  # workers of a very busy machine: they are killed, end when they can
                cluster.close()


def _make_client(where: Any, **options: Any) -> Any:
    make: Any = Client  # its signature is not typed
    return make(where, set_as_default=False, **options)


def _connect(address: str) -> Any:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return _make_client(address, timeout=10)
        except (OSError, TimeoutError, StreamClosedError) as error:
            if time.monotonic() > until:
                raise EngineAway(f"no scheduler at {address}: {error}") from error
            time.sleep(LOOK)
