"""`gouji store link`, `… agencies`, `… copies`, `… coverage`: what is found over all reports of a store."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.store_commands import Url, open_named_store

if TYPE_CHECKING:
    from review.store.database import Store

Limit = Annotated[int, typer.Option("--limit", min=1, help="How many to list.")]
Person = Annotated[str, typer.Option("--by", envvar="USER", help="Who says so.")]


def link(store: Url) -> None:
    """Put names of agencies together, link copies, and compare figures over the years; what people said stays."""
    link_and_tell(open_named_store(store))


def link_and_tell(store: Store) -> None:
    """Link what is new in a store, and say what was found."""
    from service.linking import link_reports

    linked = link_reports(store, lambda text: typer.echo(text, err=True))
    typer.echo(
        f"linked: {linked.documents:,} documents, {linked.names:,} names of agencies new or changed,"
        f" {linked.linked:,} copies linked, {linked.proposed:,} proposed, {linked.findings:,} findings over years"
    )


def agencies(
    store: Url,
    assign: Annotated[
        tuple[str, str] | None,
        typer.Option("--set", help="NAME AGENCY: the printed name is that agency.", show_default=False),
    ] = None,
    by: Person = "unknown",
    limit: Limit = 50,
) -> None:
    """List names of agencies that a person should look at, the least sure first; or say which agency a name is."""
    from review.store.links import list_names_for_review, set_agency

    opened = open_named_store(store)
    if assign is not None:
        try:
            set_agency(opened, *assign, person=by)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--set") from error
        return
    for printed, agency, rule, confidence in list_names_for_review(opened, limit=limit):
        typer.echo(f"{confidence:.2f}  {rule:12} {printed} -> {agency}")


def copies(
    store: Url,
    status: Annotated[str, typer.Option(help="linked, proposed or refused.")] = "proposed",
    confirm: Annotated[
        tuple[int, int] | None, typer.Option("--link", help="Two documents are one report.", show_default=False)
    ] = None,
    refuse: Annotated[
        tuple[int, int] | None, typer.Option("--refuse", help="Two documents are two reports.", show_default=False)
    ] = None,
    by: Person = "unknown",
    limit: Limit = 50,
) -> None:
    """List pairs of documents that may be one report, the least alike first; or say what they are."""
    from review.store.links import decide_copy, list_copies

    opened = open_named_store(store)
    if confirm is not None or refuse is not None:
        try:
            for pair, linked in ((confirm, True), (refuse, False)):
                if pair is not None:
                    decide_copy(opened, *pair, linked=linked, person=by)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        return
    for entry in list_copies(opened, status, limit=limit):
        shown = entry.evidence
        typer.echo(
            f"{entry.score:.3f}  {entry.first_id} {entry.second_id}: {shown['equal']} of {shown['cells']} cells equal,"
            f" {shown['text']:.0%} of the words" + (f", by {entry.person}" if entry.person else "")
        )


def coverage(
    store: Url,
    out: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help="A .csv file of all agencies.", show_default=False)
    ] = None,
    first: Annotated[
        int | None, typer.Option("--from", help="Year; else each agency's first.", show_default=False)
    ] = None,
    last: Annotated[
        int | None, typer.Option("--to", help="Year; else the newest of the store.", show_default=False)
    ] = None,
    limit: Limit = 50,
) -> None:
    """Which years of which agencies are there, and which are missing."""
    from review.store.links import iter_coverage

    rows = list(iter_coverage(open_named_store(store), first=first, last=last))
    if out is not None:
        with out.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("agency", "province", "prefecture", "county", "years", "missing"))
            for row in rows:
                places = (row.province, row.prefecture, row.county)
                writer.writerow(
                    (row.agency, *places, *(" ".join(map(str, years)) for years in (row.years, row.missing)))
                )
    there, missing = sum(len(row.years) for row in rows), sum(len(row.missing) for row in rows)
    gaps = [row for row in rows if row.missing]
    typer.echo(f"{len(rows):,} agencies, {there:,} agency-years, {missing:,} missing of {len(gaps):,} agencies")
    for row in gaps[:limit]:
        typer.echo(f"  {row.agency}: {' '.join(map(str, row.missing))} missing, {' '.join(map(str, row.years))} there")


def add_commands(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (link, agencies, copies, coverage):
        app.command()(command)
