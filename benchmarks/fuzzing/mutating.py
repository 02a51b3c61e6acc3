"""Inputs changed in ways that keep their shape: pieces moved, repeated, nested, numbers made absurd, bytes flipped."""

from __future__ import annotations

import io
import itertools
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence

Change = Callable[[bytes, random.Random, Sequence[bytes]], bytes]

PIECES = {
    "text": re.compile(rb"[^\n|\t]*[\n|\t]"),
    "html": re.compile(rb"<[^<>]*>|[^<]+"),
    "docx": re.compile(rb"<[^<>]*>|[^<]+"),
    "pdf": re.compile(rb"\d+ 0 obj.*?endobj\s*|[^\n]*\n|/\w+|\S+\s", re.S),
    "picture": re.compile(rb".{1,16}", re.S),
    "compound": re.compile(rb".{1,4}", re.S),
}
NUMBERS = (
    *(b"0", b"-1", b"1", b"7", b"255", b"65535", b"65536", b"2147483647", b"4294967296", b"9223372036854775808"),
    *(b"1e308", b"-1e-9", b"0.0000001", b"99999999999999999999999999", b"nan", b"inf", b"", b"-", b"1.2.3", b"00007"),
)
WORDS = {
    "text": [
        *(w.encode() for w in ("|", "||||", "\t", "\t\t\t\t", "　", "\u00a0", "\u2028", "\ufeff", "—", "／", "/", "-")),
        *(w.encode() for w in ("三、收到和处理政府信息公开申请情况", "总计", "（七）总计", "行政复议", "规章", "万元")),
        *(w.encode() for w in ("一、总体情况", "# ", "第二十条第（一）项", "１２", "增1558", "1,204", "160.5964万元")),
        *(b"\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x81\x30\x81\x30", b"\x1b$B", b"\r", b"\x0c"),
        *(b"<table><tr><td>1</td></tr></table>", b"</table>", b"<table>", b"```", b"| --- | --- |\n"),
        *("九千九百九十九亿".encode(), "二〇二三年".encode(), "零".encode(), "动(dòng)".encode(), "②".encode()),
    ],
    "html": [
        *(b"<table>", b"</table>", b"<tr>", b"<td rowspan=65535 colspan=1000>", b'<td colspan="0">', b"<td/>", b"<br>"),
        *(b"<div style='display:table'>", b"<div style='float:left;width:10%'>", b"<style>td{display:none}</style>"),
        *(b"<b><i><font>", b"<script>", b"</script>", b"<!--", b"-->", b"<![CDATA[", b"<svg>", b"<template>", b"<pre>"),
        *(b"<select><option>1", b"<textarea>", b"<meta charset=utf-16>", b"<meta charset=gb2312>", b"<base href=x>"),
        *(b"&#x10FFFF;", b"&#0;", b"&#xD800;", b"&nbsp;", b"&amp;amp;", b"\x00", b"\xed\xa0\x80", b"<sup>2</sup>"),
        *(b"<input value=5>", b"<ol start=99999999999>", b"<li value=-3>", b"<td hidden>", b"<o:p>", b"<frameset>"),
    ],
    "docx": [
        *(b"<w:tbl>", b"</w:tbl>", b"<w:tr>", b"</w:tr>", b"<w:tc>", b"</w:tc>", b"<w:p>", b"</w:p>", b"<w:p/>"),
        *(b'<w:gridSpan w:val="99"/>', b'<w:vMerge w:val="restart"/>', b"<w:vMerge/>", b'<w:hMerge w:val="continue"/>'),
        *(b"<w:del>", b"</w:del>", b"<w:sdt><w:sdtContent>", b'<w:gridBefore w:val="250"/>', b"<w:br/>", b"<w:tab/>"),
        *(b'<w:numPr><w:ilvl w:val="8"/><w:numId w:val="77"/></w:numPr>', b'<w:outlineLvl w:val="-1"/>', b"<w:rPr>"),
        *(
            b'<w:fldChar w:fldCharType="begin"/>',
            b'<w:fldChar w:fldCharType="end"/>',
            b"<w:instrText>= 1/0</w:instrText>",
        ),
        *(b'<w:sym w:font="Wingdings" w:char="F0FE"/>', b'<w:sym w:char="zz"/>', b"<w:txbxContent>", b"<m:oMath>"),
        *(
            b'<w:start w:val="2147483648"/>',
            b'<w:numFmt w:val="chineseCountingThousand"/>',
            b'<w:lvlText w:val="%1%9%"/>',
        ),
        *(b'<w:basedOn w:val="1"/>', b"<mc:AlternateContent>", b"<mc:Fallback>", b"&#xFFFF;", b"&amp;", b"<w:vanish/>"),
    ],
    "pdf": [
        *(
            b"q ",
            b"Q ",
            b"BT ",
            b"ET ",
            b"S ",
            b"f ",
            b"W n ",
            b"/G Do ",
            b"/P Do ",
            b"/F 0 Tf ",
            b"/F 1e9 Tf ",
            b"3 Tr ",
        ),
        *(b"0 0 0 0 0 0 cm ", b"-1 0 0 -1 300 200 cm ", b"0 1 -1 0 0 0 Tm ", b"0.7 0.7 -0.7 0.7 9 9 cm ", b"[3] 0 d "),
        *(b"1e38 0 l ", b"0 0 320 240 re f ", b"20 120 280 80 re S ", b"<0020> Tj ", b"<FFFF> Tj ", b"(\\000) Tj "),
        *(b"/Rotate 90 ", b"/Rotate 45 ", b"/MediaBox [0 0 0 0] ", b"/MediaBox [-1e9 0 1e9 1e9] ", b"/UserUnit 1e6 "),
        *(
            b"/CropBox [10 10 20 20] ",
            b"/Encrypt 2 0 R ",
            b"/Kids [2 0 R] ",
            b"/Count 99999999 ",
            b"/Filter /FlateDecode ",
        ),
        *(
            b"/Width 100000 /Height 100000 ",
            b"/Parent 10 0 R ",
            b"/Contents [11 0 R 11 0 R] ",
            b"<< >>",
            b"null ",
        ),
        *(b"/Resources 10 0 R ", b"/Subtype /Form ", b"/ObjStm ", b"stream\n", b"\nendstream", b"endobj\n"),
    ],
    "picture": [
        *(b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff", b"\x00\x01", b"\xff\xd8\xff", b"\xff\xd9"),
        *(b"IHDR", b"IDAT", b"IEND", b"tRNS", b"PLTE", b"pHYs", b"eXIf", b"acTL", b"iCCP", b"zTXt", b"II*\0", b"MM\0*"),
        *(b"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00", b"\xfe\x00\x04\x00\x01\x00\x00\x00\x01\x00\x00\x00"),
    ],
    "compound": [
        b"\xff\xff\xff\xff",
        b"\xfe\xff\xff\xff",
        b"\x00\x00\x00\x00",
        b"\x01\x00\x00\x00",
        b"\xfa\xff\xff\xff",
    ],
}
MOST_CHANGES = 6
WINDOW = 1_500  # bytes
NESTED = (2, 3, 10, 100, 1_000)
_DIGITS = re.compile(rb"-?\d[\d.,]*")


def mutate(kind: str, content: bytes, rng: random.Random, *, flip: Callable[[bytes], bytes] | None = None) -> bytes:
    """A changed input of a kind; the parts of a Word document are changed inside its archive.

    `flip` changes bytes without regard to the kind, as the fuzzing engine does.
    """
    if kind == "docx" and rng.random() < 0.9:
        return _mutate_archive(content, rng, flip)
    changed = _mutate_bytes(kind, content, rng, flip)
    return _mend_sums(changed) if content.startswith(b"\x89PNG") and rng.random() < 0.8 else changed


def _mutate_bytes(kind: str, content: bytes, rng: random.Random, flip: Callable[[bytes], bytes] | None) -> bytes:
    for _ in range(rng.randint(1, MOST_CHANGES)):
        content = flip(content) if flip is not None and rng.random() < 0.2 else _change_window(kind, content, rng)
    return cut_content(content, rng) if rng.random() < 0.05 else content


def _change_window(kind: str, content: bytes, rng: random.Random) -> bytes:
    """One change in a part of the content, now and then in the whole: pieces of a part are found quickly."""
    start, size = (0, len(content)) if rng.random() < 0.1 else (rng.randrange(len(content) + 1), WINDOW)
    window = content[start : start + size]
    changed = rng.choice(CHANGES)(window, rng, _cut(kind, window, rng))
    if rng.random() < 0.35:
        changed = insert_word(changed, rng, WORDS[kind])
    return content[:start] + changed + content[start + size :]


def _cut(kind: str, content: bytes, rng: random.Random) -> Sequence[bytes]:
    """The content as pieces, which joined are the content again."""
    found = [match.span() for match in PIECES[kind].finditer(content)]
    edges = sorted({0, len(content), *(edge for span in rng.sample(found, min(len(found), 60)) for edge in span)})
    return [content[start:end] for start, end in itertools.pairwise(edges)]


def drop_piece(content: bytes, rng: random.Random, pieces: Sequence[bytes]) -> bytes:
    """Leave a few pieces out."""
    start = rng.randrange(len(pieces) + 1)
    return b"".join((*pieces[:start], *pieces[start + rng.randint(1, 3) :])) if pieces else content


def repeat_piece(content: bytes, rng: random.Random, pieces: Sequence[bytes]) -> bytes:
    """Print a piece many times."""
    if not pieces:
        return content
    place = rng.randrange(len(pieces))
    return b"".join((*pieces[:place], pieces[place] * rng.choice(NESTED), *pieces[place:]))


def swap_pieces(content: bytes, rng: random.Random, pieces: Sequence[bytes]) -> bytes:
    """Two pieces in each other's place."""
    if len(pieces) < 2:
        return content
    moved = list(pieces)
    one, two = rng.sample(range(len(moved)), 2)
    moved[one], moved[two] = moved[two], moved[one]
    return b"".join(moved)


def spoil_number(content: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    """A number, or each like it, becomes an absurd one."""
    found = list(_DIGITS.finditer(content))
    if not found:
        return content
    match, new = rng.choice(found), rng.choice(NUMBERS)
    if rng.random() < 0.2:
        return content.replace(match[0], new)
    return content[: match.start()] + new + content[match.end() :]


def insert_word(content: bytes, rng: random.Random, words: Sequence[bytes]) -> bytes:
    """A word of the kind somewhere, now and then very often."""
    place = rng.randrange(len(content) + 1)
    times = rng.choice(NESTED) if rng.random() < 0.15 else 1
    return content[:place] + rng.choice(list(words)) * times + content[place:]


def flip_bytes(content: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    """A few bytes become others."""
    changed = bytearray(content)
    for _ in range(min(rng.randint(1, 8), len(changed))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut_content(content: bytes, rng: random.Random) -> bytes:
    """The beginning or the end is lost."""
    place = rng.randrange(len(content) + 1)
    return content[:place] if rng.random() < 0.8 else content[place:]


CHANGES: tuple[Change, ...] = (
    *(drop_piece, repeat_piece, swap_pieces, swap_pieces),
    *(spoil_number, spoil_number, flip_bytes),
)


def _mutate_archive(content: bytes, rng: random.Random, flip: Callable[[bytes], bytes] | None) -> bytes:
    """One part of an archive changed, or a part doubled, renamed or lost."""
    members = read_members(content)
    names = [name for name in members if name.endswith((".xml", ".rels"))]
    if not names:
        return _mutate_bytes("docx", content, rng, flip)
    main = "word/document.xml"
    name = main if main in members and rng.random() < 0.7 else rng.choice(names)
    if rng.random() < 0.04:
        members[rng.choice((name.upper(), f"/{name}", name.replace("/", "\\"), "x.xml"))] = members.pop(name)
    else:
        members[name] = _mutate_bytes("docx", members[name], rng, flip)
    return pack_members(members)


def read_members(content: bytes) -> dict[str, bytes]:
    """The members of an archive by name; none where it is broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {info.filename: archive.read(info) for info in archive.infolist()}
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError, NotImplementedError, EOFError):
        return {}


def pack_members(members: dict[str, bytes]) -> bytes:
    """An archive without compression, the same bytes for the same members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member)
    return target.getvalue()


def _mend_sums(content: bytes) -> bytes:
    """A PNG file with the check sums of its chunks right again, as far as its chunks can be followed."""
    changed, place = bytearray(content), 8
    while place + 12 <= len(changed):
        length = int.from_bytes(changed[place : place + 4], "big")
        end = place + 8 + length
        if end + 4 > len(changed):
            break
        changed[end : end + 4] = zlib.crc32(changed[place + 4 : end]).to_bytes(4, "big")
        place = end + 4
    return bytes(changed)
