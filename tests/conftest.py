from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ["GOUJI_TRACKING"] = "off"  # no test writes to the store of whoever runs it; those of tracking set their own
SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def contract_folder() -> Path:
    return _find(SHARED / "contract")


@pytest.fixture(scope="session")
def reports_folder() -> Path:
    return _find(SHARED / "reports")


def _find(folder: Path) -> Path:
    if not folder.is_dir():
        pytest.skip(f"{folder.name} does not stand beside the project")
    return folder
