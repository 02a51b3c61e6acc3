"""A Word document as a package: its body, styles and numbering, found by its own relations or by the usual names."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from extraction.readers.archive import Archive, fold_name, open_archive, read_member
from extraction.readers.docx_xml import Element, parse_part
from models.document import DocumentError, Problem

MAIN_PART = "word/document.xml"
CONTENT_TYPES = "[content_types].xml"


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of a document that are read; those beside the body may be missing."""

    body: Element
    styles: Element | None
    numbering: Element | None
    problems: tuple[Problem, ...]


def open_package(content: bytes) -> Package:
    """Open a document.

    Raises `DocumentError` with code `damaged`, `encrypted`, `too_large`, `too_deep` or `too_complex`.
    """
    archive = open_archive(content)
    name = _find_main_part(archive)
    if name not in archive.members:
        raise DocumentError("damaged", "the document has no main part")
    root = parse_part(read_member(archive, name))
    body = root.find("w:body")
    if body is None:
        raise DocumentError("damaged", "the main part of the document has no body")
    problems: list[Problem] = []
    folder, base = posixpath.split(name)
    relations = _read_relations(archive, f"{folder}/_rels/{base}.rels".lstrip("/"), folder)
    styles = _read_side_part(archive, relations.get("styles", f"{folder}/styles.xml"), problems)
    numbering = _read_side_part(archive, relations.get("numbering", f"{folder}/numbering.xml"), problems)
    return Package(body, styles, numbering, tuple(problems))


def _find_main_part(archive: Archive) -> str:
    """The folded name of the main part: by the relations of the package, its content types, or its usual name."""
    related = _read_relations(archive, "_rels/.rels", "").get("officedocument", "")
    if related in archive.members:
        return related
    if MAIN_PART in archive.members:
        return MAIN_PART
    types = _read_optional(archive, CONTENT_TYPES)
    for entry in types.children if types else ():
        kind = entry.attributes.get("ContentType", "").lower()
        if is_word_type(kind) and (name := fold_name(entry.attributes.get("PartName", ""))) in archive.members:
            return name
    return MAIN_PART


def is_word_type(kind: str) -> bool:
    """Whether a content type is that of a Word document's main part: a document or template, with macros or not."""
    return kind.endswith("main+xml") and ("wordprocessingml" in kind or "ms-word" in kind)


def _read_relations(archive: Archive, name: str, folder: str) -> dict[str, str]:
    """The folded names of the parts that a part is related to, by the kind of relation in lower case."""
    root = _read_optional(archive, name)
    relations: dict[str, str] = {}
    for relation in root.children if root else ():
        target = relation.attributes.get("Target", "")
        if relation.attributes.get("TargetMode", "").lower() != "external":
            kind = relation.attributes.get("Type", "").rpartition("/")[2].lower()
            path = posixpath.normpath(posixpath.join("/", folder, target.replace("\\", "/")))
            relations.setdefault(kind, fold_name(path))
    return relations


def _read_optional(archive: Archive, name: str) -> Element | None:
    """A part, `None` where it is missing or broken."""
    try:
        return parse_part(read_member(archive, name))
    except (KeyError, DocumentError):
        return None


def _read_side_part(archive: Archive, name: str, problems: list[Problem]) -> Element | None:
    """A part that a document can be read without; a broken one is a problem."""
    if name not in archive.members:
        return None
    try:
        return parse_part(read_member(archive, name))
    except DocumentError as error:
        problems.append(Problem("read", "broken_part", f"{name} could not be read: {error.message}"))
        return None
