"""`gouji serve`, `gouji user` and `gouji work`: the service on this machine, and who may come in."""

from __future__ import annotations

import os
import threading
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from service.run_limits import TIME_LIMIT
from service.store_commands import open_named_store

Store = Annotated[
    str | None, typer.Option("--store", envvar="GOUJI_STORE", help="A file of SQLite, or a PostgreSQL URL.")
]
Files = Annotated[
    str | None, typer.Option("--files", envvar="GOUJI_FILES", help="Folder or bucket of originals and pictures.")
]
TimeLimit = Annotated[float | None, typer.Option(min=1, envvar="GOUJI_TIME_LIMIT", help="Seconds a document may take.")]
users = typer.Typer(name="user", help="People who may log in.", no_args_is_help=True)


def serve(
    store: Store = None,
    files: Files = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; this machine alone by default.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535)] = None,
    allowed_host: Annotated[
        list[str] | None, typer.Option(help="Names by which browsers may ask for it, beside localhost.")
    ] = None,
    https: Annotated[bool, typer.Option("--https", help="It stands behind HTTPS: cookies go no other way.")] = False,  # noqa: FBT002
) -> None:
    """Serve the pages and the API; prints the address."""
    import uvicorn

    from review.store.people import list_users
    from service.api import create_app

    given = {"host": host, "port": port}
    settings = _choose(store, files)
    settings = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    settings.allowed_hosts += [settings.host, *(allowed_host or [])]
    settings.secure_cookies = settings.secure_cookies or https
    models = _find_models()
    opened = open_named_store(settings.store, settings.files)
    if not list_users(opened):
        typer.echo("nobody may log in yet: gouji user add NAME --role admin", err=True)
    config = uvicorn.Config(
        create_app(opened, settings, models=models),
        host=settings.host,
        port=settings.port,
        access_log=False,
        server_header=False,
        log_level="warning",
    )
    opened_port = config.bind_socket()  # ends the command where another program has it
    typer.echo(f"http://{settings.host}:{opened_port.getsockname()[1]}/")
    uvicorn.Server(config).run(sockets=[opened_port])


def work(
    store: Store = None,
    files: Files = None,
    time_limit: TimeLimit = None,
) -> None:
    """Read uploads from the queue of a store, beside a server or on another machine; ends with Ctrl-C."""
    from service.api_intake import open_reader
    from service.api_metrics import make_logger
    from service.api_worker import read_uploads

    settings, models = _choose(store, files), _find_models()
    stop = threading.Event()
    try:
        read_uploads(
            open_named_store(settings.store, settings.files),
            stop,
            open_child=partial(open_reader, time_limit=time_limit or settings.time_limit, models=models),
            record=lambda end: None,
            logger=make_logger(),
            lease=settings.upload_lease,
        )
    except KeyboardInterrupt:
        stop.set()


def views(
    store: Store = None,
    files: Files = None,
    time_limit: TimeLimit = None,
) -> None:
    """Draw the pages of documents that came by `gouji store load --originals`, for those who correct them."""
    from service.api_intake import open_reader
    from service.api_worker import make_missing_views

    open_child = partial(open_reader, time_limit=time_limit or TIME_LIMIT, models=_find_models())
    for name, count in make_missing_views(_open(store, files), open_child):
        typer.echo(f"{name}: {count} views")


@users.command("add")
def add(
    name: Annotated[str, typer.Argument(help="How the person logs in.", show_default=False)],
    role: Annotated[str, typer.Option(help="reader, reviewer or admin.")] = "reviewer",
    store: Store = None,
    files: Files = None,
) -> None:
    """Add a user. The password is asked for, or taken from GOUJI_USER_PASSWORD; never from the command line."""
    from review.pages_words import pick_language
    from service.api_account_pages import add_user

    opened = _open(store, files)
    if problem := add_user(opened, name, _ask_password(), role):
        typer.echo(pick_language(problem, "en"), err=True)
        raise typer.Exit(1)
    typer.echo(f"{name} may log in as {role}")


@users.command("list")
def show(store: Store = None, files: Files = None) -> None:
    """Print the users with their roles."""
    from review.store.people import list_users

    for user in list_users(_open(store, files)):
        typer.echo(f"{user.name}\t{user.role}\t{'active' if user.active else 'off'}")


@users.command("change")
def change(
    name: Annotated[str, typer.Argument(show_default=False)],
    role: Annotated[str | None, typer.Option(help="reader, reviewer or admin.")] = None,
    active: Annotated[bool | None, typer.Option("--on/--off", help="Whether the user may log in.")] = None,
    password: Annotated[bool, typer.Option("--password", help="Ask for a new password.")] = False,  # noqa: FBT002
    store: Store = None,
    files: Files = None,
) -> None:
    """Change the role or the password of a user, or shut them out."""
    from review.pages_people import ROLES
    from review.pages_words import pick_language
    from review.store.people import change_user
    from service.access_passwords import PasswordError, hash_password

    if role is not None and role not in ROLES:
        raise typer.BadParameter(f"known are {', '.join(ROLES)}", param_hint="--role")
    try:
        hashed = hash_password(_ask_password()) if password else None
    except PasswordError as error:
        typer.echo(pick_language(str(error), "en"), err=True)
        raise typer.Exit(1) from error
    if not change_user(_open(store, files), name, password_hash=hashed, role=role, active=active):
        typer.echo(f"there is no user {name}", err=True)
        raise typer.Exit(1)


def _open(store: str | None, files: str | None) -> Any:
    settings = _choose(store, files)
    return open_named_store(settings.store, settings.files)


def _choose(store: str | None, files: str | None) -> Any:
    """The settings with what the command line says instead."""
    from service.settings import SettingsError, read_service_settings

    try:
        settings = read_service_settings()
    except SettingsError as error:
        raise typer.BadParameter(str(error), param_hint="GOUJI_…") from error
    given = {name: value for name, value in (("store", store), ("files", files)) if value is not None}
    return settings.model_copy(update=given)


def _find_models() -> Path | None:
    """The models that GOUJI_MODELS names; None for those that ship."""
    from service.model_choice import ModelError, find_models

    try:
        return find_models(None)
    except ModelError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def _ask_password() -> str:
    """From the environment, for scripts, else asked twice without being shown."""
    given = os.environ.get("GOUJI_USER_PASSWORD")
    return given if given is not None else str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
