"""The numbers of a statutory form: drawn so that its identities hold, then some of them spoilt."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from models.form import Field, Form
from models.identity import Status, check_identities
from models.numbers import plain_number

Numbers = dict[str, Decimal]

HUGE = 0.015  # agencies whose figures are far above those of their kind
QUIET = 0.30  # forms with nothing in them, whatever the agency
SPOIL_ATTEMPTS = 30
LARGEST = 9_999_999


def draw_figures(
    rng: random.Random, form: Form, *, weight: float, last: Mapping[str, Decimal] | None = None
) -> Numbers:
    """A number for every field of the form; every identity of the form holds, also those with `last` year's numbers."""
    if rng.random() < HUGE:
        weight += rng.uniform(0.3, 0.8)
    quiet = rng.random() < QUIET * max(0.15, 1.3 - weight)
    numbers = DRAW[form.family](rng, form, 0.0 if quiet else weight, last or {})
    return {field.field_id: Decimal(numbers.get(field.field_id, 0)) for field in form.fields}


def draw_count(rng: random.Random, weight: float, *, top: float = 4.0, zero: float = 0.1) -> int:
    """A count with a heavy tail, around 10 ** (top * weight - 0.5); zero when there is no weight."""
    if weight <= 0 or rng.random() < zero:
        return 0
    count = int(10 ** (top * weight - 0.5) * math.exp(rng.gauss(0, 1.2)) + rng.random())
    return count if count < LARGEST else rng.randint(LARGEST // 10, LARGEST)


def draw_amount(rng: random.Random, weight: float, *, top: float = 4.5, zero: float = 0.5) -> Decimal:
    """An amount in 万元, with up to six decimals."""
    if weight <= 0 or rng.random() < zero:
        return Decimal(0)
    amount = 10 ** (top * weight) * math.exp(rng.gauss(0, 1.6)) * 0.3
    places = rng.choices((0, 1, 2, 3, 4, 6), (15, 20, 40, 5, 15, 5))[0]
    return Decimal(f"{amount if amount < LARGEST else rng.uniform(LARGEST / 10, LARGEST):.{places}f}")


def deal(rng: random.Random, count: int, weights: Sequence[float]) -> list[int]:
    """Deal `count` over the weights: by chance where it is small, in proportion where it is large."""
    dealt = [0] * len(weights)
    if count > 300:
        total = sum(weights)
        dealt = [int(count * weight / total) for weight in weights]
        count -= sum(dealt)
    for index in rng.choices(range(len(weights)), weights, k=count) if count else ():
        dealt[index] += 1
    return dealt


def _weights(rng: random.Random, count: int, shape: float = 0.35) -> list[float]:
    return [rng.gammavariate(shape, 1) + 1e-9 for _ in range(count)]


def _draw_requests(rng: random.Random, form: Form, weight: float, last: Mapping[str, Decimal]) -> Mapping[str, Any]:
    rows = [row[0].field_id.split(".", 1)[1].rsplit(".", 1)[0] for row in form.blocks[0].fields]
    columns = [field.field_id.rsplit(".", 1)[1] for field in form.blocks[0].fields[0] if field.column < 6]
    outcomes = [row for row in rows if row not in ("new", "carried_in", "concluded", "carried_out")]
    who = [rng.choice((0.5, 0.9, 0.97)), *(0.1 * w for w in _weights(rng, len(columns) - 1))]
    new = deal(rng, draw_count(rng, weight), who)
    carried = deal(rng, draw_count(rng, weight * 0.7, zero=0.5), who)
    if last:
        carried = [int(last[f"requests.carried_out.{column}"]) for column in columns]
    open_share = rng.choice((0.0, 0.0, rng.betavariate(1, 9), rng.betavariate(1, 9)))
    ways = _weights(rng, len(outcomes), 0.25)
    ways[0] += rng.random()
    numbers: dict[str, int] = {}
    for column, fresh, old in zip(columns, new, carried, strict=True):
        left_over = deal(rng, fresh + old, (open_share + 1e-9, 1 - open_share + 1e-9))[0]
        numbers |= {f"requests.new.{column}": fresh, f"requests.carried_in.{column}": old}
        numbers |= {
            f"requests.carried_out.{column}": left_over,
            f"requests.concluded.{column}": fresh + old - left_over,
        }
        for outcome, count in zip(outcomes, deal(rng, fresh + old - left_over, ways), strict=True):
            numbers[f"requests.{outcome}.{column}"] = count
    for row in rows:
        numbers[f"requests.{row}.total"] = sum(numbers[f"requests.{row}.{column}"] for column in columns)
    return numbers


def _draw_disputes(rng: random.Random, form: Form, weight: float, last: Mapping[str, Decimal]) -> Mapping[str, Any]:
    numbers: dict[str, int] = {}
    for identity in form.identities:
        count = draw_count(rng, weight * 0.75, top=3.2, zero=0.35)
        parts = deal(rng, count, _weights(rng, len(identity.left), 0.6))
        numbers |= dict(zip(identity.left, parts, strict=True)) | {identity.right[0]: count}
    return numbers


def _draw_proactive(rng: random.Random, form: Form, weight: float, last: Mapping[str, Decimal]) -> Mapping[str, Any]:
    busy = {"licensing": 6.5, "other_services": 5.5, "penalties": 6.5, "coercion": 5.0}
    numbers: dict[str, int | Decimal] = {}
    for block in form.blocks:
        for row in block.fields:
            key = row[0].field_id.split(".")[1]
            documents = 0 if key == "rules" and (weight < 0.8 or rng.random() < 0.4) else draw_count(rng, weight, top=2)
            for field in row:
                numbers[field.field_id] = _draw_proactive_cell(rng, field, weight, documents, busy.get(key, 2.0))
    if last:
        for identity in form.across_years:
            in_force, repealed = identity.left
            kept = int(last[in_force]) + int(numbers[identity.right[0]])
            numbers[repealed] = min(int(numbers[repealed]), kept)
            numbers[in_force] = kept - numbers[repealed]
    return numbers


def _draw_proactive_cell(rng: random.Random, field: Field, weight: float, documents: int, busy: float) -> int | Decimal:
    number: int | Decimal
    match field.field_id.rsplit(".", 1)[1]:
        case "made" | "issued":
            number = documents
        case "disclosed":
            number = documents if rng.random() < 0.8 else rng.randint(0, documents + 3)
        case "repealed":
            number = draw_count(rng, weight * bool(documents), top=1.2, zero=0.5)
        case "in_force" | "disclosed_total":
            number = documents * rng.randint(1, 20) + (draw_count(rng, weight, top=2) if documents else 0)
        case "items_last_year":
            number = draw_count(rng, weight, top=min(busy, 3.5), zero=0.4)
        case "items_change":
            number = draw_count(rng, weight, top=1.8, zero=0.5) * rng.choice((1, 1, -1))
        case "items":
            number = draw_count(rng, weight, top=2.5, zero=0.4)
        case "amount":
            number = draw_amount(rng, weight)
        case _:
            number = draw_count(rng, weight, top=busy, zero=0.3)
    return number


def _draw_statistics(rng: random.Random, form: Form, weight: float, last: Mapping[str, Decimal]) -> Mapping[str, Any]:
    numbers: dict[str, int | Decimal] = {}
    for field in form.fields:
        key = field.field_id.split(".", 1)[1]
        if field.kind == "decimal":
            numbers[field.field_id] = draw_amount(rng, weight, top=2.2, zero=0.85 if key == "fees.amount" else 0.4)
        else:
            top, zero = _STATISTICS_SIZE.get(key, _STATISTICS_SIZE.get(key.split(".", 1)[0], (1.5, 0.6)))
            numbers[field.field_id] = draw_count(rng, weight, top=top, zero=zero)
    for identity in reversed(form.identities):  # the refusals after the answers would undo the answers' sum
        if identity.relation == "<=":
            small, large = identity.left[0], identity.right[0]
            numbers[small] = rng.randint(0, int(numbers[large])) if numbers[small] > numbers[large] else numbers[small]
            continue
        count = int(numbers[identity.right[0]])
        parts = deal(rng, count, _weights(rng, len(identity.left), 0.4))
        numbers |= dict(zip(identity.left, parts, strict=True))
    return _tie_answers(rng, form, numbers)


def _tie_answers(rng: random.Random, form: Form, numbers: dict[str, int | Decimal]) -> Mapping[str, Any]:
    """Answered about as many as received, some trained in each course; parts of a part are dealt last."""
    received = int(numbers["statistics.requests.received"])
    for name, share in (("concluded", 0.97), ("answered", 0.96)):
        numbers[f"statistics.requests.{name}"] = (
            received if rng.random() < 0.7 else int(received * rng.uniform(share, 1))
        )
    if numbers["statistics.training.courses"] and not numbers["statistics.training.participants"]:
        numbers["statistics.training.participants"] = rng.randint(2, 120)
    order = ("concluded", "answered", "answers.refused")
    for identity in sorted(form.identities, key=lambda identity: identity.identity_id.count(".")):
        if identity.identity_id.removeprefix("statistics.requests.") in order:
            parts = deal(rng, int(numbers[identity.right[0]]), _weights(rng, len(identity.left), 0.4))
            numbers |= dict(zip(identity.left, parts, strict=True))
    return numbers


_STATISTICS_SIZE = {
    "proactive.total": (5.2, 0.05), "proactive.normative_documents": (2.2, 0.3), "proactive": (2.2, 0.3),
    "channels.website": (5.0, 0.1), "channels.gazette": (2.5, 0.6), "channels": (4.2, 0.4),
    "responses.policy_interpretations": (2.6, 0.3), "responses": (2.0, 0.5), "requests.received": (3.8, 0.25),
    "reconsideration.total": (2.4, 0.5), "litigation.total": (2.2, 0.55), "complaints": (1.6, 0.8),
    "resources.staff": (2.6, 0.05), "resources": (1.8, 0.1), "training.participants": (3.2, 0.2),
    "training": (1.6, 0.2),
}  # fmt: skip

DRAW: Mapping[str, Callable[[random.Random, Form, float, Mapping[str, Decimal]], Mapping[str, Any]]] = {
    "requests": _draw_requests,
    "disputes": _draw_disputes,
    "proactive": _draw_proactive,
    "statistics": _draw_statistics,
}


def plant_errors(rng: random.Random, form: Form, numbers: Mapping[str, Decimal], count: int) -> Numbers:
    """The fields to misprint and their misprints; each breaks an identity that held. Empty where none can be."""
    if not form.identities:
        return {}
    for _ in range(SPOIL_ATTEMPTS):
        spoilt: Numbers = {}
        for _ in range(count):
            spoilt |= rng.choices((_spoil_total, _spoil_part, _move_number), (5, 3, 2))[0](rng, form, numbers)
        broken = {f for check in _failing(form, {**numbers, **spoilt}) for f in check.identity.fields}
        if spoilt and broken.issuperset(spoilt) and all(spoilt[cell] != numbers[cell] for cell in spoilt):
            return spoilt
    return {}


def describe_errors(form: Form, printed: Mapping[str, Decimal], correct: Mapping[str, Decimal]) -> list[dict[str, Any]]:
    """The contract's source errors: fields of `correct` that are misprinted, with the identities they break."""
    failing = _failing(form, printed)
    errors = []
    for cell, number in correct.items():
        identities = [
            {
                "identity": check.identity.identity_id,
                "cells": list(check.identity.fields),
                "left": plain_number(check.left),
                "right": plain_number(check.right),
                "kind": "source",
            }
            for check in failing
            if cell in check.identity.fields
        ]
        if cell in printed and printed[cell] != number and identities:
            entry = {"cell": cell, "printed": plain_number(printed[cell]), "correct": plain_number(number)}
            errors.append(entry | {"identities": identities})
    return errors


def _failing(form: Form, numbers: Mapping[str, Decimal]) -> list[Any]:
    return [check for check in check_identities(numbers, form.identities) if check.status is Status.FAILS]


def _spoil_total(rng: random.Random, form: Form, numbers: Mapping[str, Decimal]) -> Numbers:
    totals = [identity.right[0] for identity in form.identities if len(identity.right) == 1]
    cell = _choose_filled(rng, totals, numbers)
    return {cell: _misprint(rng, numbers[cell], zero=0.35)}


def _spoil_part(rng: random.Random, form: Form, numbers: Mapping[str, Decimal]) -> Numbers:
    parts = [field for identity in form.identities for field in identity.left]
    cell = _choose_filled(rng, parts, numbers)
    return {cell: _misprint(rng, numbers[cell], zero=0.3)}


def _move_number(rng: random.Random, form: Form, numbers: Mapping[str, Decimal]) -> Numbers:
    """A number printed one place beside its own."""
    fields = [field.field_id for field in form.fields if field.kind == "integer"]
    cell = _choose_filled(rng, fields, numbers)
    width = len(form.blocks[0].columns)
    place = fields.index(cell) + rng.choice((1, -1, width, -width))
    if not 0 <= place < len(fields) or numbers[fields[place]] == numbers[cell]:
        return {}
    return {cell: numbers[fields[place]], fields[place]: numbers[cell]}


def _choose_filled(rng: random.Random, cells: Iterable[str], numbers: Mapping[str, Decimal]) -> str:
    """Mostly one that is not 0: people slip where there is something to write."""
    cells = list(cells)
    filled = [cell for cell in cells if numbers[cell]]
    return rng.choice(filled if filled and rng.random() < 0.9 else cells)


def _misprint(rng: random.Random, number: Decimal, *, zero: float) -> Decimal:
    """A number somebody might have typed instead."""
    if number and rng.random() < zero:
        return Decimal(0)
    digits = str(abs(int(number)))
    longer = Decimal(digits + rng.choice("0123456789"))
    slips = [number + 1, max(Decimal(0), number - 1), number + rng.randint(1, 12), longer]
    if len(digits) > 1:
        place = rng.randrange(len(digits) - 1)
        slips.append(Decimal(digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]))
        slips.append(Decimal(digits[:place] + digits[place + 1 :]))
        slips.append(Decimal(digits[:place] + rng.choice("0123456789") + digits[place + 1 :]))
    return rng.choice([slip for slip in slips if slip != number])
