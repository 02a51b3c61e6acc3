from __future__ import annotations

from pathlib import Path

import pytest

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
