"""`gouji doctor`: what is installed, what is missing, and what that means."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from service.doctor_packages import examine_packages
from service.doctor_parts import MISSING, NOTE, OK, WRONG, Part
from service.settings import Settings, SettingsError, list_settings, mask_value

LEAST_PYTHON = (3, 11)
LEAST_FREE = 2**30  # bytes
PROGRAMS: Sequence[tuple[str, tuple[str, ...], str]] = (
    (
        "LibreOffice",
        ("soffice", "libreoffice"),
        "DOC, WPS, RTF and the XML of Word 2003 become error records (needs_libreoffice); no PDFs can be synthesized",
    ),
    (
        "Chromium",
        ("chromium", "chromium-browser", "google-chrome"),
        "gouji synthesize --kind pdf, mixed and scan, and gouji train forms, scans and all, stop with an error",
    ),
    ("PostgreSQL", ("postgres", "pg_ctl"), "stores are in SQLite, or in a PostgreSQL on another machine"),
)
SERVERS = "/usr/lib/postgresql"  # where Debian puts the programs of the server


def examine() -> list[Part]:
    """Every part of the installation, those that are needed and those that are not."""
    return [
        *_examine_python(),
        *examine_packages(),
        *_examine_models(),
        *_examine_forms(),
        *_examine_programs(),
        *_examine_fonts(),
        *_examine_settings(),
        *_examine_folders(),
    ]


def is_sound(parts: Sequence[Part]) -> bool:
    """Whether all that is needed is there and right."""
    return not any(part.needed and part.state in (MISSING, WRONG) for part in parts)


def _examine_python() -> Iterator[Part]:
    version = platform.python_version()
    if sys.version_info[:2] < LEAST_PYTHON:
        yield Part("Python", "python", WRONG, f"{version}; 3.11 or later is needed", "nothing may work", needed=True)
    else:
        yield Part("Python", "python", OK, f"{version}, {platform.system()} {platform.machine()}", needed=True)


def _examine_models() -> Iterator[Part]:
    from models.trained import TRAINED_FOLDER
    from service.model_choice import ModelError, check_models, find_models

    means = "no document can be read: `gouji train all` makes them anew, or install Gouji again"
    try:
        versions = check_models(TRAINED_FOLDER)
    except ModelError as error:
        yield Part("models that ship", "models", WRONG, str(error), means, needed=True)
    else:
        versions |= _read_other_versions(TRAINED_FOLDER)
        shown = ", ".join(f"{name} {version}" for name, version in versions.items())
        yield Part("models that ship", "models", OK, shown, needed=True)
        if "scans" not in versions:
            told = "every cell of a scan goes to a person"
            yield Part("judge of scans", "models", NOTE, "there is none", told)
    if chosen := os.environ.get("GOUJI_MODELS"):
        try:
            folder = find_models(None)
        except ModelError as error:
            yield Part("GOUJI_MODELS", "models", WRONG, str(error), "gouji extract stops with an error", needed=True)
        else:
            yield Part("GOUJI_MODELS", "models", OK, f"{chosen}: {folder}", needed=True)
    yield _examine_recognition()


def _read_other_versions(folder: Path) -> dict[str, str]:
    """The versions on the cards of models that only some documents need."""
    cards = {path.parent.name: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*/card.json"))}
    return {name: str(card.get("version", "?")) for name, card in cards.items()}


def _examine_recognition() -> Part:
    from extraction.recognition.ocr_engine import DETECTION, RECOGNITION, EngineError, find_network

    name = "networks of character recognition"
    try:
        folder = {find_network(network).parent for network in (DETECTION, RECOGNITION)}.pop()
    except (EngineError, ImportError) as error:
        return Part(name, "models", MISSING, str(error), "scans cannot be read", needed=True)
    return Part(name, "models", OK, str(folder), needed=True)


def _examine_forms() -> Iterator[Part]:
    from models.form import load_forms, load_shipped_forms
    from models.trained import TRAINED_FOLDER, load_trained
    from service.model_choice import ModelError, find_models

    try:
        forms = load_forms()
    except (OSError, ValueError) as error:
        yield Part("forms", "forms", WRONG, str(error), "no document can be read", needed=True)
        return
    yield Part("forms", "forms", OK, ", ".join(forms), needed=True)
    own = [form_id for form_id in forms if form_id not in load_shipped_forms()]
    try:
        card = load_trained("cells", folder=find_models(None) or TRAINED_FOLDER).card
    except (ModelError, OSError, ValueError):
        return  # told above
    if strange := [form_id for form_id in own if form_id not in card.get("forms", ())]:
        told = "every cell of them goes to a person (form_not_learned): gouji train labels and forms, with --out"
        yield Part("forms not learned", "forms", NOTE, ", ".join(strange), told)


def _examine_programs() -> Iterator[Part]:
    named = os.environ.get("GOUJI_SOFFICE")
    for name, programs, means in PROGRAMS:
        wanted = (named,) if name == "LibreOffice" and named else programs
        servers = sorted(Path(SERVERS).glob("*/bin")) if name == "PostgreSQL" else []
        places = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, servers)])
        path = next(filter(None, (shutil.which(program, path=places) for program in wanted)), None)
        told = path or f"no {' or '.join(wanted)} on the path"
        yield Part(name, "programs", OK if path else MISSING, told, "" if path else means)


def _examine_fonts() -> Iterator[Part]:
    from service.doctor_packages import find_chinese_fonts

    fonts = find_chinese_fonts()
    if fonts is None:
        means = "fonts cannot be counted; reading needs none"
        yield Part("fonts with Chinese", "programs", NOTE, "fontconfig (fc-list) is not installed", means)
    elif not fonts:
        means = "synthetic PDFs, plots and pictures of pages show boxes for Chinese; reading needs no fonts"
        yield Part("fonts with Chinese", "programs", MISSING, "none", means)
    else:
        shown = ", ".join(fonts[:4]) + (f" and {len(fonts) - 4} more" if len(fonts) > 4 else "")
        yield Part("fonts with Chinese", "programs", OK, shown)


def _examine_settings() -> Iterator[Part]:
    try:
        entries = list_settings()
    except SettingsError as error:
        yield Part("settings", "settings", WRONG, str(error), "commands that need them stop", needed=True)
        return
    changed = [entry.name for entry in entries if entry.origin != "default"]
    yield Part("settings", "settings", OK, f"set: {', '.join(changed)}" if changed else "all by default", needed=True)
    yield _examine_store(Settings().store)


def _examine_store(url: str) -> Part:
    from review.store.probing import probe_store

    shown = str(mask_value(url))
    means = "gouji store, serve, work, views and user cannot work"
    try:
        state = probe_store(url)
    except ValueError as error:
        return Part("store", "settings", WRONG, f"{shown}: {error}", means, needed=True)
    if not state.current:
        return Part("store", "settings", WRONG, f"{shown}: {state.message}", means, needed=True)
    return Part("store", "settings", OK if state.there else NOTE, f"{shown}: {state.message}")


def _examine_folders() -> Iterator[Part]:
    for name, folder, means in (
        ("temporary folder", Path(tempfile.gettempdir()), "DOC, WPS and RTF cannot be converted"),
        ("working folder", Path.cwd(), "nothing can be written here: --out names another place"),
    ):
        needed = name == "temporary folder"
        try:
            with tempfile.TemporaryFile(dir=folder):
                free = shutil.disk_usage(folder).free
        except OSError as error:
            yield Part(name, "folders", WRONG, f"{folder}: {error.strerror}", means, needed=needed)
            continue
        little = free < LEAST_FREE
        told = f"{folder}: {free / 2**30:.1f} GB free"
        yield Part(name, "folders", NOTE if little else OK, told, "little room" if little else "")
