"""Commands around decoding: `gouji policy fit | show`, `gouji check`, `gouji explain`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from extraction.explaining import Explanation

policy_app = typer.Typer(name="policy", help="What is promised of accepted cells.", no_args_is_help=True)
Records = Annotated[Path, typer.Argument(help="Records as `gouji extract` writes them.", exists=True, dir_okay=False)]


def add_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(policy_app)
    app.command()(check)
    app.command()(explain)


@policy_app.command("fit")
def fit_policy(  # noqa: PLR0913, PLR0917
    target: Annotated[str, typer.Argument(help="Share of accepted cells that may be wrong: 1/2000 or 0.0005.")],
    certainty: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Of keeping it.")] = 0.95,
    method: Annotated[
        str,
        typer.Option(help="gamma (for documents like those seen), betting (nothing assumed), share (no certainty)."),
    ] = "gamma",
    documents: Annotated[
        Path | None, typer.Option(help="Folder of documents with their truth; without it they are generated.")
    ] = None,
    count: Annotated[int, typer.Option(min=20, help="Documents to generate.")] = 3000,
    seed: Annotated[int, typer.Option(help="Seed of the generated documents.")] = 11,
    folder: Annotated[Path | None, typer.Option(help="Folder of models; without it those that ship.")] = None,
) -> None:
    """Find the threshold that keeps a target on held-out documents, and store it beside the models."""
    from extraction.pipeline import load_reader
    from models.policy import save_promise
    from models.trained import TRAINED_FOLDER
    from training.policy_fitting import SPLIT, fit_promise, generate_records, read_records
    from training.risk import BOUNDS

    share = _read_share(target)
    if method not in BOUNDS:
        raise typer.BadParameter(f"known are {', '.join(BOUNDS)}", param_hint="--method")
    where = folder or TRAINED_FOLDER
    reader = load_reader(folder=where)
    found = generate_records(reader, count=count, seed=seed) if documents is None else read_records(reader, documents)
    data: dict[str, Any] = {"kind": "documents"}
    if documents is None:
        data = {"kind": "synthetic", "documents": count, "seed": seed, "split": SPLIT}
    promises = fit_promise(
        found, target=share, certainty=certainty, method=method, data=data, echo=lambda text: typer.echo(text, err=True)
    )
    if not promises:
        raise typer.BadParameter("no document with a truth could be read", param_hint="--documents")
    for promise in promises:
        save_promise(promise, folder=where)
    show_policy(folder=where)
    raise typer.Exit(0 if all(promise.certified for promise in promises) else 1)


@policy_app.command("show")
def show_policy(
    folder: Annotated[Path | None, typer.Option(help="Folder of models; without it those that ship.")] = None,
) -> None:
    """Say what is promised, for which kind of source, on what grounds."""
    from models.policy import load_promises
    from models.trained import TRAINED_FOLDER

    promises = load_promises(folder=folder or TRAINED_FOLDER)
    if not promises:
        typer.echo("no policy was fitted: cells are accepted by the threshold of the model, without a promise")
    for kind, promise in promises.items():
        share = Fraction(promise.target).limit_denominator(10**6)
        state = f"accepted from confidence {promise.threshold:.6f} on" if promise.certified else "nothing is accepted"
        typer.echo(f"{kind}: at most {share} of the accepted cells wrong, with certainty {promise.certainty}: {state}")
        typer.echo(
            f"  bound {promise.bound:.2g} by {promise.method}; {promise.wrong} wrong of {promise.accepted} accepted "
            f"cells of {promise.units} agencies; one more agency was thought to bring {promise.largest:.1f} wrong"
        )
        typer.echo(f"  fitted on {json.dumps(promise.data)} for the models {json.dumps(promise.models)}")


def check(
    records: Records,
    as_json: Annotated[bool, typer.Option("--json", help="One finding (JSON) a line.")] = False,  # noqa: FBT002
) -> None:
    """Compare the reports of one agency: what is carried over the years, and copies of one report."""
    from extraction.years import check_years, make_year_entry
    from models.decoding import load_priors

    findings = list(check_years(_read_lines(records), priors=load_priors()))
    for finding in findings:
        if as_json:
            typer.echo(json.dumps(make_year_entry(finding), ensure_ascii=False))
            continue
        years = "/".join(dict.fromkeys(map(str, finding.years)))
        cells = ", ".join(f"{year} {field}" for year, field in finding.cells)
        typer.echo(f"{finding.organization} {years} {finding.identity} ({finding.kind}): {cells}")
        typer.echo(f"  {finding.left} there, {finding.right} expected; {finding.sources[0]}, {finding.sources[1]}")
        for repair in finding.repairs:
            typer.echo(f"  {repair.probability:.2f}  {repair.reason}")
    typer.echo(f"{len(findings)} findings", err=True)
    raise typer.Exit(1 if findings else 0)


def explain(
    records: Records,
    cell: Annotated[str, typer.Argument(help="The id of a cell, as requests.new.total.")],
    source: Annotated[str | None, typer.Option(help="Of the records only that of this source.")] = None,
) -> None:
    """Say why a cell has its confidence: candidates, sums, witnesses, and what each is worth."""
    from extraction.explaining import explain_cell
    from models.decoding import load_priors

    priors, found = load_priors(), False
    for record in _read_lines(records):
        if source in (None, record.get("source")):
            try:
                explanation = explain_cell(record, cell, priors=priors)
            except KeyError:
                continue
            found = True
            typer.echo(f"{record['source']}  {cell}")
            for line in write_explanation(explanation):
                typer.echo(f"  {line}")
    if not found:
        raise typer.BadParameter("no record has such a cell", param_hint="CELL")


def write_explanation(explanation: Explanation) -> Iterator[str]:
    """An explanation in lines of text."""
    cell, decoded = explanation.cell, explanation.decoded
    decision = "review: " + ", ".join(cell["reasons"]) if cell["review"] else "accepted"
    yield f"{cell['state']} {cell['value']} (printed {cell['raw']!r}), confidence {cell['confidence']}, {decision}"
    yield f"decoded by {explanation.method}: alone {explanation.alone:.6f}, with sums {decoded.confidence:.6f}"
    for place, (candidate, posterior) in enumerate(zip(decoded.candidates, decoded.posterior, strict=True)):
        mark = "*" if place == decoded.chosen else " "
        yield f"{mark} candidate {candidate.text!r}: {candidate.probability:.6f} by its picture, {posterior:.6f} after"
    yield f"  anything else: {decoded.rest:.6f}"
    for effect in explanation.sums:
        check_, gain = effect.check, decoded.confidence - effect.without
        yield f"sum {check_.identity.identity_id} {check_.status.value} ({check_.left} and {check_.right}): {gain:+.6f}"
    for said in explanation.witnesses:
        gain = decoded.confidence - said.without
        yield f"{said.witness.origin} says {said.witness.value} ({said.witness.confidence:.3f}): {gain:+.6f}"
    if not decoded.tied:
        yield "no sum and no witness says anything of it"
    for repair in explanation.repairs:
        yield f"proposal {repair.probability:.3f}: {repair.reason}"


def _read_share(text: str) -> float:
    try:
        share = float(Fraction(text))
    except (ValueError, ZeroDivisionError) as error:
        raise typer.BadParameter("a share as 1/2000 or 0.0005", param_hint="TARGET") from error
    if not 0 < share < 1:
        raise typer.BadParameter("a share between 0 and 1", param_hint="TARGET")
    return share


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
            except ValueError as error:
                raise typer.BadParameter(f"line {number} of {path} is no record", param_hint="RECORDS") from error
            if not isinstance(record, dict) or "source" not in record:
                raise typer.BadParameter(f"line {number} of {path} is no record", param_hint="RECORDS")
            yield record
