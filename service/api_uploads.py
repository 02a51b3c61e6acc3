"""Uploaded files on their way into the queue: how many, how large, and what they may be called."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from extraction.readers.source import SUFFIXES
from review.store import uploads
from review.store.database import Store
from service.api_settings import MEGABYTE, ServiceSettings

MAX_NAME = 200  # characters


@dataclass(frozen=True, slots=True)
class UploadRefused(Exception):  # noqa: N818
    """Files that are not taken; `status` is that of HTTP, the message is for a person. None of them was kept."""

    status: int
    message: str


def clean_name(name: str | None) -> str:
    """The name of a file without folders and without what does not print; raises `UploadRefused` where nothing is left.

    >>> clean_name("..\\\\secret/../报告 2023.pdf")
    '报告 2023.pdf'
    """
    plain = unicodedata.normalize("NFC", name or "").replace("\\", "/").rsplit("/", 1)[-1]
    # Format characters turn the direction of print, so that `fdp.exe` looks like `exe.pdf`.
    kept = "".join(char for char in plain if unicodedata.category(char)[0] != "C").strip(" .")
    if not kept:
        raise UploadRefused(422, "文件没有名称 / a file without a name")
    if len(kept) > MAX_NAME:
        raise UploadRefused(422, f"文件名超过 {MAX_NAME} 个字符 / a name has more than {MAX_NAME} characters")
    suffix = f".{kept.rpartition('.')[2].lower()}" if "." in kept else ""
    if suffix not in SUFFIXES:
        known = ", ".join(sorted(SUFFIXES))
        raise UploadRefused(415, f"{kept}：文件名应以 {known} 结尾 / {kept}: documents end in {known}")
    return kept


async def take_uploads(store: Store, settings: ServiceSettings, form: FormData, person: str) -> list[Any]:
    """Put the files of a form (`files`) into the queue: all of them, or none and `UploadRefused`."""
    files = [entry for entry in form.getlist("files") if isinstance(entry, UploadFile)]
    if not files:
        raise UploadRefused(422, "没有收到文件 / no files were sent: they come as `files` of a form")
    if len(files) > settings.max_files:
        raise UploadRefused(413, f"一次超过 {settings.max_files} 个文件 / more than {settings.max_files} files at once")
    names = [clean_name(file.filename) for file in files]
    for name, file in zip(names, files, strict=True):
        if not file.size:
            raise UploadRefused(422, f"{name} 是空文件 / {name} has no bytes")
        if file.size > settings.max_file_bytes:
            size = f"{settings.max_file_bytes / MEGABYTE:g} MB"
            raise UploadRefused(413, f"{name} 超过 {size} / {name} has more than {size}")
    waiting = await run_in_threadpool(uploads.count_waiting, store)
    if waiting + len(files) > settings.max_waiting:
        raise UploadRefused(503, "排队的上传太多，请稍后再试 / too many uploads are waiting, try again later")
    added = []
    for name, file in zip(names, files, strict=True):
        content = await file.read()
        added.append(await run_in_threadpool(uploads.add_upload, store, name, content, person))
    return added
