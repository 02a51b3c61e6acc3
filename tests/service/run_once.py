"""A bulk run in a process of its own, to be killed by tests: `python -m tests.service.run_once STORE FOLDER`."""

from __future__ import annotations

import signal
import sys

from review.store.database import open_store
from service.reading import ReadOptions
from service.run_child import ChildOptions
from service.run_engine import EngineOptions
from service.running import RunPlan, run_sources
from tests.service import misbehaving


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background of a script has it ignored
    path, folder = sys.argv[1:3]
    child = ChildOptions(ReadOptions(facts=False), read=misbehaving.read)
    plan = RunPlan(f"sqlite:///{path}", child, EngineOptions(workers=2))
    end = run_sources(open_store(f"sqlite:///{path}"), [folder], plan)
    sys.stdout.write(f"{end.status} {end.reason}\n")
    sys.exit(130 if end.reason else 0)


if __name__ == "__main__":
    main()
