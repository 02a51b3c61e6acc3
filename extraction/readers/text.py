"""Plain text and markdown: every line as it stands, with its number; headings of markdown with their level."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from extraction.readers.encoding import read_characters
from models.document import Document, DocumentError, Problem, Source, TextLine

MAX_LINES = 200_000
MAX_LINE_CHARACTERS = 50_000  # a whole report on one line has about 15,000
MAX_TABLE_ROWS = 20_000  # the statutory tables have 40 rows, directories that agencies attach some thousand

_LINE_ENDS = re.compile(r"\r\n|\r|\n")
# Page breaks and soft line breaks: lines of print, but not of the source.
_SOFT_BREAKS = re.compile("[\f\v\x1c-\x1e\x85\u2028\u2029]")
_HEADING = re.compile(r"[ \t]{0,3}(#{1,6})(?:[ \t\u3000]+|(?=[\u3400-\u9fff（(*]))(.*)")
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3}|`+|~~)(?=\S)(.+?)(?<=\S)\1")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_CLOSING_SIGNS = re.compile(r"[ \t]+#+[ \t]*$")


def read_text(source: Source) -> Document:
    """Read plain text or markdown.

    Raises `DocumentError` with code `binary`, `empty`, `too_many_lines` or `table_too_large`.
    """
    characters = read_characters(source.content)
    lines = tuple(read_lines(characters.text))
    check_size(lines)
    marked = any(line.heading for line in lines)
    return Document(
        path=source.path,
        sha256=source.sha256,
        media_type="text/markdown" if marked else "text/plain",
        blocks=lines,
        problems=characters.problems + find_cut_lines(lines),
    )


def read_lines(text: str) -> Iterator[TextLine]:
    """The lines of a text, blank ones too; a line with a page break inside comes in parts of the same number.

    Raises `DocumentError` with code `too_many_lines`.
    """
    parts = _LINE_ENDS.split(text) if "\r" in text else text.split("\n")
    if len(parts) > MAX_LINES:
        raise DocumentError("too_many_lines", f"the text has {len(parts)} lines, more than {MAX_LINES}")
    if not parts[-1]:
        parts.pop()
    for number, part in enumerate(parts, start=1):
        for line in _split_softly(part) if _SOFT_BREAKS.search(part) else (part,):
            yield _read_line(line, number)


def _split_softly(line: str) -> Iterator[str]:
    """The printed lines of a source line; what comes before becomes blanks, so that spans stay those of the source."""
    start = 0
    for part in _SOFT_BREAKS.split(line):
        if part.strip():
            yield " " * start + part
        start += len(part) + 1
    if not line.strip():
        yield ""


def _read_line(text: str, number: int) -> TextLine:
    if "#" in text[:4] and (match := _HEADING.match(text)) and "\t" not in match[2] and "|" not in match[2]:
        return TextLine(_read_heading(match[2]), number, heading=len(match[1]))
    return TextLine(text[:MAX_LINE_CHARACTERS], number)


def _read_heading(text: str) -> str:
    """The text of a heading without the marks of markdown.

    >>> _read_heading("**一、总体情况** ##")
    '一、总体情况'
    """
    text = _CLOSING_SIGNS.sub("", text)
    text = _EMPHASIS.sub(lambda match: match[2], text)
    return _ESCAPE.sub(r"\1", text).strip()[:MAX_LINE_CHARACTERS]


def check_size(lines: Iterable[TextLine]) -> None:
    """Refuse a table of more rows than one can be; raises `DocumentError` with code `table_too_large`."""
    rows = 0
    for line in lines:
        if "\t" in line.text or "|" in line.text:
            rows += 1
            if rows > MAX_TABLE_ROWS:
                raise DocumentError("table_too_large", f"a table has more than {MAX_TABLE_ROWS} rows")
        elif line.text and not line.text.isspace():
            rows = 0


def find_cut_lines(lines: Sequence[TextLine]) -> tuple[Problem, ...]:
    """A problem where lines were cut at `MAX_LINE_CHARACTERS`."""
    cut = [line.number for line in lines if len(line.text) >= MAX_LINE_CHARACTERS]
    if not cut:
        return ()
    message = (
        f"{len(cut)} lines are longer than {MAX_LINE_CHARACTERS} characters and were cut, the first is line {cut[0]}"
    )
    return (Problem("read", "long_line", message),)
