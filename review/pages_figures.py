"""Progress as figures and bars: what the machine accepted, what people did, what waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from review.pages_words import SOURCE_KINDS, find_word

COUNT_SECONDS = 3.0
LEFT, WIDTH = 150.0, 660.0  # of a chart, in units of its drawing
ROW = 26.0
MAX_BARS = 24


def start_aside(work: Callable[[], None]) -> None:
    """Do work in a thread of its own, so that nobody waits for it."""
    threading.Thread(target=work, daemon=True).start()


class KeptCount:
    """The length of the queue for the heads of pages, counted anew every few seconds: it takes longer than a page.

    Only the first who asks waits for it; `aside` starts the later counts.
    """

    def __init__(
        self,
        count: Callable[[], int],
        *,
        clock: Callable[[], float] = time.monotonic,
        aside: Callable[[Callable[[], None]], None] = start_aside,
    ) -> None:
        self._count = count
        self._clock = clock
        self._aside = aside
        self._kept: tuple[float, int] | None = None
        self._counting = threading.Lock()

    def tell(self) -> int:
        """The count, some seconds old."""
        if self._kept is None:
            self._kept = (self._clock(), self._count())
        elif self._clock() - self._kept[0] > COUNT_SECONDS and self._counting.acquire(blocking=False):
            self._aside(self._count_anew)
        return self._kept[1]

    def _count_anew(self) -> None:
        try:
            self._kept = (self._clock(), self._count())
        finally:
            self._counting.release()


def make_progress_view(measured: Any, language: str) -> dict[str, Any]:
    """What the template of progress needs; `measured` is a `Progress` of the store."""
    zh = language == "zh"
    return {
        "figures": _list_figures(measured, zh=zh),
        "charts": [
            {"title": "按月" if zh else "By month", "rows": list_groups(measured.months[-MAX_BARS:], zh=zh)}
            | draw_bars(measured.months[-MAX_BARS:]),
            {
                "title": "按来源" if zh else "By kind of source",
                "rows": list_groups(measured.kinds, lambda kind: find_word(SOURCE_KINDS, kind, language), zh=zh),
            }
            | draw_bars(measured.kinds, lambda kind: find_word(SOURCE_KINDS, kind, language)),
        ],
    }


def list_groups(groups: Iterable[Any], name_group: Callable[[str], str] = str, *, zh: bool) -> list[dict[str, str]]:
    """The figures behind the bars, a row a group: what was read, who accepted it, how fast and how well."""
    return [
        {
            "name": name_group(group.group) or "—",
            "documents": f"{group.documents:,}",
            "cells": f"{group.cells:,}",
            "machine": _percent(group.accepted_machine, group.cells) or "—",
            "people": f"{group.accepted_person + group.accepted_audit:,}",
            "seconds": _seconds(group.seconds),
            "audit": show_share(group.audit.share),
            "interval": _say_audit(group.audit)[0 if zh else 1],
        }
        for group in groups
    ]


def list_people(people: Iterable[Any]) -> list[dict[str, Any]]:
    """What the table of people shows; `people` are `PersonFigures` of the store."""
    return [
        {
            "name": one.person,
            "answers": f"{one.answers:,}",
            "changed": _percent(one.changed, one.answers) or "—",
            "unsure": one.unsure,
            "taken_back": one.taken_back,
            "seconds": _seconds(one.seconds),
            "cells_an_hour": "—" if one.cells_an_hour is None else f"{one.cells_an_hour:,.0f}",
            "agreement": show_share(one.agreement.share),
            "pairs": one.agreement.count,
            "interval": (
                ""
                if one.agreement.share is None
                else f"{show_share(one.agreement.low)} – {show_share(one.agreement.high)}"
            ),
        }
        for one in people
    ]


def _list_figures(measured: Any, *, zh: bool) -> list[dict[str, str]]:
    total, queue, audit, agreement = measured.total, measured.queue, measured.total.audit, measured.agreement
    people = total.accepted_person + total.accepted_audit
    entries = (
        (
            "报告",
            "Documents",
            f"{total.documents:,}",
            f"{total.errors} 份未能读出",
            f"{total.errors} could not be read",
        ),
        ("格数", "Cells", f"{total.cells:,}", "", ""),
        (
            "机器采信",
            "Accepted by machine",
            f"{total.accepted_machine:,}",
            _percent(total.accepted_machine, total.cells),
            "",
        ),
        ("人工核定", "Settled by people", f"{people:,}", _percent(people, total.cells), ""),
        (
            "等待复核",
            "Waiting for review",
            f"{queue.open:,}",
            f"{queue.leased} 格正在核对，{queue.disputed} 格有分歧，{queue.unsure} 格存疑",
            f"{queue.leased} on screens, {queue.disputed} disputed, {queue.unsure} unsure",
        ),
        ("每格用时", "Time a cell", _seconds(measured.seconds), "中位数", "median"),
        ("一致率", "Agreement", show_share(agreement.share), *_say_pairs(agreement)),
        ("抽查错误率", "Audited error", show_share(audit.share), *_say_audit(audit)),
    )
    return [
        {"title": entry[0 if zh else 1], "value": entry[2], "note": entry[3] if zh else entry[4] or _plain(entry[3])}
        for entry in entries
    ]


def _plain(text: str) -> str:
    """A note that needs no translation."""
    return text if text.isascii() else ""


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def _seconds(seconds: float | None) -> str:
    return "—" if seconds is None else f"{seconds:.1f} s"


def show_share(share: float | None) -> str:
    """A share in percent, finer where it is small; a dash where nothing was seen.

    >>> show_share(0.0004)
    '0.04 %'
    """
    if share is None:
        return "—"
    return f"{100 * share:.2f} %" if share < 0.01 else f"{100 * share:.1f} %"


def _say_pairs(share: Any) -> tuple[str, str]:
    if share.share is None:
        return "还没有两人核对的格子", "no cell answered by two yet"
    interval = f"{show_share(share.low)} – {show_share(share.high)}"
    return (
        f"{share.count} 格由两人核对，95 % 区间 {interval}",
        f"{share.count} cells answered by two, 95 %: {interval}",
    )


def _say_audit(share: Any) -> tuple[str, str]:
    if share.share is None:
        return "还没有抽查结果", "nothing audited yet"
    interval = f"{show_share(share.low)} – {show_share(share.high)}"
    return (
        f"{share.count} 格中 {share.hits} 错，95 % 区间 {interval}",
        f"{share.hits} of {share.count}, 95 %: {interval}",
    )


def draw_bars(groups: Iterable[Any], name_group: Callable[[str], str] = str) -> dict[str, Any]:
    """Bars of cells by who accepted them, one a group, all to one scale."""
    rows = [(name_group(group.group) or "—", _split(group)) for group in groups]
    most = max((sum(count for _, count in parts) for _, parts in rows), default=0)
    bars = []
    for index, (name, parts) in enumerate(rows):
        x = LEFT
        shown = []
        for kind, count in parts:
            width = WIDTH * count / most if most else 0.0
            if count:
                shown.append({"kind": kind, "x": round(x, 2), "width": round(max(width, 0.8), 2), "count": count})
            x += width
        total = sum(count for _, count in parts)
        bars.append({"name": name, "y": index * ROW, "parts": shown, "end": round(x, 2), "total": f"{total:,}"})
    return {"bars": bars, "height": ROW * len(bars) + 4}


def _split(group: Any) -> list[tuple[str, int]]:
    settled = group.accepted_machine + group.accepted_person + group.accepted_audit
    return [
        ("machine", group.accepted_machine),
        ("person", group.accepted_person),
        ("audit", group.accepted_audit),
        ("open", max(group.cells - settled, 0)),
    ]
