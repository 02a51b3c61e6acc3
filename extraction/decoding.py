"""The table under its identities: posteriors of every cell, what is at odds, and what may be the matter.

An agency means a table of numbers under which its identities hold; it misprints a cell now and then; a picture of the
print is read with doubt. The posterior of what is printed sums over the tables that the agency may have meant (list
decoding): all that lie within reach of the most probable one. Only what the picture supports is ever chosen; what the
sums imply besides is a proposal. Cells that no identity ties keep the probabilities of their pictures.

The parts: `decoding_slips` and `decoding_channel` (what a cell says), `decoding_ties` (what the sums say),
`decoding_search` (the list), `decoding_program` (where the list is too long), `decoding_findings` (what comes of it).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from extraction.decoding_channel import CellChannel, find_scale, list_numbers, make_channels
from extraction.decoding_findings import SURE_SOURCE, ListedTables, find_findings, find_implied, find_repairs
from extraction.decoding_search import Found, Search
from extraction.decoding_ties import Code, make_code, tie_identities, tie_witnesses
from models.decoding import CellCandidates, Decoded, DecodedCell, Method, Priors, Tie, Witness
from models.form import Identity
from models.report import Finding

REACH = 9.0  # nats beyond the best table: each that is left out is less than 1 in 8,000 as probable
ENOUGH = 4.0  # nats: a list that reaches less far is not used
MAX_NODES = 1_500
PREFERRED = 0.8  # posterior from which on another candidate than the picture's first is chosen
PROGRAM_SECONDS = 0.4
LONGEST_ALONE = 8  # cells of such a sum: a row; the tables of longer ones may again be too many
SURE_ALONE = 0.5  # of a sum that is looked at without the others: as `SURE_SOURCE`, but less is known


def decode(
    readings: Sequence[CellCandidates],
    identities: Iterable[Identity],
    *,
    priors: Priors,
    facts: Iterable[Witness] = (),
    neighbours: Iterable[Tie] = (),
) -> Decoded:
    """Decode one table: the readings of all its fields in, the same fields with posteriors out, in their order.

    `facts` are numbers that sentences or a copy of the report say of its fields; `neighbours` are ties with the year
    before (`decoding_ties.tie_last_year`). Both change posteriors and findings; neither overwrites a print.
    It takes 20 ms for most tables and less than 1 s for any; a table that cannot be decoded in that time keeps the
    probabilities of its pictures, and says so.
    """
    identities = tuple(identities)
    every = (*tie_identities(identities), *neighbours, *tie_witnesses(facts))
    decoded = _decode_ties(readings, every, priors, sure=SURE_SOURCE)
    if decoded.method is not Method.UNCHANGED:
        return decoded
    return replace(decoded, findings=_find_alone(readings, identities, priors))


def _decode_ties(readings: Sequence[CellCandidates], every: Sequence[Tie], priors: Priors, *, sure: float) -> Decoded:
    """Decode cells under some ties; `sure` is how probable a fault of the print must be for a `source` finding."""
    scale = find_scale([*list_numbers(readings), *(tie.constant for tie in every)])
    channels = make_channels(readings, priors=priors, scale=scale)
    tops = [channel.top for channel in channels]
    fields = [reading.field.field_id for reading in readings]
    known = [field for field, top in zip(fields, tops, strict=True) if top is not None]
    checked = tuple(tie for tie in every if {f for f, _ in tie.terms} <= set(known))
    code = make_code(checked, fields, empty=[_is_empty(channel) for channel in channels], priors=priors, scale=scale)
    start = [0 if top is None else top for top in tops]
    found, start, method = _find_tables(code, channels, start)
    if found.reach < ENOUGH:
        return _keep(readings, channels, "too much is in doubt: the probable tables are too many to be listed")
    posterior = weigh_solutions(found, start, channels)
    cells = tuple(
        _decode_cell(reading, channel, amounts, tied=_is_tied(code, i), priors=priors)
        for i, (reading, channel, amounts) in enumerate(zip(readings, channels, posterior, strict=True))
    )
    tables = ListedTables(code, channels, start, found, cells)
    repairs = find_repairs(tables, readings, priors) + find_implied(every, cells, readings)
    return Decoded(cells, find_findings(tables, readings, sure=sure), repairs, method)


def _find_tables(code: Code, channels: Sequence[CellChannel], start: list[int]) -> tuple[Found, list[int], Method]:
    """The list of tables, the table it counts changes from, and how it was made."""
    found = Search(code, channels, start, reach=REACH, max_nodes=MAX_NODES).run()
    if found.reach >= ENOUGH:
        first = found.solutions[0]
        clear = len(found.solutions) == 1 and not first.changes and not first.given_up
        return found, start, Method.CLEAR if clear else Method.SEARCH
    from extraction.decoding_program import solve_program

    best = solve_program(code, channels, start, seconds=PROGRAM_SECONDS)
    if best is None:
        return found, start, Method.UNCHANGED
    around = Search(code, channels, best, reach=REACH, max_nodes=MAX_NODES).run()
    return around, best, Method.PROGRAM


def weigh_solutions(found: Found, start: Sequence[int], channels: Sequence[CellChannel]) -> list[Mapping[int, float]]:
    """P(the agency meant this number) for every cell: the share of the listed tables that have it, by their weight.

    A cell without any known number has none.
    """
    best = found.solutions[0].cost
    weights = [math.exp(best - solution.cost) for solution in found.solutions]
    total = sum(weights)
    amounts: list[dict[int, float]] = [{} for _ in channels]
    changed = [0.0] * len(channels)
    for solution, weight in zip(found.solutions, weights, strict=True):
        for cell, amount in solution.changes.items():
            amounts[cell][amount] = amounts[cell].get(amount, 0.0) + weight / total
            changed[cell] += weight / total
    for i, channel in enumerate(channels):
        if channel.top is not None:
            amounts[i][start[i]] = amounts[i].get(start[i], 0.0) + max(1.0 - changed[i], 0.0)
    return [dict(entry) for entry in amounts]


def _decode_cell(
    reading: CellCandidates, channel: CellChannel, amounts: Mapping[int, float], *, tied: bool, priors: Priors
) -> DecodedCell:
    """Spread the posterior of the number meant over what may be printed; choose among what the picture supports."""
    posterior = [0.0] * len(reading.candidates)
    rest = 0.0
    if not tied or not amounts:
        posterior, rest = list(channel.weights), channel.beyond
    else:
        for amount, probability in amounts.items():
            parts = channel.split(amount)
            total = sum(parts)
            for place, part in enumerate(parts[:-1]):
                posterior[place] += probability * part / total if total else 0.0
            rest += probability * parts[-1] / total if total else probability
    supported = [i for i, c in enumerate(reading.candidates) if c.probability >= priors.support]
    best = max(supported, key=lambda i: (posterior[i], -i), default=-1)
    chosen = best if best >= 0 and posterior[best] >= PREFERRED else min(0, len(reading.candidates) - 1)
    return DecodedCell(reading.field.field_id, reading.candidates, chosen, tuple(posterior), rest, tied)


def _find_alone(
    readings: Sequence[CellCandidates], identities: Sequence[Identity], priors: Priors
) -> tuple[Finding, ...]:
    """What each short sum says by itself, where the table as a whole has too many readings."""
    findings: list[Finding] = []
    for identity in identities:
        if len(identity.fields) > LONGEST_ALONE:
            continue
        own = [reading for reading in readings if reading.field.field_id in identity.fields]
        findings += _decode_ties(own, tie_identities((identity,)), priors, sure=SURE_ALONE).findings
    return tuple(findings)


def _is_tied(code: Code, cell: int) -> bool:
    """Whether a sum, or what is said elsewhere, tells anything of a cell; that it is at most another tells little."""
    return any(not code.at_most[k] for k, _ in code.ties_of[cell])


def _is_empty(channel: CellChannel) -> bool:
    """Whether the most probable print of a cell is none."""
    place = max(range(len(channel.weights)), key=lambda i: channel.weights[i], default=-1)
    return place >= 0 and channel.empty[place]


def _keep(readings: Sequence[CellCandidates], channels: Sequence[CellChannel], reason: str) -> Decoded:
    """The probabilities of the pictures alone."""
    cells = tuple(
        DecodedCell(
            reading.field.field_id, reading.candidates, 0 if reading.candidates else -1, channel.weights,
            channel.beyond, tied=False,
        )
        for reading, channel in zip(readings, channels, strict=True)
    )  # fmt: skip
    return Decoded(cells, (), (), Method.UNCHANGED, reason)
