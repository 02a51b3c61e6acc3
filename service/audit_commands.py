"""`gouji audit`: accuracy in use by random samples of accepted cells, and signs of drift."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from service.training_commands import Tracked

audit_app = typer.Typer(help="Accuracy in use: random samples of accepted cells, signs of drift.", no_args_is_help=True)
Records = Annotated[Path, typer.Argument(help="Records of `gouji extract`.", exists=True, dir_okay=False)]


@audit_app.command("draw")
def draw(
    records: Records,
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="The questions (JSONL), to be answered.")],
    size: Annotated[int, typer.Option(min=1, help="About how many.")] = 300,
    seed: Annotated[int, typer.Option(help="Seed.")] = 1,
    month: Annotated[str | None, typer.Option(help="When the records were read, as 2026-11; without it now.")] = None,
) -> None:
    """Draw accepted cells by chance, within month, source kind and model version, whatever their confidence is."""
    from training.auditing import draw_audit

    drawn = draw_audit(_read_lines(records), month=_find_month(month), size=size, seed=seed)
    if not drawn:
        raise typer.BadParameter(f"{records} holds no accepted cells", param_hint="RECORDS")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in drawn), "utf-8")
    typer.echo(
        f"{len(drawn)} questions on {sum({_stratum(r): r['population'] for r in drawn}.values())} accepted cells"
    )


@audit_app.command("estimate")
def estimate(
    answers: Annotated[Path, typer.Argument(help="The questions with `after`.", exists=True, dir_okay=False)],
    certainty: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Of the intervals.")] = 0.95,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,  # noqa: FBT002
    track: Tracked = True,  # noqa: FBT002
) -> None:
    """Estimate how many accepted cells are wrong, with intervals, by month, source kind and model version."""
    from training.auditing import estimate_audit

    try:
        audit = estimate_audit(_read_lines(answers), certainty=certainty)
    except (ValueError, KeyError, TypeError) as error:
        raise typer.BadParameter(f"{answers}: {error}", param_hint="ANSWERS") from error
    data = audit.as_data()
    if as_json:
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        typer.echo(_describe(data))
    if track:
        _keep_audit(answers.name, data)


@audit_app.command("drift")
def drift(
    reference: Annotated[Path, typer.Argument(help="Records of usual documents.", exists=True, dir_okay=False)],
    records: Annotated[Path, typer.Argument(help="Records of now.", exists=True, dir_okay=False)],
    track: Tracked = True,  # noqa: FBT002
) -> None:
    """Look for signs that documents have changed; exit status 1 where there is an alarm."""
    from service.tracked_runs import log_entry
    from training.drift import describe_signs, find_drift, measure_profile
    from training.tracking import RunEntry

    try:
        signs = find_drift(*(measure_profile(_read_lines(path)) for path in (reference, records)))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(describe_signs(signs))
    alarms = [sign.name for sign in signs if sign.alarm]
    if track:
        names = {"reference": reference.name, "records": records.name}
        measures = {sign.name: sign.as_data() for sign in signs}
        log_entry(RunEntry("drift", f"drift {records.name}", names, measures, {"alarms": " ".join(alarms) or "none"}))
    raise typer.Exit(1 if alarms else 0)


def _keep_audit(name: str, data: dict[str, Any]) -> None:
    from service.tracked_runs import find_tracker, log_entry
    from training.plots import draw_series, save_figure
    from training.tracking import RunEntry

    tracker = find_tracker()
    if tracker is None:
        return
    months = [
        (month, 1e4 * found["error"], 1e4 * found["low"], 1e4 * found["high"])
        for month, found in data["by_month"].items()
    ]
    figure = draw_series(months, "Errors that nobody saw, by month", unit="of 10,000 accepted cells")
    with tempfile.TemporaryDirectory() as folder:
        plot = save_figure(figure, Path(folder) / "audit-by-month.png")
        files: dict[str, str | Path] = {
            "audit.json": json.dumps(data, ensure_ascii=False, indent=2), "plots/audit-by-month.png": plot
        }  # fmt: skip
        parameters = {"answers": name, "certainty": data["certainty"]}
        log_entry(RunEntry("audit", f"audit {name}", parameters, data, files=files), tracker=tracker)


def _describe(data: dict[str, Any]) -> str:
    total = data["total"]
    lines = [f"{'':28}{'accepted':>10}{'answered':>10}{'wrong':>7}{'error rate':>12}  {data['certainty']:.0%} interval"]
    groups = [("all", total)]
    for part in ("month", "source_kind", "model"):
        groups += [(f"{part.replace('_', ' ')} {name}", found) for name, found in data[f"by_{part}"].items()]
    for name, found in groups:
        lines.append(
            f"{name:28}{found['population']:>10}{found['answered']:>10}{found['wrong']:>7}{found['error']:>12.5f}"
            f"  {found['low']:.5f} to {found['high']:.5f}"
        )
    if data["unanswered"] or data["uncovered"]:
        lines.append(f"not answered: {data['unanswered']} questions; without any answer: {data['uncovered']} cells")
    return "\n".join(lines)


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Lines of JSON; raises `BadParameter` for another."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise typer.BadParameter(f"{path}, line {number}: no JSON: {error}") from error
                if not isinstance(row, dict):
                    raise typer.BadParameter(f"{path}, line {number}: no object")
                yield row


def _find_month(month: str | None) -> str:
    if month is None:
        return datetime.now(UTC).strftime("%Y-%m")
    try:
        return datetime.strptime(month, "%Y-%m").strftime("%Y-%m")
    except ValueError as error:
        raise typer.BadParameter(f"{month} is no month as 2026-11", param_hint="--month") from error


def _stratum(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[part]) for part in ("month", "source_kind", "model"))
