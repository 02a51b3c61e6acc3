"""Packages against what Gouji needs and was tested with, and the fonts of the machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path

from service.doctor_parts import MISSING, NOTE, OK, Part

ROOT = Path(__file__).parent.parent
PINS = "requirements.txt"
GROUPS = {
    "": "Gouji does not work without it",
    "training": "gouji train, gouji models, gouji mlflow and plots stop with an error; no run is tracked",
    "screenshots": "no pictures of the pages can be drawn for the docs",
}
# Extras by the modules that they bring.
EXTRAS = {
    "fpdf": "training", "matplotlib": "training", "mlflow": "training", "sklearn": "training", "spacy": "training",
    "playwright": "screenshots",
}  # fmt: skip
_NAME = re.compile(r"^[A-Za-z0-9][\w.-]*")
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^;\s]+)")
FONT_SECONDS = 20


def examine_packages() -> Iterator[Part]:
    """A part for each group of packages that is whole, and one for each package that is not as it should be."""
    pins = read_pins()
    for group, names in read_requirements().items():
        needed = not group
        lost = [name for name in names if _find_version(name) is None]
        label = f"packages of gouji[{group}]" if group else "packages"
        if lost:
            told = f"not installed: {', '.join(lost)}"
            yield Part(label, "packages", MISSING, told, GROUPS.get(group, ""), needed=needed)
        else:
            yield Part(label, "packages", OK, f"{len(names)} installed", needed=needed)
        for name in names:
            version, pin = _find_version(name), pins.get(name)
            if version is not None and pin is not None and version != pin:
                means = "not the version that Gouji is tested with"
                yield Part(name, "packages", NOTE, f"{version}; tested with {pin}", means)
    if not pins:
        yield Part("pins", "packages", NOTE, f"there is no {PINS}", "versions are not compared with those tested with")


def explain_missing(error: ModuleNotFoundError) -> str | None:
    """What to install where a module is missing that an extra brings; `None` where it is another one."""
    module = (error.name or "").partition(".")[0]
    if (extra := EXTRAS.get(module)) is None:
        return None
    return f"this needs the module {module}, which is not installed: pip install 'gouji[{extra}]' brings it"


def read_requirements() -> Mapping[str, list[str]]:
    """The packages that Gouji needs by extra, "" for those needed always: of pyproject.toml here, else as installed."""
    project = ROOT / "pyproject.toml"
    if project.is_file():
        data = tomllib.loads(project.read_text("utf-8"))["project"]
        return {"": _list_names(data["dependencies"])} | {
            extra: _list_names(entries) for extra, entries in data.get("optional-dependencies", {}).items()
        }
    try:
        entries = metadata.requires("gouji") or []
    except metadata.PackageNotFoundError:
        entries = []
    found: dict[str, list[str]] = {"": []}
    for entry in entries:
        marker = re.search(r"extra\s*==\s*[\"'](\w+)[\"']", entry)
        found.setdefault(marker[1] if marker else "", []).extend(_list_names([entry]))
    return found


def read_pins() -> Mapping[str, str]:
    """The versions that Gouji is tested with, by name: of requirements.txt here, else of the one installed with it."""
    places = (ROOT / PINS, Path(sys.prefix) / "share" / "gouji" / PINS)
    path = next((path for path in places if path.is_file()), None)
    if path is None:
        return {}
    return {
        fold_name(match[1]): match[2] for line in path.read_text("utf-8").splitlines() if (match := _PIN.match(line))
    }


def find_chinese_fonts() -> list[str] | None:
    """Families of fonts with Chinese characters, by name; `None` where fontconfig is not there to say."""
    program = shutil.which("fc-list")
    if program is None:
        return None
    command = [program, ":lang=zh", "family"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=FONT_SECONDS, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    return sorted({line.split(",")[0].strip() for line in told.splitlines() if line.strip()})


def _list_names(entries: Iterable[str]) -> list[str]:
    return sorted({fold_name(match[0]) for entry in entries if (match := _NAME.match(entry))})


def _find_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def fold_name(name: str) -> str:
    """The name of a package as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
