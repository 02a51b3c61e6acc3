"""The order in which a run reads what waits: costly documents first, so that workers end together, light ones last."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from extraction.readers.source import OFFICE_SUFFIXES, PAGE_SUFFIXES, PICTURE_SUFFIXES, TEXT_SUFFIXES
from models.document import DocumentError
from review.store.runs import Input
from service.run_files import find_link, is_url, open_file
from service.run_limits import LIGHT_BYTES

WINDOW = 1000  # inputs looked at ahead; the memory that they take is that of some hundred pages of text
BATCH = 8  # documents of text or markup that go out together; others go out alone
SHARE = 16  # of the light documents left: at the end a batch is no more than this part of them
HEAVY = 2.0  # seconds from which on a document is heavy
LIGHT_SECONDS, WORD_SECONDS, CONVERTED_SECONDS, PAGE_SECONDS = 0.04, 0.06, 3.0, 5.0  # of one core, roughly
PRINTED_SECONDS = 1.0  # a megabyte of a PDF with a text layer
PAGE_BYTES = 1_000_000  # of a scanned page: from 10 kB to 4 MB
HEAD = 16_384  # bytes of a PDF that tell whether it begins with a picture
_PICTURE = re.compile(rb"/(?:DCTDecode|CCITTFaxDecode|JBIG2Decode|JPXDecode)\b|/Subtype\s*/Image\b")


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs that go out together; a `heavy` one is a single document that takes a worker for seconds."""

    inputs: Sequence[Input]
    heavy: bool = False


def make_batches(inputs: Iterable[Input], *, window: int = WINDOW) -> Iterator[Batch]:
    """Inputs as they are handed out: the costliest of the next `window` first, light ones a few together.

    Only a window of them is held. Light ones wait in it for the end, where a run of several workers needs them.
    """
    batch: list[Input] = []
    size = 0
    for entry, seconds, left in _put_costly_first(inputs, window):
        if not _is_light(entry):
            yield Batch([entry], heavy=seconds >= HEAVY)
            continue
        if batch and (len(batch) >= min(BATCH, 1 + left // SHARE) or size + (entry.size or 0) > LIGHT_BYTES):
            yield Batch(batch)
            batch, size = [], 0
        batch.append(entry)
        size += entry.size or 0
    if batch:
        yield Batch(batch)


def make_batch(entry: Input) -> Batch:
    """One input alone."""
    return Batch([entry], heavy=estimate_seconds(entry) >= HEAVY)


def estimate_seconds(entry: Input) -> float:
    """What a document will take a worker, by its suffix and size, of a PDF on disk by its first bytes too.

    An estimate: it decides on the order of reading, and on nothing that is in a record.
    """
    suffix = _find_suffix(entry.place)
    size = entry.size or 0
    if entry.problem is not None or suffix not in (*OFFICE_SUFFIXES, *PICTURE_SUFFIXES):
        return LIGHT_SECONDS
    if suffix in PICTURE_SUFFIXES or (suffix == ".pdf" and _begins_with_picture(entry)):
        return PAGE_SECONDS * (1 + size / PAGE_BYTES)
    if suffix == ".pdf":
        return WORD_SECONDS + PRINTED_SECONDS * size / 1_000_000
    return WORD_SECONDS if suffix == ".docx" else CONVERTED_SECONDS


def _put_costly_first(inputs: Iterable[Input], window: int) -> Iterator[tuple[Input, float, int]]:
    """Inputs with their seconds, and how many more are held."""
    held: list[tuple[float, int, Input]] = []
    coming = enumerate(inputs)
    while True:
        for number, entry in islice(coming, window - len(held)):
            heapq.heappush(held, (-estimate_seconds(entry), number, entry))
        if not held:
            return
        cost, _, entry = heapq.heappop(held)
        yield entry, -cost, len(held)


def _is_light(entry: Input) -> bool:
    """By its name, since nothing is fetched for the order; what a document may take is told by its bytes then."""
    return entry.problem is not None or (
        _find_suffix(entry.place) in (*TEXT_SUFFIXES, *PAGE_SUFFIXES) and (entry.size or LIGHT_BYTES) < LIGHT_BYTES
    )


def _find_suffix(place: str) -> str:
    return Path(find_link(place)).suffix.lower()


def _begins_with_picture(entry: Input) -> bool:
    """Whether a PDF looks like a scan; of one behind a URL or in an archive nothing is fetched for this."""
    url = entry.reference.get("url", "")
    if set(entry.reference) != {"url"} or is_url(url):
        return False
    try:
        with open_file(url) as file:
            return _PICTURE.search(file.read(HEAD)) is not None
    except (DocumentError, OSError):
        return False
