"""Pages of reference, made from the code: commands, HTTP API, settings. The record has record_page.py."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MADE = "Made from the code when the site is built."


def make_commands_page() -> str:
    """Every command with its arguments and options, as the command itself knows them."""
    import typer.main

    from service.command import app

    root = typer.main.get_command(app)
    parts = [f"# Commands\n\n{MADE} `gouji COMMAND --help` says the same.\n"]
    parts.append("## gouji\n\nBefore every command:\n\n" + "\n".join(_list_parameters(root)) + "\n")
    parts += [part for name, command in _walk(root, "gouji") for part in _describe_command(name, command)]
    parts.append(
        "## Exit status\n\n0 when all went well, 1 when some of it did not (a document that could not be read, a part "
        "that `gouji doctor` misses, a promise that could not be made), 2 for wrong usage.\n"
    )
    return "\n".join(parts)


def _walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    for key, child in command.commands.items():
        path = f"{name} {key}"
        if hasattr(child, "commands"):
            yield from _walk(child, path)
        else:
            yield path, child


def _describe_command(name: str, command: Any) -> Iterator[str]:
    arguments = [entry for entry in command.params if entry.param_type_name == "argument"]
    shown = " ".join(_name_argument(entry) for entry in arguments)
    yield f"## {name}\n"
    yield f"{command.help}\n"
    yield f"```text\n{name} {shown}{' ' if shown else ''}[OPTIONS]\n```\n"
    yield "\n".join(_list_parameters(command)) + "\n"


def _name_argument(entry: Any) -> str:
    name = str(entry.metavar or entry.name).upper() + ("…" if entry.nargs == -1 else "")
    return name if entry.required else f"[{name}]"


def _list_parameters(command: Any) -> Iterator[str]:
    entries = [entry for entry in command.params if entry.name != "help" and not entry.hidden]
    if not entries:
        yield "It has no options."
        return
    yield "| option | meaning | default | variable |"
    yield "| --- | --- | --- | --- |"
    for entry in entries:
        names = ", ".join(f"`{name}`" for name in (*entry.opts, *entry.secondary_opts))
        if entry.param_type_name == "argument":
            names = f"`{_name_argument(entry)}`"
        variable = f"`{entry.envvar}`" if isinstance(entry.envvar, str) else ""
        yield f"| {names} | {_escape(entry.help or '')} | {_show_default(entry)} | {variable} |"


def _show_default(entry: Any) -> str:
    if entry.required:
        return "needed"
    if entry.name == "workers" and entry.default == (os.cpu_count() or 1):
        return "the cores"
    if entry.default is None or entry.default is False or callable(entry.default):
        return ""
    return f"`{_escape(str(entry.default))}`"


def _escape(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def make_settings_page() -> str:
    """Every setting with its variable, default and meaning."""
    from service.settings import Settings, find_variable, mask_value

    lines = [
        f"# Settings\n\n{MADE} `gouji settings` prints what counts now, and where it is from.\n",
        "A setting counts in this order: the flag of a command, the environment, the file `gouji.toml`, the default;",
        "see [installing and settings](../installing.md#settings).\n",
        "| in gouji.toml | in the environment | default | meaning |",
        "| --- | --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{_escape(str(mask_value(field.default)))}`"
        lines.append(f"| `{name}` | `{find_variable(name)}` | {default} | {_escape(field.description or '')} |")
    lines += ["| | `GOUJI_SETTINGS` | `gouji.toml` | The settings file, as `gouji --settings` names it. |", ""]
    return "\n".join(lines)


def make_api_page() -> str:
    """Every route of the HTTP API, out of its OpenAPI."""
    from review.store.database import open_store
    from service.api import create_app, make_schema
    from service.api_settings import ServiceSettings

    with tempfile.TemporaryDirectory() as folder:
        store = open_store(str(Path(folder) / "empty.db"))
        schema = make_schema(create_app(store, ServiceSettings(read_uploads=False)))
        store.engine.dispose()
    parts = [
        f"# HTTP API\n\n{MADE} `gouji serve` gives the same as OpenAPI at `/openapi.json`.\n",
        "Programs log in with a token (`Authorization: Bearer …`), made on the page of one's account or by "
        "`POST /api/v1/tokens`. Refusals are JSON with `detail`. How people use it is in [pages](../pages.md).\n",
    ]
    for path, methods in schema["paths"].items():
        for method, entry in methods.items():
            parts += _describe_route(f"{method.upper()} {path}", entry)
    parts.append("## Objects\n")
    for name, model in sorted(schema["components"].get("schemas", {}).items()):
        parts += _describe_model(name, model)
    return "\n".join(parts)


def _describe_route(title: str, entry: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {title}\n"
    yield f"{entry.get('description') or entry.get('summary', '')}\n"
    if parameters := entry.get("parameters"):
        yield "| parameter | in | type | meaning |\n| --- | --- | --- | --- |"
        for given in parameters:
            kind = _name_type(given.get("schema", {}))
            name = f"`{given['name']}`" + (" (needed)" if given.get("required") else "")
            yield f"| {name} | {given['in']} | {kind} | {_escape(given.get('description', ''))} |"
        yield ""
    for kind, body in entry.get("requestBody", {}).get("content", {}).items():
        yield f"Body: `{kind}`, {_name_type(body.get('schema', {}))}.\n"
    yield "| status | is |\n| --- | --- |"
    for status, answer in sorted(entry.get("responses", {}).items()):
        kinds = [_name_type(content.get("schema", {})) for content in answer.get("content", {}).values()]
        shown = f": {', '.join(dict.fromkeys(kinds))}" if kinds and status < "400" else ""
        yield f"| {status} | {_escape(answer.get('description', ''))}{shown} |"
    yield ""


def _describe_model(name: str, model: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {name}\n"
    if text := model.get("description"):
        yield f"{text}\n"
    if fields := model.get("properties"):
        yield "| field | type | meaning |\n| --- | --- | --- |"
        for key, field in fields.items():
            yield f"| `{key}` | {_name_type(field)} | {_escape(field.get('description', ''))} |"
        yield ""


def _name_type(schema: Mapping[str, Any]) -> str:
    """A type as a few words; one of the objects by its name."""
    if reference := schema.get("$ref"):
        name = str(reference).rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_name_type(part) for part in schema[key]))
    if values := schema.get("enum"):
        return ", ".join(f"`{value}`" for value in values)
    if schema.get("type") == "array":
        return f"list of {_name_type(schema.get('items', {}))}"
    return str(schema.get("type", "anything"))
