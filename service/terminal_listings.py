"""Settings and parts of the installation as tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.doctor_parts import MISSING, NOTE, OK, WRONG, Part
from service.settings import SettingEntry

STYLES = {OK: "green", NOTE: "yellow", MISSING: "yellow", WRONG: "red"}


def print_settings(entries: Sequence[SettingEntry], *, console: Console | None = None) -> None:
    """Name, value, origin and meaning of each; the variable of NAME is GOUJI_NAME."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("setting", "value", "from", "meaning"):
        table.add_column(name, overflow="fold", no_wrap=name == "from")
    for entry in entries:
        style = "" if entry.origin == "default" else "bold"
        table.add_row(
            Text(entry.name, style), Text(_show(entry.value), style), entry.origin, Text(entry.meaning, "dim")
        )
    console = console or Console()
    console.print(table)
    console.print(Text("NAME is set by GOUJI_NAME in the environment, or by NAME = … in gouji.toml.", style="dim"))


def _show(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def print_parts(parts: Sequence[Part], *, console: Console | None = None) -> None:
    """A line a part, with what follows where one is not there."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("part", "state", "what is there", "what that means"):
        table.add_column(name, overflow="fold", no_wrap=name == "state")
    for part in parts:
        bad = part.needed and part.state in (MISSING, WRONG)
        state = Text(part.state, "bold red" if bad else STYLES[part.state])
        table.add_row(Text(part.name), state, Text(part.detail), Text(part.means))
    console = console or Console()
    console.print(table)
    faults = [part.name for part in parts if part.needed and part.state in (MISSING, WRONG)]
    told = f"needed and not right: {', '.join(faults)}" if faults else "all that is needed is there"
    console.print(Text(told, style="bold red" if faults else "bold green"))
