"""`gouji settings` and `gouji doctor`, and what comes before every command: version, settings file, own forms."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _print_version(asked: bool) -> None:  # noqa: FBT001
    if asked:
        from models.version import VERSION

        typer.echo(f"gouji {VERSION}")
        raise typer.Exit


def start(
    context: typer.Context,
    settings: Annotated[
        Path | None,
        typer.Option("--settings", dir_okay=False, exists=True, help="A settings file; else gouji.toml here."),
    ] = None,
    forms: Annotated[
        Path | None,
        typer.Option("--forms", file_okay=False, exists=True, help="A folder with forms of your own (GOUJI_FORMS)."),
    ] = None,
    version: Annotated[  # noqa: FBT002
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Put flags and the settings file into the environment, where commands and worker processes find them."""
    if settings is not None:
        os.environ["GOUJI_SETTINGS"] = str(settings)
    flags = frozenset({"forms"} if forms is not None else ())
    if forms is not None:
        os.environ["GOUJI_FORMS"] = str(forms)
    context.obj = {"from_file": _apply_file(), "by_flag": flags}
    if os.environ.get("GOUJI_FORMS"):
        from models.form import load_forms

        try:
            load_forms()
        except (OSError, ValueError) as error:
            raise typer.BadParameter(str(error), param_hint="--forms") from error


def _apply_file() -> frozenset[str]:
    """What the settings file sets; without one, nothing that takes time is loaded."""
    if not os.environ.get("GOUJI_SETTINGS") and not Path("gouji.toml").is_file():
        return frozenset()
    from service.settings import SettingsError, apply_settings_file

    try:
        return apply_settings_file()
    except SettingsError as error:
        raise typer.BadParameter(str(error), param_hint="--settings") from error


def show_settings(context: typer.Context, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Print every setting: its value, where that is from, and what it means; secrets are masked."""
    from service.settings import SettingsError, list_settings
    from service.terminal_listings import print_settings

    try:
        entries = list_settings(**(context.obj or {}))
    except SettingsError as error:
        raise typer.BadParameter(str(error), param_hint="GOUJI_…") from error
    if as_json:
        typer.echo(json.dumps([asdict(entry) for entry in entries], ensure_ascii=False, indent=2))
    else:
        print_settings(entries)


def doctor(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Tell what is installed, which optional parts are missing, and what that means.

    Exit status: 0 where all that is needed is there, 1 where something needed is missing or wrong.
    """
    from service.doctor import examine, is_sound
    from service.terminal_listings import print_parts

    parts = examine()
    if as_json:
        data = {"sound": is_sound(parts), "checks": [asdict(part) for part in parts]}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        print_parts(parts)
    raise typer.Exit(0 if is_sound(parts) else 1)


def demo(
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="Where the results go.")] = Path("out"),
) -> None:
    """Read the examples that ship, and show what comes out: a summary, a table, files, a store for the pages."""
    from service.demo import run_demo

    run_demo(out)


def add_commands(app: typer.Typer) -> None:
    """Put these commands, and what comes before every command, into the app."""
    app.callback()(start)
    app.command("settings")(show_settings)
    app.command()(doctor)
    app.command()(demo)
