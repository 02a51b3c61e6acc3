from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.form import OWN_FORMS, load_form, load_forms, load_shipped_forms

EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "examples" / "enforcement"
Change = Callable[[dict[str, Any]], None]


def write_form(folder: Path, change: Change | None = None) -> Path:
    data = {
        "form": "visits@2020",
        "family": "visits",
        "title": "来访情况表",
        "section": "visits",
        "years": [2020, None],
        "unit": "人",
        "kind": "integer",
        "blocks": [
            {
                "columns": [{"key": "morning", "label": ["上午"]}, {"key": "total", "label": ["全天"]}],
                "rows": [{"key": "window", "label": ["窗口"], "aliases": ["服务窗口"]}],
            }
        ],
        "identities": [{"id": "visits.part", "relation": "<=", "left": ["window.morning"], "right": ["window.total"]}],
    }
    if change is not None:
        change(data)
    path = folder / "visits@2020.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    return path


def set_key(*path: Any, value: Any) -> Change:
    def change(data: dict[str, Any]) -> None:
        place: Any = data
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


def test_own_forms_stand_behind_those_that_ship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_form(tmp_path)
    monkeypatch.setenv(OWN_FORMS, str(tmp_path))
    assert list(load_forms()) == [*load_shipped_forms(), "visits@2020"]
    assert [field.field_id for field in load_forms()["visits@2020"].fields] == [
        "visits.window.morning",
        "visits.window.total",
    ]
    monkeypatch.delenv(OWN_FORMS)
    assert load_forms() == load_shipped_forms()


def test_the_forms_of_the_guide_are_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OWN_FORMS, str(EXAMPLE))
    own = [form_id for form_id in load_forms() if form_id not in load_shipped_forms()]
    assert own == ["coercion@2012", "licensing@2019", "penalties@2021"]
    identities = {identity.identity_id: identity for identity in load_forms()["penalties@2021"].identities}
    assert len(identities) == 16
    assert identities["penalties.fine.total"].right == ("penalties.fine.total",)
    assert identities["penalties.sum.ordinary"].right == ("penalties.total.ordinary",)


def test_a_form_that_ships_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(data: dict[str, Any]) -> None:
        data |= {"form": "disputes@2019", "family": "disputes"}

    write_form(tmp_path, rename)
    monkeypatch.setenv(OWN_FORMS, str(tmp_path))
    with pytest.raises(ValueError, match="there is a form disputes@2019 already"):
        load_forms()


def test_a_folder_without_forms_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        monkeypatch.setenv(OWN_FORMS, str(folder))
        with pytest.raises(ValueError, match="no folder with forms"):
            load_forms()


ROW = ("blocks", 0, "rows", 0)
BAD: list[tuple[Change, str]] = [
    (lambda data: data.pop("title"), "title is missing"),
    (set_key("form", value="Visits2020"), "form is FAMILY@YEAR"),
    (set_key("years", value=[2020]), "years is"),
    (set_key("years", value=["2020", None]), "years is"),
    (set_key("kind", value="text"), "kind is integer or decimal"),
    (set_key("blocks", value=[]), "blocks is a list"),
    (set_key("blocks", 0, "rows", value=[]), "block 1 has no rows"),
    (set_key(*ROW, value="窗口"), "each is"),
    (set_key(*ROW, "label", value="窗口"), "each is"),
    (set_key(*ROW, "key", value="窗口"), "a key is words"),
    (set_key(*ROW, "aliases", value=[1]), "aliases"),
    (set_key("blocks", 0, "columns", 1, "key", value="morning"), "name 2 places"),
    (set_key("identities", value=[{"left": ["a"], "right": ["b"]}]), "each has an id"),
    (set_key("identities", 0, "relation", value=">"), "relation is"),
    (set_key("identities", 0, "right", value=[]), "has no right side"),
    (set_key("identities", 0, "right", value=["window.night"]), "unknown fields"),
]


@pytest.mark.parametrize(("change", "told"), BAD, ids=[told for _, told in BAD])
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, change: Change, told: str) -> None:
    with pytest.raises(ValueError, match=rf"^visits@2020\.yaml: .*{told}"):
        load_form(write_form(tmp_path, change))


@pytest.mark.parametrize("text", ["form: [", "- a list", "", "!!python/object/apply:os.getcwd []"])
def test_what_is_no_mapping_in_yaml_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a@2020.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"^a@2020\.yaml"):
        load_form(path)
