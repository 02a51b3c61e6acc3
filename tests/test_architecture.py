"""What the layout of the house promises and no other tool checks; import rules are in pyproject.toml."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("models", "extraction", "training", "review", "service")
FILES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
MAX_LINES = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
# Where each library may be imported; another file that needs it calls these.
HOMES = {
    "PIL": {
        "extraction/pictures/packing.py",
        "extraction/readers/page_pictures.py",
        "extraction/readers/picture_files.py",
        "service/api_views.py",
        "service/page_overlay.py",
        "service/screenshots.py",
        "training/degradation/files.py",
        "training/degradation/stamps.py",
    },
    "alembic": {
        "review/store/migrating.py",
        "review/store/migrations/env.py",
        "review/store/migrations/versions/v0001_store.py",
        "review/store/migrations/versions/v0002_runs.py",
    },
    "argon2": {"service/access_passwords.py"},
    "camelot": {"extraction/tables/camelot_grid.py"},
    "cv2": {
        "extraction/pictures/light.py",
        "extraction/pictures/strokes.py",
        "extraction/pictures/turning.py",
        "extraction/recognition/strips.py",
        "training/degradation/capture.py",
        "training/degradation/copying.py",
        "training/degradation/geometry.py",
        "training/degradation/legibility.py",
        "training/degradation/light.py",
        "training/degradation/marks.py",
        "training/degradation/pages.py",
        "training/degradation/printing.py",
        "training/degradation/sheet.py",
        "training/degradation/stamps.py",
    },
    "dask": {"service/run_engine.py"},
    "distributed": {"service/run_engine.py"},
    "docx": {"training/synthesis/word_package.py"},
    "fastapi": {
        "review/pages.py",
        "review/pages_answers.py",
        "review/pages_people.py",
        "service/access.py",
        "service/api.py",
        "service/api_account_pages.py",
        "service/api_pages.py",
        "service/api_people_routes.py",
        "service/api_routes.py",
    },
    "fsspec": {"review/originals.py", "service/run_files.py"},
    "jieba": {"extraction/lines.py", "training/line_fitting.py"},
    "jinja2": {"review/pages_templates.py"},
    "lxml": {"extraction/readers/docx_xml.py"},
    "matplotlib": {"training/plot_fonts.py", "training/plots.py"},
    "mkdocs": {"service/docs_site.py"},
    "mlflow": {"training/tracking.py"},
    "onnxruntime": {"extraction/recognition/ocr_engine.py"},
    "opencc": {"extraction/script.py", "training/synthesis/script.py"},
    "openpyxl": {"review/export_files.py", "service/spreadsheet.py"},
    "playa": {"extraction/tables/camelot_grid.py"},
    "playwright": {"service/screenshots.py"},
    "prometheus_client": {"service/api_metrics.py"},
    "psycopg": {"review/store/bulk_rows.py"},
    "puremagic": {"extraction/readers/kinds.py"},
    "pyarrow": {"review/export_files.py"},
    "pydantic_settings": {"service/api_settings.py"},
    "pypdfium2": {
        "extraction/readers/page_pictures.py",
        "extraction/readers/pdf_pages.py",
        "extraction/readers/picture_pages.py",
        "training/synthesis/page_truth.py",
    },
    "rapidfuzz": {"extraction/labels.py"},
    "rapidocr": {"extraction/recognition/ocr_engine.py"},
    "rich": {
        "service/demo.py",
        "service/progress.py",
        "service/run_tally.py",
        "service/terminal.py",
        "service/terminal_listings.py",
    },
    "scipy": {
        "extraction/decoding_program.py",
        "training/auditing.py",
        "training/line_fitting.py",
        "training/risk.py",
    },
    "selectolax": {"extraction/readers/html_tree.py"},
    "sklearn": {
        "training/fitting.py",
        "training/judging.py",
        "training/label_fitting.py",
        "training/line_fitting.py",
    },
    "spacy": {"training/fact_spans.py"},
    "sqlalchemy": {
        "review/store/adding.py",
        "review/store/answering.py",
        "review/store/asking.py",
        "review/store/bulk_rows.py",
        "review/store/database.py",
        "review/store/findings.py",
        "review/store/guards.py",
        "review/store/kinds.py",
        "review/store/leasing.py",
        "review/store/links.py",
        "review/store/migrating.py",
        "review/store/migrations/versions/v0001_store.py",
        "review/store/migrations/versions/v0002_runs.py",
        "review/store/people.py",
        "review/store/probing.py",
        "review/store/progress.py",
        "review/store/progress_people.py",
        "review/store/reads.py",
        "review/store/reports.py",
        "review/store/rows.py",
        "review/store/run_schema.py",
        "review/store/runs.py",
        "review/store/schema.py",
        "review/store/uploads.py",
        "review/store/views.py",
        "training/tracking.py",
    },
    "structlog": {"service/api_metrics.py"},
    "thinc": {"training/fact_spans.py"},
    "typer": {
        "service/audit_commands.py",
        "service/command.py",
        "service/decoding_commands.py",
        "service/link_commands.py",
        "service/models_commands.py",
        "service/reference_pages.py",
        "service/report_commands.py",
        "service/run_commands.py",
        "service/serve_commands.py",
        "service/settings_commands.py",
        "service/store_commands.py",
        "service/tracked_runs.py",
        "service/training_commands.py",
    },
    "uvicorn": {"service/screenshots.py", "service/serve_commands.py"},
    "yaml": {"models/data_files.py"},
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def find_imports(path: Path) -> set[str]:
    """The top-level names of every module that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


IMPORTS = {name_of(path): find_imports(path) for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_imported_in_the_files_that_are_its_home(library: str) -> None:
    assert {name for name, imports in IMPORTS.items() if library in imports} == HOMES[library]


def test_nothing_is_named_for_being_of_use_everywhere() -> None:
    names = {part for path in FILES for part in (*path.relative_to(ROOT).parts[:-1], path.stem)}
    assert not VAGUE & {word for name in names for word in name.split("_")}


def test_nothing_catches_every_exception() -> None:
    broad = {"Exception", "BaseException"}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
                caught = {kind.id if isinstance(kind, ast.Name) else "" if kind else "Exception" for kind in kinds}
                assert not broad & caught, f"{name_of(path)}:{node.lineno}"


def test_nothing_is_pickled() -> None:
    pickling = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    assert {name for name, imports in IMPORTS.items() if pickling & imports} == set()
    assert not [path for suffix in ("pkl", "pickle", "joblib") for path in (ROOT / "models").rglob(f"*.{suffix}")]


def test_trained_models_are_plain_arrays_beside_a_card() -> None:
    folders = [path for path in (ROOT / "models" / "trained").iterdir() if path.is_dir()]
    assert {"lines", "labels", "forms", "cells", "facts"} <= {folder.name for folder in folders}
    for folder in folders:
        assert {path.name for path in folder.iterdir()} == {"weights.npz", "card.json"}
        card = json.loads((folder / "card.json").read_text("utf-8"))
        assert {"name", "version", "data", "libraries"} <= card.keys()
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            assert all(arrays[key].dtype != object for key in arrays.files)


def test_no_package_of_tests_shadows_a_room() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_every_room_says_in_one_sentence_what_it_is() -> None:
    for room in ROOMS:
        assert ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text("utf-8")))
