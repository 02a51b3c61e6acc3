"""Plain text and markdown: every line as it stands, with its number; headings of markdown with their level."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from extraction.readers.encoding import read_characters
from extraction.readers.html import find_blocks
from extraction.readers.html_tree import read_page
from extraction.readers.limits import MAX_LINE_CHARACTERS, MAX_LINES, check_size, find_cut_lines
from models.document import Block, Document, DocumentError, Source, Table, TextLine

MAX_HEADING_CHARACTERS = 300
MAX_MARKUP_TABLES = 1_000  # in markdown

_LINE_ENDS = re.compile(r"\r\n|\r|\n")
# Page breaks and soft line breaks: lines of print, but not of the source.
_SOFT_BREAKS = re.compile("[\f\v\x1c-\x1e\x85\u2028\u2029]")
_HEADING = re.compile(r"[ \t]{0,3}(#{1,6})(?:[ \t\u3000]+|(?=[\u3400-\u9fff（(*]))(.*)")
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3}|`+|~~)(?=\S)(.+?)(?<=\S)\1")
_TABLE_TAG = re.compile(r"<(/?)table\b[^<>]*>", re.I)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_CLOSING_SIGNS = re.compile(r"[ \t]+#+[ \t]*$")


def read_text(source: Source) -> Document:
    """Read plain text or markdown.

    Raises `DocumentError` with code `binary`, `empty`, `too_many_lines` or `table_too_large`.
    """
    characters = read_characters(source.content)
    text = _LINE_ENDS.sub("\n", characters.text) if "\r" in characters.text else characters.text
    if text.count("\n") > MAX_LINES:
        raise DocumentError("too_many_lines", f"the text has more than {MAX_LINES} lines")
    blocks = _read_mixed(text) if "</table" in text.lower() else tuple(read_lines(text))
    lines = [block for block in blocks if isinstance(block, TextLine)]
    check_size(lines)
    marked = any(line.heading for line in lines)
    return Document(
        path=source.path,
        sha256=source.sha256,
        media_type="text/markdown" if marked else "text/plain",
        blocks=blocks,
        problems=characters.problems + find_cut_lines(lines),
    )


def _read_mixed(text: str) -> tuple[Block, ...]:
    """The lines of a text and the tables that stand in it as markup, as markdown allows."""
    blocks: list[Block] = []
    start, number = 0, 1
    for opening, end in islice(_find_markup(text), MAX_MARKUP_TABLES):
        blocks += read_lines(text[start:opening].removesuffix("\n"), first=number)
        number += text.count("\n", start, opening)
        for block in find_blocks(read_page(text[opening:end]).body):
            if isinstance(block, Table):
                cells = tuple(replace(cell, position=len(blocks)) for cell in block.cells)
                blocks.append(replace(block, cells=cells))
            else:
                blocks.append(replace(block, number=number))
        start = end + text.startswith("\n", end)
        number += text.count("\n", opening, start)
    return (*blocks, *read_lines(text[start:], first=number))


def _find_markup(text: str) -> Iterator[tuple[int, int]]:
    """Where the outermost tables begin and end."""
    depth = opening = 0
    for match in _TABLE_TAG.finditer(text):
        if not match[1]:
            opening = match.start() if depth == 0 else opening
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                yield opening, match.end()


def read_lines(text: str, *, first: int = 1) -> Iterator[TextLine]:
    """The lines of a text, blank ones too; a line with a page break inside comes in parts of the same number."""
    parts = text.split("\n")
    if not parts[-1]:
        parts.pop()  # behind the last line end, or nothing at all
    soft = _SOFT_BREAKS.search(text) is not None
    for number, part in enumerate(parts, start=first):
        for line in _split_softly(part) if soft and _SOFT_BREAKS.search(part) else (part,):
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
    if (
        "#" in text[:4]
        and len(text) <= MAX_HEADING_CHARACTERS
        and (match := _HEADING.match(text))
        and "\t" not in match[2]
        and "|" not in match[2]
    ):
        return TextLine(_read_heading(match[2]), number, heading=len(match[1]))
    return TextLine(text[:MAX_LINE_CHARACTERS], number)


def _read_heading(text: str) -> str:
    """The text of a heading without the marks of markdown.

    >>> _read_heading("**一、总体情况** ##")
    '一、总体情况'
    """
    text = _CLOSING_SIGNS.sub("", text)
    text = _EMPHASIS.sub(lambda match: match[2], text)
    return _ESCAPE.sub(r"\1", text).strip()
