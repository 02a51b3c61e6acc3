"""The figures that sentences speak of, by the contract's names of facts, and the cells that print them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from decimal import Decimal

from models.form import load_forms
from models.numbers import plain_number
from training.synthesis.figures import Numbers, draw_figures


def _alike(item: str, cell: str, keys: str) -> dict[str, str]:
    """Facts whose names end as their cells do."""
    return {f"{item}.{key}": f"{cell}.{key}" for key in keys.split()}


# What the sentences may say, by form family: fact -> the cell's id.
CELLS: Mapping[str, Mapping[str, str]] = {
    "requests": {
        "requests.received": "requests.new.total",
        "requests.nonexistent": "requests.unavailable.not_held.total",
        **{
            f"requests.{key}": f"requests.{key}.total"
            for key in ("carried_in", "concluded", "carried_out", "granted", "partly_granted")
        },
    },
    "disputes": {
        "reconsideration.received": "disputes.reconsideration.total",
        **_alike("reconsideration", "disputes.reconsideration", "upheld corrected other pending"),
    },
    "proactive": {
        "proactive.rules": "proactive.rules.issued",
        "proactive.policy_documents": "proactive.normative_documents.issued",
    },
    "statistics": {
        "proactive.published": "statistics.proactive.total",
        "proactive.policy_documents": "statistics.proactive.normative_documents",
        "proactive.interpretations": "statistics.responses.policy_interpretations",
        "proactive.press_conferences": "statistics.responses.press_conferences",
        "reconsideration.received": "statistics.reconsideration.total",
        "litigation.received": "statistics.litigation.total",
        "appeals.received": "statistics.complaints.total",
        **_alike("proactive", "statistics.channels", "website wechat microblog"),
        **_alike("requests", "statistics.requests", "received received_in_person received_fax received_online"),
        **_alike("requests", "statistics.requests", "received_letter concluded concluded_on_time answered"),
        **_alike("requests", "statistics.requests.answers", "granted partly_granted refused nonexistent"),
        **_alike("reconsideration", "statistics.reconsideration", "upheld corrected other"),
        **_alike("litigation", "statistics.litigation", "upheld corrected other"),
        **_alike("resources", "statistics.resources", "offices reading_points staff staff_full_time staff_part_time"),
        **_alike("resources", "statistics.resources", "budget"),
        **_alike("training", "statistics.training", "meetings courses participants"),
    },
}


def cells_of_items(families: Iterable[str]) -> dict[str, str]:
    """The cell that prints each fact, for the families that are in the document."""
    return {item: cell for family in families for item, cell in CELLS[family].items()}


def speak_figures(rng: random.Random, year: int, weight: float, numbers: Mapping[str, Numbers]) -> dict[str, Decimal]:
    """Figures for the sentences: the forms' own; before 2019 also those that would stand in 统计表."""
    figures: dict[str, Decimal] = {}
    numbers = dict(numbers)
    if year < 2019 and "statistics" not in numbers:
        numbers["statistics"] = draw_figures(rng, load_forms()["statistics@2014"], weight=weight)
    for family, own in numbers.items():
        figures |= {item: own[cell] for item, cell in CELLS[family].items() if cell in own}
    if "requests" in numbers:
        own = numbers["requests"]
        figures["requests.refused"] = _sum(own, "requests.refused.", ".total")
    if "disputes" in numbers:
        own = numbers["disputes"]
        for name in ("received", "upheld", "corrected", "other", "pending"):
            key = "total" if name == "received" else name
            figures[f"litigation.{name}"] = _sum(own, "disputes.litigation", f".{key}")
    fees = Decimal(rng.choice((0,) * 12 + (rng.randint(10, 900), rng.randint(900, 90000))))
    if "statistics" in numbers:  # in 万元 there, in 元 in the sentences
        fees = (numbers["statistics"]["statistics.fees.amount"] * 10000).quantize(Decimal("0.01"))
    figures["fees.amount"] = Decimal(plain_number(fees) or 0) if fees == int(fees) else fees
    return figures


def _sum(numbers: Numbers, start: str, end: str) -> Decimal:
    return sum((n for cell, n in numbers.items() if cell.startswith(start) and cell.endswith(end)), Decimal(0))
