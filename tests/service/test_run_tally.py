from __future__ import annotations

import time

from review.store.runs import Ending
from service.run_tally import Tally, show_seconds
from service.run_worker import Outcome


def end(tally: Tally, status: str = "done", code: str | None = None, **more: object) -> None:
    tally.add(Outcome(Ending(1, status, 1, code), **more))  # type: ignore[arg-type]


def test_a_tally_counts_kinds_codes_and_cells_for_review() -> None:
    tally = Tally(listed=10, before=4)
    end(tally, kind="pdf", cells=100, accepted=90, new=True)
    end(tally, kind="pdf", cells=100, accepted=90, new=False)  # known before: its cells were counted then
    end(tally, "failed", "timeout")
    end(tally, "waiting", "crashed")
    assert (tally.done, tally.failed, tally.known, tally.retried, tally.left) == (2, 1, 1, 1, 3)
    figures = tally.as_figures()
    assert (figures["kinds"], figures["codes"]) == ({"pdf": 2}, {"timeout": 1})
    assert figures["review_rate"] == 1 - 90 / 100
    assert "7 of 10, 1 failed, 2 pdf, 10.0% for review" in tally.describe()


def test_the_first_moments_tell_no_rate() -> None:
    tally = Tally(listed=100)
    for _ in range(5):
        end(tally)
    assert tally.rate == 0.0
    tally._recent[0] = (time.monotonic() - 10, 0)
    assert 0.4 < tally.rate < 0.6
    assert "left" in tally.describe()


def test_a_run_without_anything_has_figures_too() -> None:
    figures = Tally().as_figures()
    assert (figures["review_rate"], figures["left"]) == (None, 0)
    assert show_seconds(59.6) == "0:01:00"
