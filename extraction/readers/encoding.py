"""Bytes to Chinese text: byte order marks, UTF-8, UTF-16, GB18030 and Big5, whatever the label says."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from extraction.frequent import FREQUENT
from extraction.readers.kinds import name_binary
from models.document import DocumentError, Problem

SAMPLE_BYTES = 200_000  # what a guess looks at
SAMPLE_CHARACTERS = 1_500  # scored: 50 are enough to tell Big5 from GBK, more cost time
# Shares of frequent characters, measured on the reports and on their bytes decoded wrongly: right 0.75 to 0.95,
# GBK as Big5 or the reverse below 0.35, UTF-8 as GBK below 0.3.
READS_WELL = 0.6
READS_BADLY = 0.1
DECLARED_BONUS = 0.1
MAX_NOISE = 0.1  # of the characters; random bytes have 12 % control characters, a cut text far below 1 %
BROKEN = "\ufffd"
BROKEN_COST = 3.0  # a character that could not be decoded against one that is rare

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)|charset\s*=\s*["']?\s*([\w.:-]+)""", re.I)
_NAMES = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "cp950": "big5hkscs", "x-x-big5": "big5hkscs",
    "utf8": "utf-8", "unicode": "utf-16-le", "utf-16": "utf-16-le", "utf16": "utf-16-le",
}  # fmt: skip
_ASCII = bytes(range(0x80))
_RARE = re.compile(f"[^{re.escape(''.join(sorted(FREQUENT)))}]+")
_CONTROLS = re.compile(r"[\x00-\x06\x0e-\x19\x1c-\x1f\x7f]")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Characters:
    """A decoded text with what was wrong with its bytes."""

    text: str
    encoding: str
    problems: tuple[Problem, ...]


def read_characters(content: bytes) -> Characters:
    """Decode a document that should be text; what could not be decoded, and NULs, are told as problems.

    Raises `DocumentError` with code `binary` where the bytes are no text, `empty` where nothing is printed.
    """
    text, encoding = decode_text(content, declared=find_declared_encoding(content))
    controls = len(_CONTROLS.findall(text))
    broken = text.count(BROKEN)
    if controls + broken > MAX_NOISE * len(text):
        raise DocumentError("binary", f"this is no text but {name_binary(content)}")
    problems = []
    if broken:
        problems.append(Problem("read", "broken_characters", f"{broken} characters could not be decoded as {encoding}"))
    if "\0" in text:
        problems.append(Problem("read", "nul_characters", f"{text.count(chr(0))} NUL characters were dropped"))
        text = text.replace("\0", "")
    if not text or text.isspace():
        raise DocumentError("empty", "nothing is printed in the document")
    return Characters(text, encoding, tuple(problems))


def decode_text(content: bytes, *, declared: str | None = None) -> tuple[str, str]:
    """Decode a text; gives the text (without mark) and the encoding it was read in.

    `declared` is what the document says of itself; it decides only between readings that are about as good. Bytes
    that fit nowhere become U+FFFD, as few as there are: no text is given up for a few of them.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace"), encoding
    if content.isascii() and b"\0" not in content:
        return content.decode("ascii"), "utf-8"
    encoding = find_encoding(content, declared=declared)
    return content.decode(encoding, "replace"), encoding


def find_declared_encoding(content: bytes) -> str | None:
    """The encoding that the head of a page names, as written."""
    match = _DECLARED.search(content, 0, 4096)  # browsers look at 1,024 bytes; some pages have long comments first
    return (match[1] or match[2]).decode("ascii") if match else None


def find_encoding(content: bytes, *, declared: str | None = None) -> str:
    """The encoding in which bytes read most like Chinese."""
    named = _NAMES.get((declared or "").lower(), (declared or "").lower())
    sample = _take_sample(content)
    best, best_score, scores = "utf-8", float("-inf"), {}
    for encoding in _list_candidates(sample):
        scores[encoding] = score = _score_encoding(sample, encoding)
        if score >= READS_WELL:
            return encoding
        if score + DECLARED_BONUS * (encoding == named) > best_score:
            best, best_score = encoding, score + DECLARED_BONUS * (encoding == named)
    # What reads as no Chinese in any encoding is read by the label, or as UTF-8.
    return best if scores[best] >= READS_BADLY or best == named else "utf-8"


def _take_sample(content: bytes) -> bytes:
    """The bytes to guess by: from the first that is no ASCII, for pages that begin with long scripts."""
    if b"\0" in content[:SAMPLE_BYTES]:
        return content[:SAMPLE_BYTES]
    first = _BEYOND_ASCII.search(content)
    start = first.start() & ~1 if first else 0  # even, as UTF-16 counts
    return content[start : start + SAMPLE_BYTES]


def _list_candidates(sample: bytes) -> Iterator[str]:
    if b"\0" in sample:
        # ASCII in UTF-16 has its zero byte second (little endian) or first.
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if max(even, odd) > 4 * min(even, odd):
            yield "utf-16-le" if odd > even else "utf-16-be"
    yield "utf-8"
    yield "gb18030"
    yield "big5hkscs"
    if len(sample) % 2 == 0:
        yield "utf-16-le"
        yield "utf-16-be"


def _score_encoding(sample: bytes, encoding: str) -> float:
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        text = sample.decode(encoding, "replace")
    else:
        if encoding.startswith("utf-16") and text.isascii():
            return 1.0  # every second byte is zero, none of the others
    return score_chinese(text)


def score_chinese(text: str) -> float:
    """The share of frequent Chinese characters among those beyond ASCII, less the broken ones; 0 where none are."""
    # The bytes of UTF-8 below 0x80 are the characters of ASCII.
    beyond = text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")
    if not beyond:
        return 0.0
    sampled = beyond if len(beyond) <= SAMPLE_CHARACTERS else beyond[:: len(beyond) // SAMPLE_CHARACTERS + 1]
    frequent = len(_RARE.sub("", sampled)) / len(sampled)
    return frequent - BROKEN_COST * beyond.count(BROKEN) / len(beyond)
