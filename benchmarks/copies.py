"""How many copies of reports are found, and how many found are none: `python -m benchmarks.copies RECORDS`.

RECORDS is a file of `gouji extract`. Each record is paired with a copy as another reading of it might be: 3 % of its
cells misread or lost, 2 % of the characters of its sentences other. Records are also paired with those of other
agencies, which are no copies.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from extraction.near_copies import compare_sketches, judge_likeness, make_sketch


def misread(record: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A record as another reading of the same report might be."""
    other = copy.deepcopy(record)
    for cell in other["cells"]:
        if chance.random() < 0.03 and cell["state"] == "number":
            if chance.random() < 0.5:
                cell["value"] += chance.choice((1, 5, 10))
            else:
                cell["state"], cell["value"] = "unreadable", None
    for section in other["sections"]:
        section["text"] = "".join("口" if chance.random() < 0.02 else letter for letter in section["text"])
    return other


def main() -> None:
    """Print counts by verdict, with and without a known agency."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("--seed", type=int, default=2046)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    records = [json.loads(line) for line in arguments.records.read_text("utf-8").splitlines()]
    records = [record for record in records if record.get("cells")]
    known: Counter[str | None] = Counter()
    unknown: Counter[str | None] = Counter()
    for record in records:
        first, second = make_sketch(record), make_sketch(misread(record, chance))
        likeness = compare_sketches(first, second)
        known[judge_likeness(likeness, same_agency=True)] += 1
        met = first.fingerprint is not None and first.fingerprint == second.fingerprint
        unknown[judge_likeness(likeness, same_agency=False) if met else "never compared"] += 1
    print(f"{len(records)} copies, the agency known: {dict(known)}")
    print(f"{len(records)} copies, the agency not known: {dict(unknown)}")
    others: Counter[str | None] = Counter()
    mistaken: Counter[str | None] = Counter()
    sketches = [make_sketch(record) for record in records]
    for first, second in itertools.combinations(sketches, 2):
        likeness = compare_sketches(first, second)
        others[judge_likeness(likeness, same_agency=False)] += 1
        mistaken[judge_likeness(likeness, same_agency=True)] += 1
    print(f"pairs of other reports, were they compared for their numbers: {dict(others)}")
    print(f"pairs of other reports, were their agencies mistaken for one: {dict(mistaken)}")


if __name__ == "__main__":
    main()
