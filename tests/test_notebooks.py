"""The notebooks run from the first cell to the last, and show what they say they show."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from training import plot_fonts

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FIGURES = {"01": 2, "02": 5, "03": 3, "04": 2, "05": 3}  # at least so many
MOST_BYTES = 40_000  # of a file: without outputs
OWN = {"models", "extraction", "training", "review", "service"}


def name_of(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_notebook_runs_and_shows_its_figures(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own, in an empty folder, tracking nothing."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("GOUJI_TRACKING", "off")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= FIGURES[path.stem[:2]]
    complaints = [output["text"] for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    assert complaints == []  # a glyph that no font has is told there
    assert not (ROOT / "mlruns").exists()


def test_there_are_five_notebooks() -> None:
    assert {path.stem[:2] for path in NOTEBOOKS} == FIGURES.keys()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert path.stat().st_size < MOST_BYTES
    assert all(cell.cell_type != "code" or cell.source.strip() for cell in notebook.cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_a_notebook_uses_public_names_only(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        source = "\n".join(line for line in cell.source.splitlines() if not line.startswith("%"))
        for node in ast.walk(ast.parse(source)) if cell.cell_type == "code" else ():
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OWN:
                assert not [alias.name for alias in node.names if alias.name.startswith("_")]
            assert not (isinstance(node, ast.Attribute) and node.attr.startswith("_"))


def test_without_a_font_with_chinese_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plot_fonts, "find_chinese_font", lambda: None)
    assert "fonts-noto-cjk" in plot_fonts.use_chinese_font()


def test_a_font_without_chinese_is_not_taken() -> None:
    from matplotlib import get_data_path

    latin = Path(get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    assert not plot_fonts._has_characters(os.fspath(latin))
    assert not plot_fonts._has_characters("/nowhere/font.ttf")


def test_the_font_that_is_found_has_what_reports_print() -> None:
    found = plot_fonts.find_chinese_font()
    if found is None:
        pytest.skip("this machine has no font with Chinese characters")
    from matplotlib.font_manager import FontProperties, findfont

    assert plot_fonts._has_characters(findfont(FontProperties(family=found)))
