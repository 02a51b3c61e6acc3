"""Every reader on mutated and on invented inputs: a document or a `DocumentError`, never anything else.

Small and the same in every run; `python -m benchmarks.fuzzing` does it by coverage and at length (docs/hardening.md).
"""

from __future__ import annotations

import functools
import random
import warnings
from collections.abc import Iterator

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks.fuzzing.mutating import WORDS, mutate, pack_members, read_members
from benchmarks.fuzzing.seeds import SEEDS
from benchmarks.fuzzing.targets import BrokenPromiseError, check_document, make_target, read_alone
from extraction.readers.kinds import find_kind
from extraction.readers.ole import list_streams
from extraction.readers.picture_pages import open_pdf_pictures
from extraction.recognition import ocr_engine
from models.document import Cell, Document, Evidence, Problem, Source, Table

KINDS = tuple(SEEDS)
QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Libraries warn of the damage that is made here; the engine that stands in for the networks goes away again."""
    for name in ("_load_detection", "_load_session"):
        monkeypatch.setattr(ocr_engine, name, getattr(ocr_engine, name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    ocr_engine.load_engine.cache_clear()


@functools.cache
def load_seeds(kind: str) -> tuple[bytes, ...]:
    return tuple(SEEDS[kind]())


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_documents_give_a_document_or_an_error(kind: str) -> None:
    seeds = load_seeds(kind)
    target = make_target(kind, whole=0)

    @QUICK
    @given(st.integers(0, len(seeds) - 1), st.integers(0, 2**32))
    def read(place: int, number: int) -> None:
        target(mutate(kind, seeds[place], random.Random(number))[:48_000])

    read()


@pytest.mark.parametrize("kind", ["text", "html"])
def test_what_is_put_together_of_odd_pieces_is_read(kind: str) -> None:
    pieces = st.one_of(
        st.sampled_from(WORDS[kind]), st.text(max_size=8).map(lambda text: text.encode("utf-8", "replace"))
    )

    @QUICK
    @given(st.lists(pieces, max_size=30))
    def read(parts: list[bytes]) -> None:
        read_alone(kind, b"\n".join(parts))

    read()


def test_odd_markup_in_a_word_document_is_read() -> None:
    members = read_members(load_seeds("docx")[0])
    body = members["word/document.xml"]
    head, opening, rest = body.partition(b"<w:body>")
    closing = rest[rest.rindex(b"</w:body>") :]

    @QUICK
    @given(st.lists(st.sampled_from(WORDS["docx"]), max_size=30))
    def read(parts: list[bytes]) -> None:
        markup = head + opening + b"".join(parts) + closing
        read_alone("docx", pack_members({**members, "word/document.xml": markup}))

    read()


@pytest.mark.parametrize("kind", ["text", "html", "docx"])
def test_records_of_mutated_documents_keep_the_contract(kind: str) -> None:
    seeds = load_seeds(kind)
    target = make_target(kind, whole=1)
    for number in range(8):
        rng = random.Random(f"{kind}/{number}")
        target(mutate(kind, rng.choice(seeds), rng))


def test_bytes_that_are_nothing_are_read_as_some_kind() -> None:
    @QUICK
    @given(st.binary(max_size=600))
    def name(content: bytes) -> None:
        assert find_kind(content)

    name()


@pytest.mark.parametrize("shift", [0, 1, 4, 6])
def test_a_compound_file_of_sectors_too_small_for_an_entry_has_no_streams(shift: int) -> None:
    """With sectors of 1 or 2 bytes it divided by zero; of up to 64 its chain led in a circle without an end."""
    content = bytearray(load_seeds("compound")[0])
    content[30:32] = shift.to_bytes(2, "little")
    assert list_streams(bytes(content)) == {}


def test_a_chain_of_sectors_in_a_circle_ends() -> None:
    content = bytearray(load_seeds("compound")[0])
    content[512 + 4 : 512 + 8] = (1).to_bytes(4, "little")  # the sector of the directory is followed by itself
    assert "worddocument" in list_streams(bytes(content))


def test_a_page_as_wide_as_a_street_is_a_problem_and_takes_no_time() -> None:
    """Drawn as a strip of 59 by 16,000 pixels its cleaning took more than half a minute."""
    content = load_seeds("pdf")[0].replace(b"[0 0 320 240]", b"[0 0 65536 240]")
    pages = list(open_pdf_pictures(Source("x", content, "")))
    assert [page.code for page in pages if isinstance(page, Problem)] == ["too_large"]


def test_a_mutation_is_the_same_for_the_same_number() -> None:
    for kind in KINDS:
        first, second = (mutate(kind, load_seeds(kind)[0], random.Random(7)) for _ in range(2))
        assert first == second != load_seeds(kind)[0]


@pytest.mark.parametrize("kind", ["text", "html", "docx", "pdf"])
def test_the_seeds_are_documents_of_their_kind(kind: str) -> None:
    for content in load_seeds(kind):
        assert find_kind(content) == kind
        read_alone(kind, content)


def test_a_cell_outside_its_table_is_found() -> None:
    cell = Cell("1", row=0, column=2, row_end=1, column_end=2, evidence=Evidence())
    document = Document("x", "", "text/html", (Table((cell,), "html"),))
    with pytest.raises(BrokenPromiseError):
        check_document(document)
