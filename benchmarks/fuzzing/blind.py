"""One process that fuzzes one kind of input without looking at coverage: several times as many runs in the same time.

Started by `python -m benchmarks.fuzzing --blind`. It begins with the inputs that runs by coverage have left. The
input that took the process down, or more than `SECONDS`, stands in the folder.
"""

from __future__ import annotations

import faulthandler
import logging
import random
import signal
import sys
import warnings
from pathlib import Path

from benchmarks.fuzzing.mutating import mutate
from benchmarks.fuzzing.watching import Watch, limit_memory

SECONDS = 30  # of the processor for one input, after which the process is ended


def main() -> None:
    """`blind KIND FOLDER CORPUS RUNS SEED MOST_BYTES WHOLE`."""
    kind, folder, corpus = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    runs, seed, most, whole = map(int, sys.argv[4:8])
    limit_memory()
    faulthandler.enable()
    faulthandler.register(signal.SIGPROF, chain=True)  # says where it is, then ends the process, in a library too
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    inputs = [path.read_bytes() for path in sorted(corpus.iterdir())]
    watch = Watch(kind, folder, whole=whole)
    last = folder / f"{kind}-last.bin"
    for number in range(runs):
        rng = random.Random(f"{seed}/{number}")
        content = mutate(kind, rng.choice(inputs), rng)
        content = content if len(content) <= most or kind == "docx" else content[:most]
        last.write_bytes(content)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        watch.run(content)
    signal.setitimer(signal.ITIMER_PROF, 0)
    last.unlink()


if __name__ == "__main__":
    main()
