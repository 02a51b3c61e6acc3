"""One process that fuzzes one kind of input, guided by the coverage of our readers (atheris, libFuzzer).

Started by `python -m benchmarks.fuzzing`. What is raised, takes long or takes much memory is written to a folder and
the run goes on, so that a first finding does not hide the next.
"""

from __future__ import annotations

import importlib
import logging
import random
import sys
import warnings
from pathlib import Path

import atheris

from benchmarks.fuzzing.mutating import mutate

# What is imported in functions: under the eyes of the coverage only if it is imported here.
MODULES = (
    *("extraction.readers", "extraction.pipeline", "extraction.readers.picture_files"),
    *("extraction.readers.picture_pages", "extraction.pictures.seen_pages"),
    *("extraction.recognition.cell_reader", "extraction.readers.ole"),
)


def main() -> None:
    """`harness KIND FOLDER CORPUS libFuzzer-options…`."""
    kind, folder, corpus = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=["extraction", "models"]):
        for name in MODULES:
            importlib.import_module(name)
    from benchmarks.fuzzing.watching import Watch, limit_memory

    limit_memory()
    watch = Watch(kind, folder)

    def change(content: bytes, size: int, seed: int) -> bytes:
        def flip(inner: bytes) -> bytes:
            return bytes(atheris.Mutate(inner, max(len(inner) + 8, 16)))

        changed = mutate(kind, content, random.Random(seed), flip=flip)
        return changed if len(changed) <= size else changed[:size] if kind != "docx" else content

    atheris.Setup([sys.argv[0], *sys.argv[4:], corpus], watch.run, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
