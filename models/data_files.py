"""Data that ships as YAML: forms, wordings of synthetic reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read_data(path: Path) -> dict[str, Any]:
    """The mapping that a YAML file holds, by the safe loader; raises `ValueError` where it holds none."""
    try:
        data = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name} is no YAML: {error}") from error
    if not isinstance(data, dict):
        raise ValueError(f"{path.name} holds no mapping")
    return data
