"""What a document of a run may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.run_limits import LIGHT_BYTES, Limits, find_limits

LONGEST = Limits(300.0, 8 * 2**30)


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"0" * (LIGHT_BYTES + 1)],
    ids=["pdf", "picture", "large"],
)
def test_pages_and_large_texts_have_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    assert find_limits(str(path), LONGEST) == LONGEST


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        ("一、总体情况".encode(), 2.0),
        (b"<html><table><tr><td>0</td></tr></table></html>", 2.0),
        (b"0" * (LIGHT_BYTES // 2), 15.0),
        (b"0" * LIGHT_BYTES, 30.0),
    ],
    ids=["text", "page", "long", "longest"],
)
def test_texts_have_a_part_by_their_size(tmp_path: Path, content: bytes, seconds: float) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    limits = find_limits(str(path), LONGEST)
    assert limits.seconds == pytest.approx(seconds, rel=0.01)
    assert 2**29 <= limits.memory <= 2**30


def test_no_text_has_less_than_two_seconds_and_half_a_gigabyte_where_that_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("一、总体情况", "utf-8")
    assert [find_limits(str(path), Limits(longest, 2**31)).seconds for longest in (20.0, 5.0, 1.0)] == [2.0, 2.0, 1.0]
    assert find_limits(str(path), Limits(20.0, 2**28)).memory == 2**28


@pytest.mark.parametrize("name", ["gone.txt", "."])
def test_what_cannot_be_opened_is_left_to_the_reader(tmp_path: Path, name: str) -> None:
    assert find_limits(str(tmp_path / name), LONGEST) == LONGEST
