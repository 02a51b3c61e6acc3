from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.settings import (
    Settings,
    SettingsError,
    apply_settings_file,
    find_settings_file,
    find_variable,
    list_settings,
    mask_value,
    read_settings_file,
)
from training.tracking import DEFAULT_URI

Run = Callable[..., Any]
SECRET = "geheim-7431"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*map(find_variable, Settings.model_fields), "GOUJI_SETTINGS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "gouji.toml") -> Path:
    path = Path(name)
    path.write_text(text, "utf-8")
    return path


def values(**origins: frozenset[str]) -> dict[str, tuple[Any, str]]:
    return {entry.name: (entry.value, entry.origin) for entry in list_settings(**origins)}


def test_without_anything_every_setting_is_its_default() -> None:
    assert {origin for _, origin in values().values()} == {"default"}
    assert values()["port"] == (8080, "default")
    assert all(entry.meaning.endswith(".") for entry in list_settings())


def test_the_environment_counts_for_more_than_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write('store = "from-file.db"\nport = 9000\nallowed_hosts = ["a.example"]\nread_uploads = false\n')
    environment = {"GOUJI_STORE": "from-environment.db"}
    taken = apply_settings_file(environment)
    assert taken == {"port", "allowed_hosts", "read_uploads"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = values(from_file=taken)
    assert found["store"] == ("from-environment.db", "environment")
    assert found["port"] == (9000, "file")
    assert found["allowed_hosts"] == (["a.example"], "file")
    assert found["read_uploads"] == (False, "file")
    assert found["host"] == ("127.0.0.1", "default")


def test_another_file_may_be_named(tmp_path: Path) -> None:
    write("port = 1\n")
    other = write("port = 2\n", "other.toml")
    assert find_settings_file({"GOUJI_SETTINGS": str(other)}) == other
    with pytest.raises(SettingsError, match="there is no file"):
        find_settings_file({"GOUJI_SETTINGS": str(tmp_path / "none.toml")})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("port = ", "gouji.toml: "),
        ("prot = 80\n", "there is no setting prot"),
        ("port = 99999\n", "port: "),
        ('port = "many"\n', "port: "),
        ("[store]\nurl = 'a'\n", "store: "),
        ("\udcff", "gouji.toml: "),
    ],
)
def test_what_is_wrong_with_a_file_is_told(text: str, told: str) -> None:
    path = Path("gouji.toml")
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=told):
        read_settings_file(path)


def test_a_value_that_a_setting_cannot_have_is_told_without_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOUJI_PORT", SECRET)
    with pytest.raises(SettingsError, match=r"^port: ") as told:
        list_settings()
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (f"postgresql://gouji:{SECRET}@db.example:5432/gouji", "postgresql://gouji:••••••@db.example:5432/gouji"),
        (f"postgresql://gouji:a@{SECRET}@db.example/gouji", "postgresql://gouji:••••••@db.example/gouji"),
        (f"postgresql://db/gouji?password={SECRET}&user=a", "postgresql://db/gouji?password=••••••&user=a"),
        (f"https://key:{SECRET}@bucket.example", "https://key:••••••@bucket.example"),
        ("sqlite:///a.db", "sqlite:///a.db"),
        ("gouji.db", "gouji.db"),
        (8080, 8080),
    ],
)
def test_passwords_in_values_are_masked(value: Any, shown: Any) -> None:
    assert mask_value(value) == shown


def test_a_value_that_a_setting_cannot_have_keeps_the_service_from_starting(
    run_gouji: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GOUJI_PORT", "s3cret")
    run = run_gouji("serve", cwd=tmp_path)
    assert run.returncode == 2
    assert b"port: Input should be a valid integer" in run.stderr
    assert b"Traceback" not in run.stderr and b"s3cret" not in run.stderr


def test_the_command_shows_no_secret(run_gouji: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOUJI_PASSWORD", SECRET)
    monkeypatch.setenv("GOUJI_USER_PASSWORD", SECRET)
    monkeypatch.setenv("GOUJI_STORE", f"postgresql://gouji:{SECRET}@db/gouji")
    write('files = "s3://bucket"\n')
    table = run_gouji("settings", cwd=tmp_path)
    assert table.returncode == 0
    data = run_gouji("settings", "--json", cwd=tmp_path)
    for done in (table, data):
        assert SECRET not in done.stdout.decode() + done.stderr.decode()
    entries = {entry["name"]: entry for entry in json.loads(data.stdout)}
    assert entries["files"]["value"] == "s3://bucket"
    assert entries["files"]["origin"] == "file"
    assert entries["password"]["origin"] == "environment"
    assert set(entries) == set(Settings.model_fields)


def test_a_flag_counts_for_more_than_file_and_environment(
    run_gouji: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = Path(__file__).parent.parent.parent / "docs" / "examples" / "enforcement"
    monkeypatch.setenv("GOUJI_FORMS", str(tmp_path / "elsewhere"))
    done = run_gouji("--forms", str(folder), "settings", "--json", cwd=tmp_path)
    entry = next(entry for entry in json.loads(done.stdout) if entry["name"] == "forms")
    assert (entry["value"], entry["origin"]) == (str(folder), "flag")


def test_a_file_counts_for_the_commands(run_gouji: Run, tmp_path: Path) -> None:
    write('store = "named.db"\n', "my.toml")
    done = run_gouji("--settings", "my.toml", "store", "status", cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "named.db").is_file()


@pytest.mark.parametrize("arguments", [["settings"], ["extract", "a.txt"]])
def test_a_bad_file_stops_every_command(run_gouji: Run, tmp_path: Path, arguments: list[str]) -> None:
    write("prot = 80\n")
    done = run_gouji(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no setting prot" in done.stderr.decode()


def test_bad_forms_stop_every_command(run_gouji: Run, tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    write("form: taxes\n", "forms/taxes@2020.yaml")
    done = run_gouji("--forms", "forms", "extract", "a.txt", cwd=tmp_path)
    assert done.returncode == 2
    assert "taxes@2020.yaml" in done.stderr.decode()


def test_every_variable_that_the_code_reads_is_a_setting() -> None:
    root = Path(__file__).parent.parent.parent
    rooms = ("models", "extraction", "training", "review", "service")
    sources = "".join(path.read_text("utf-8") for room in rooms for path in (root / room).rglob("*.py"))
    named = set(re.findall(r"\"(GOUJI_[A-Z_]*[A-Z])\"", sources))
    assert named - {"GOUJI_SETTINGS"} <= set(map(find_variable, Settings.model_fields))
    assert {"GOUJI_SOFFICE", "GOUJI_FORMS", "GOUJI_TRACKING", "GOUJI_STORE"} <= named


def test_defaults_are_those_of_the_rooms_that_use_them() -> None:
    assert Settings.model_fields["tracking"].default == DEFAULT_URI
