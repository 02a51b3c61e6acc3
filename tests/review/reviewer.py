"""Some reviewers in one process, for tests that run many: `python -m tests.review.reviewer URL FILES NAME LOG`.

Each answers until there is nothing to answer. What was acknowledged is in LOG, a line an answer.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from decimal import Decimal

from models.numbers import State
from review.answers import Answer
from review.store.answering import LeaseLost, answer_item
from review.store.database import Store, open_store
from review.store.leasing import lease_item, skip_item
from review.store.progress import count_queue

REVIEWERS = 5


def review(store: Store, person: str, log: int) -> None:
    """Answer until nothing is open: mostly the same as others would, now and then unsure or skipped."""
    chance = random.Random(person)
    while count_queue(store).open:
        item = lease_item(store, person)
        if item is None:
            time.sleep(0.1)  # others are at the rest, and may not agree
            continue
        draw = chance.random()
        if draw < 0.05 and skip_item(store, item.lease, person):
            continue
        value = Decimal(item.document_id if draw > 0.2 else chance.randrange(3))
        answer = Answer(person, None) if 0.05 <= draw < 0.1 else Answer(person, State.NUMBER, value)
        try:
            outcome = answer_item(store, item.lease, answer)
        except LeaseLost:
            continue
        if chance.random() < 0.3:
            assert answer_item(store, item.lease, answer).correction_id == outcome.correction_id
        os.write(log, f"{outcome.correction_id} {person} {item.item_id}\n".encode())


def main(url: str, files: str, name: str, log: str) -> None:
    """Run the reviewers of one process."""
    store = open_store(url, files=files)
    target = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    threads = [threading.Thread(target=review, args=(store, f"{name}{n}", target)) for n in range(REVIEWERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
