"""What was read: a document of lines and printed tables, and what went wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.picture import ScannedPage, SeenCell

from models.quick import quicken


@dataclass(frozen=True, slots=True)
class Source:
    """A document as it came: its path as given, its bytes and their hash; `password` opens an encrypted one.

    `tables_only`: of scans only the pages with tables are wanted, since reading the others takes long.
    """

    path: str
    content: bytes
    sha256: str
    password: str | None = field(default=None, repr=False)
    tables_only: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, where. `code` is short and stable, `message` is for a person."""

    stage: str
    code: str
    message: str
    page: int | None = None


class DocumentError(Exception):
    """A document that cannot be read at all; it becomes an error record, the run goes on."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@quicken
@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a cell stands. Pages, lines, tables, rows and columns count from 1; spans are half-open, from 0.

    `bbox` is (left, top, right, bottom) in PDF points from the top left of the page.
    """

    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    line: int | None = None
    span: tuple[int, int] | None = None
    table: int | None = None
    row: int | None = None
    column: int | None = None


@quicken
@dataclass(frozen=True, slots=True)
class TextLine:
    """A printed line; `number` counts the lines of the source (text) or of the extracted page (markup), from 1.

    `heading` is the level a markup gives it (h1 to h6, `#`), 0 where it gives none. On a page it counts the lines of
    the whole document; `bbox` is its place there as in `Evidence`.
    """

    text: str
    number: int
    heading: int = 0
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None


@quicken
@dataclass(frozen=True, slots=True)
class Cell:
    """A box of a printed grid; spans are half-open and count from 0. `position` is its place in `Document.blocks`.

    `box` is the whole cell in points of the upright page, where it stands on one; `seen` what the reader of cells saw
    in it on a scan. `mended`: its place was told by other rows. `cut`: the page ends in it.
    """

    text: str
    row: int
    column: int
    row_end: int
    column_end: int
    evidence: Evidence
    position: int = -1
    box: tuple[float, float, float, float] | None = None
    seen: SeenCell | None = None
    mended: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A printed grid. `layout` says how its cells were told apart (`html`, `divs`, `docx`, `ruled`, `unruled`,
    `tabs`, `pipes`, `blanks`, `lines`).

    A table out of lines takes several places of `Document.blocks`: its cells say which.
    `blanks_kept` is false where an empty cell leaves no trace, so that a row may be shorter than its print. `quality`,
    0 to 1: how far the page speaks for this grid, an uncalibrated score.
    """

    cells: tuple[Cell, ...]
    layout: str
    blanks_kept: bool = True
    quality: float = 1.0

    @property
    def n_rows(self) -> int:
        return max((cell.row_end for cell in self.cells), default=0)

    @property
    def n_columns(self) -> int:
        return max((cell.column_end for cell in self.cells), default=0)


Block = TextLine | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A document as its reader saw it: lines and ready-made tables in reading order.

    `metadata` holds what the page says of itself in markup or an index card (`title`, `index_number`, ...). `scans`
    are the pages that were read by their pixels, in order.
    """

    path: str
    sha256: str
    media_type: str
    blocks: tuple[Block, ...]
    pages: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    scans: tuple[ScannedPage, ...] = ()

    @property
    def lines(self) -> tuple[TextLine, ...]:
        return tuple(block for block in self.blocks if isinstance(block, TextLine))
