"""Every setting in one place: what it means, its value, and where that is from (flag, environment, file, default).

A file (`gouji.toml`) counts for what the environment (`GOUJI_…`) does not say, and a flag of a command counts for more
than both. The values of the file are put into the environment when the command starts: that is where the rooms below
and worker processes look.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from service.api_settings import ServiceSettings

FILE = "gouji.toml"  # in the working folder
FILE_VARIABLE = "GOUJI_SETTINGS"  # names another file
PREFIX = "GOUJI_"
DEFAULT, IN_FILE, IN_ENVIRONMENT, BY_FLAG = "default", "file", "environment", "flag"
SECRET = "••••••"
_CREDENTIALS = re.compile(r"(?<=://)([^:/@?#]*):[^?#]*@")
_SECRET_PARAMETERS = re.compile(r"(?i)([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&]*")


class Settings(ServiceSettings):
    """All settings: those of the service, and those of reading, forms, models and tracking."""

    forms: str | None = None
    """Folder with forms of your own (NAME.yaml), read beside those that ship."""
    reports: str | None = None
    """Kinds of reports with own forms, the only ones that `gouji synthesize` and `gouji train` make; commas between."""
    models: str | None = None
    """Models to read with: a folder, or registered ones (champion, challenger, 3); without it those that ship."""
    tracking: str = "sqlite:///out/mlflow/store.db"
    """Where runs and registered models are kept: a database URL, the URL of an MLflow server, or off."""
    gold: str | None = None
    """Folder of the frozen gold set that models are compared on."""
    cluster: str | None = None
    """A running Dask scheduler for `gouji run`: tcp://HOST:8786; without it one of its own on this machine."""
    soffice: str | None = None
    """The program of LibreOffice that reads DOC, WPS and RTF; without it soffice or libreoffice on the path."""
    password: SecretStr | None = None
    """Opens encrypted PDFs."""
    user_password: SecretStr | None = None
    """Password that `gouji user add` and `gouji user change` take, for scripts; without it they ask."""


@dataclass(frozen=True, slots=True)
class SettingEntry:
    """One setting as it counts now; `value` is masked where it is secret, `None` where it is not set."""

    name: str
    variable: str
    value: Any
    origin: str
    meaning: str


class SettingsError(ValueError):
    """A file that is no settings file, or a value that a setting cannot have."""


def find_settings_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The file that counts: the one that `GOUJI_SETTINGS` names, or `gouji.toml` here. Raises `SettingsError`."""
    named = environment.get(FILE_VARIABLE)
    if named and not Path(named).is_file():
        raise SettingsError(f"{FILE_VARIABLE}: there is no file {named}")
    path = Path(named or FILE)
    return path if path.is_file() else None


def read_settings_file(path: Path) -> dict[str, Any]:
    """What a file sets, by name; raises `SettingsError` for what is no TOML, no setting, or no value of it."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    if unknown := sorted(data.keys() - Settings.model_fields.keys()):
        raise SettingsError(f"{path}: there is no setting {', '.join(unknown)}; `gouji settings` lists them")
    try:
        Settings(**data)
    except ValidationError as error:
        raise SettingsError(f"{path}: {_describe(error, set(data))}") from error
    return data


def apply_settings_file(environment: MutableMapping[str, str] = os.environ) -> frozenset[str]:
    """Put what the file sets into the environment where that is silent; the names that were put there."""
    path = find_settings_file(environment)
    data = {} if path is None else read_settings_file(path)
    taken = {name: value for name, value in data.items() if find_variable(name) not in environment}
    for name, value in taken.items():
        environment[find_variable(name)] = value if isinstance(value, str) else json.dumps(value)
    return frozenset(taken)


def find_variable(name: str) -> str:
    """The variable of the environment that a setting is read from."""
    return PREFIX + name.upper()


def list_settings(
    *, from_file: frozenset[str] = frozenset(), by_flag: frozenset[str] = frozenset()
) -> list[SettingEntry]:
    """Every setting as it counts now; raises `SettingsError` where the environment holds a value that it cannot have.

    `from_file` and `by_flag` name those that were put into the environment from there.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsError(_describe(error, set(Settings.model_fields))) from error
    entries = []
    for name, field in Settings.model_fields.items():
        origin = IN_ENVIRONMENT if name in settings.model_fields_set else DEFAULT
        origin = BY_FLAG if name in by_flag else IN_FILE if name in from_file else origin
        value = mask_value(getattr(settings, name))
        entries.append(SettingEntry(name, find_variable(name), value, origin, field.description or ""))
    return entries


def read_service_settings() -> ServiceSettings:
    """The settings of the service as they count now; raises `SettingsError` as `list_settings` does."""
    try:
        return ServiceSettings()
    except ValidationError as error:
        raise SettingsError(_describe(error, set(ServiceSettings.model_fields))) from error


def mask_value(value: Any) -> Any:
    """A value as it may be shown: no password, neither alone nor in a URL.

    >>> mask_value("postgresql://gouji:s3cret@db/gouji")
    'postgresql://gouji:••••••@db/gouji'
    """
    if isinstance(value, SecretStr):
        return SECRET if value.get_secret_value() else ""
    if isinstance(value, str):
        return _SECRET_PARAMETERS.sub(rf"\1{SECRET}", _CREDENTIALS.sub(rf"\1:{SECRET}@", value))
    return value


def _describe(error: ValidationError, names: set[str]) -> str:
    """What is wrong, without the value, which may be secret."""
    problems = [(".".join(map(str, entry["loc"])), entry["msg"]) for entry in error.errors()]
    return "; ".join(f"{name}: {message}" for name, message in problems if name.split(".")[0] in names) or str(problems)
