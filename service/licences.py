"""Licences of all packages against those that are allowed: `python -m service.licences` lists them; 1 where one is not.

What is allowed stands in pyproject.toml, `tool.gouji.licences`: licences that anything may have, packages that may be
used under a weaker copyleft because they are used unchanged and can be replaced, and what packages say only in a file.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.doctor_packages import ROOT, fold_name, read_pins

UNKNOWN = "UNKNOWN"
_PARTS = re.compile(r"\s+AND\s+|;\s*|,\s+")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One package: what it says of its licence, whether that is allowed, and why it is where that needs a reason."""

    package: str
    version: str
    licence: str
    allowed: bool
    reason: str = ""


def read_rules(path: Path = ROOT / "pyproject.toml") -> Mapping[str, Any]:
    """`allowed` (list), `excepted` and `stated` (by package)."""
    rules: Mapping[str, Any] = tomllib.loads(path.read_text("utf-8"))["tool"]["gouji"]["licences"]
    return rules


def list_packages() -> list[dict[str, str]]:
    """Name, version and licence of every package here, as pip-licenses tells them."""
    command = [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed", "--with-system"]
    packages: list[dict[str, str]] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return packages


def judge_packages(packages: Iterable[Mapping[str, str]], rules: Mapping[str, Any]) -> list[Verdict]:
    """A verdict on each package.

    A licence of several parts (`A AND B`) needs all of them allowed, a choice (`A OR B`) one.
    """
    verdicts = []
    for package in packages:
        name, version = package["Name"], package["Version"]
        stated = rules["stated"].get(fold_name(name))
        licence = stated if package["License"] == UNKNOWN and stated else package["License"]
        reason = str(rules["excepted"].get(fold_name(name), ""))
        verdicts.append(Verdict(name, version, licence, bool(reason) or is_allowed(licence, rules["allowed"]), reason))
    return verdicts


def is_allowed(licence: str, allowed: Iterable[str]) -> bool:
    """Whether all parts of a licence are allowed.

    >>> is_allowed("(MIT OR GPL-3.0) AND BSD-3-Clause", ["MIT", "BSD-3-Clause"])
    True
    >>> is_allowed("MIT AND GPL-3.0", ["MIT"])
    False
    """
    known = set(allowed)
    parts = (re.split(r"\s+OR\s+", part) for part in _PARTS.split(licence))
    return all(any({choice.strip(), choice.strip(" ()")} & known for choice in choices) for choices in parts)


def main() -> int:
    """Print what is not allowed or excepted, and how many are; the exit status."""
    pins = read_pins()
    packages = [package for package in list_packages() if fold_name(package["Name"]) in pins]
    verdicts = judge_packages(packages, read_rules())
    lines = [f"{v.package} {v.version}: {v.licence}" for v in verdicts if not v.allowed]
    lines += [f"{v.package} {v.version}: {v.licence} (excepted: {v.reason})" for v in verdicts if v.reason]
    lines.append(f"{len(verdicts)} packages, {sum(not v.allowed for v in verdicts)} with a licence that is not allowed")
    sys.stdout.write("\n".join(lines) + "\n")
    return int(any(not verdict.allowed for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())
