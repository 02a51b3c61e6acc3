"""From a document's narrative to its facts, with text and evidence: `find_facts(document, sections, finder, …)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from extraction.facts.finder import FactFinder, Spoken
from extraction.facts.passages import find_end, find_passages, find_start
from extraction.line_views import STRIPPED
from models.document import Document, TextLine
from models.fact_items import load_fact_items
from models.report import Fact, Section

_CLAUSE_END = re.compile(r"[,。;:!?()\n]")
_COUNTERS = "件条次篇个人项名份场期部宗起元"
# Where the part of a list begins that says the number after it (`收到5件、` before `办结3件`).
_LIST_JOINT = re.compile(rf"(?<=[{_COUNTERS}])、(?!.*[{_COUNTERS}]、)")
SHORTEST_TITLE = 3


def find_facts(
    document: Document,
    sections: Sequence[Section],
    finder: FactFinder,
    *,
    year: int | None,
    table_blocks: frozenset[int] = frozenset(),
) -> tuple[Fact, ...]:
    """The counted facts of a document in reading order, not yet tied to cells.

    `table_blocks` are the places in `document.blocks` that hold rows of forms; `year` is that of the report.
    """
    passages = find_passages(place_lines(document, sections, table_blocks))
    return tuple(make_fact(spoken) for spoken in finder.find_spoken(passages, year=year))


def place_lines(
    document: Document, sections: Sequence[Section], table_blocks: frozenset[int]
) -> Iterator[tuple[TextLine, str]]:
    """The lines of no table, each with the section it stands in; "" before the first."""
    current, following = "", list(sections)
    for place, block in enumerate(document.blocks):
        if not isinstance(block, TextLine) or place in table_blocks:
            continue
        text = block.text.strip(STRIPPED)
        if following and len(text) >= SHORTEST_TITLE and _opens(text, following[0].title):
            section = following.pop(0)
            current = section.section_id
            whole = text == section.title.strip(STRIPPED)
            yield replace(block, heading=block.heading or whole), current  # the next line does not go on from it
        else:
            yield block, current


def _opens(text: str, title: str) -> bool:
    title = title.strip(STRIPPED)
    return text.startswith(title) if len(text) >= len(title) else title.startswith(text)


def make_fact(spoken: Spoken) -> Fact:
    """A fact as the record has it: the clause that says it, and where its number is printed."""
    passage, candidate = spoken.passage, spoken.candidate
    known = load_fact_items().get(spoken.item or "")
    return Fact(
        item=spoken.item,
        value=candidate.value,
        unit=candidate.unit or (known.unit if known else ""),
        text=find_clause(spoken),
        field_id=None,
        confidence=spoken.confidence,
        evidence=passage.find_evidence(candidate.start, candidate.end),
        rounded=candidate.rounded,
    )


def find_clause(spoken: Spoken) -> str:
    """The print of the clause that says a fact, without what other numbers of a list say before it."""
    folded, candidate = spoken.passage.folded, spoken.candidate
    start = min(candidate.start, candidate.anchor)
    begin = find_start(_CLAUSE_END, folded, start)
    listed = _LIST_JOINT.search(folded[begin:start])
    if listed and re.search(r"\d", folded[begin : begin + listed.start()]):
        begin += listed.end()
    stop = find_end(_CLAUSE_END, folded, max(candidate.end, candidate.anchor))
    comma = folded.find("、", candidate.end, stop)
    if candidate.kind == "number" and comma == candidate.end:
        stop = comma
    return spoken.passage.cut(begin, stop).strip(STRIPPED)
