"""Numbers for a form of one's own, drawn so that its identities hold: `draw_own_figures(rng, form, …)`."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

from models.form import Form, Identity
from models.identity import Status, check_identities
from training.synthesis.figures import Numbers, draw_amount, draw_count

ATTEMPTS = 20  # draws before it is said that no numbers were found
QUIET = 0.25  # forms with little in them
Size = Callable[[str], tuple[float, float]]  # (top, zero) of a field


def draw_own_figures(rng: random.Random, form: Form, *, weight: float, size: Size) -> Numbers:
    """A number for every field; raises `ValueError` where none are found under which the identities hold.

    What is the whole of no identity is drawn; wholes are the sums of their parts. A part that may not be more than
    another (`<=`) is cut down to it.
    """
    weight = weight * (0.5 if rng.random() < QUIET else 1.0)
    for _ in range(ATTEMPTS):
        numbers = {field.field_id: _draw(rng, field.field_id, field.kind, weight, size) for field in form.fields}
        for _ in range(1 + len(form.identities)):
            for identity in form.identities:
                _settle(rng, identity, numbers)
            held = all(check.status is Status.HOLDS for check in check_identities(numbers, form.identities))
            if held and min(numbers.values()) >= 0:
                return numbers
    raise ValueError(f"{form.form_id}: no numbers were found under which all of its identities hold")


def _draw(rng: random.Random, field_id: str, kind: str, weight: float, size: Size) -> Decimal:
    top, zero = size(field_id)
    if kind == "decimal":
        return draw_amount(rng, weight, top=top, zero=zero)
    return Decimal(draw_count(rng, weight, top=top, zero=zero))


def _settle(rng: random.Random, identity: Identity, numbers: Numbers) -> None:
    """Change numbers so that one identity holds: the last of its right side, or for `<=` those of its left."""
    left = sum((numbers[cell] for cell in identity.left), Decimal(0))
    right = sum((numbers[cell] for cell in identity.right), Decimal(0))
    if identity.relation == "=":
        numbers[identity.right[-1]] += left - right
    elif left > right:
        room = right
        for cell in identity.left:
            whole = numbers[cell] == int(numbers[cell])
            numbers[cell] = Decimal(rng.randint(0, int(room))) if whole else min(numbers[cell], room)
            room -= numbers[cell]
