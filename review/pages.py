"""The pages where people look: the queue, groups, documents, reports, findings and progress."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.form import load_forms
from models.numbers import State
from review.originals import read_view
from review.pages_cells import make_cell_view
from review.pages_compare import pair_cells, pair_sections
from review.pages_documents import make_document_view, show_cell
from review.pages_figures import list_people, make_progress_view
from review.pages_findings import read_finding, show_finding
from review.pages_forms import list_tied
from review.pages_groups import parse_value, show_group, show_tile
from review.pages_people import Reader, Reviewer, StoreIn, Viewer
from review.pages_templates import find_language, render
from review.pages_views import load_views
from review.pages_words import ORIGINS, REASONS, SOURCE_KINDS, find_word
from review.pages_years import check_years, make_year
from review.store import findings, leasing, progress, reports
from review.store.database import Store
from review.store.progress_people import measure_people

PAGE_ROWS = 50
GROUP_SIZE = 60
MOST_GROUPS = 24
MEDIA_TYPES = {"png": "image/png", "jpg": "image/jpeg"}
BIGGEST = 2**53
DocumentId = Annotated[int, Query(ge=1, le=BIGGEST)]
Name = Annotated[str, Query(max_length=200)]
router = APIRouter(include_in_schema=False)


def render_item(
    request: Request, store: Store, viewer: Viewer, item: Any, template: str = "cell_part.html"
) -> Response:
    """The part of the page that shows one item, or that there is none.

    The application keeps a `KeptCount` of the queue as `state.waiting`.
    """
    view = None
    if item is not None:
        names = list_tied(item.form, item.field)
        numbers = reports.read_numbers(store, item.document_id, item.form, names) if names else {}
        view = make_cell_view(item, numbers, load_views(store.files, item.sha256))
    waiting = request.app.state.waiting.tell()
    return render(request, template, viewer, item=view, waiting=waiting, here="cell")


@router.get("/")
def show_start(viewer: Reader) -> Response:
    """On to what the person does most."""
    return RedirectResponse("/review" if viewer.may("reviewer") else "/documents", 303)


@router.get("/review")
def show_cell_page(request: Request, viewer: Reviewer, store: StoreIn, document: DocumentId | None = None) -> Response:
    """The next question, large; of one document where it is named."""
    item = leasing.lease_item(store, viewer.name, document_id=document)
    return render_item(request, store, viewer, item, "cell.html")


@router.get("/groups")
def show_groups(
    request: Request, viewer: Reviewer, store: StoreIn, state: State | None = None, value: Name = ""
) -> Response:
    """Cells that were read alike."""
    return render(request, "group.html", viewer, here="group", **_find_group(store, viewer, state, value))


@router.get("/documents")
def show_reports(request: Request, viewer: Reader, store: StoreIn) -> Response:
    """Find reports."""
    return render(request, "reports.html", viewer, here="reports", **_find_reports(request, store))


@router.get("/documents/{document_id}")
def show_document(
    request: Request, viewer: Reader, store: StoreIn, document_id: int, form: Name = "", field: Name = ""
) -> Response:
    """One document: its source beside its forms."""
    row = _find_document(store, document_id)
    views = load_views(store.files, row.sha256)
    cells = reports.read_cells(store, document_id)
    around = reports.find_beside(store, row)
    beside = [year if year is None else make_year(year, reports.read_cells(store, year.document_id)) for year in around]
    view = make_document_view(row, cells, views, beside=beside, form=form, field=field)
    sizes = [{key: page[key] for key in ("page", "width", "height")} for page in view["pages"]]
    language = find_language(request)
    return render(
        request,
        "document.html",
        viewer,
        here="reports",
        page_sizes=sizes,
        about=lambda cell: _say_about(cell, language),
        earlier=around[0],
        error_message=row.error_message,
        **view,
    )


@router.get("/documents/{document_id}/record")
def show_record(viewer: Reader, store: StoreIn, document_id: int) -> Any:
    """The record as it was read."""
    _find_document(store, document_id)
    return reports.read_record(store, document_id)


@router.get("/documents/{document_id}/views/{name}")
def show_view(viewer: Reader, store: StoreIn, document_id: int, name: str) -> Response:
    """A picture of a page; nothing else that is stored is given."""
    row = _find_document(store, document_id)
    kind = MEDIA_TYPES.get(name.rpartition(".")[2])
    try:
        content = read_view(store.files, row.sha256, name) if kind and row.sha256 else None
    except ValueError:
        content = None
    if content is None:
        raise HTTPException(404, "没有这张图 / there is no such picture")
    return Response(content, media_type=kind, headers={"Cache-Control": "private, max-age=86400"})


@router.get("/documents/{document_id}/history")
def show_history(
    request: Request, viewer: Reader, store: StoreIn, document_id: int, form: Name, field: Name
) -> Response:
    """All that was said of a cell."""
    row = _find_document(store, document_id)
    cells = [cell for cell in reports.read_cells(store, document_id) if (cell.form, cell.field) == (form, field)]
    if not cells:
        raise HTTPException(404, "没有这一格 / there is no such cell")
    entries = [_show_entry(entry) for entry in reports.read_history(store, document_id, form, field)]
    return render(
        request, "history.html", viewer, here="reports", document=row, cell=show_cell(cells[0]), entries=entries
    )


@router.get("/compare")
def show_years(
    request: Request,
    viewer: Reader,
    store: StoreIn,
    earlier: DocumentId,
    later: DocumentId,
    *,
    all: bool = False,
) -> Response:
    """Two years of an agency side by side."""
    return render(request, "compare.html", viewer, here="reports", **_compare(store, earlier, later, all_cells=all))


@router.get("/progress")
def show_progress(request: Request, viewer: Reader, store: StoreIn) -> Response:
    """How far everything is."""
    view = make_progress_view(progress.measure_progress(store), find_language(request))
    seen = [one for one in measure_people(store) if viewer.may("admin") or one.person == viewer.name]
    return render(request, "progress.html", viewer, here="progress", people=list_people(seen), **view)


@router.get("/findings")
def show_findings(request: Request, viewer: Reader, store: StoreIn) -> Response:
    """Sums that do not hold."""
    return render(request, "findings.html", viewer, here="findings", **_find_findings(request, store))


def _find_document(store: Store, document_id: int) -> Any:
    row = reports.find_document(store, document_id) if 0 < document_id <= BIGGEST else None
    if row is None:
        raise HTTPException(404, "没有这份报告 / there is no such document")
    return row


def _find_group(store: Store, viewer: Viewer, state: State | None, value: str) -> dict[str, Any]:
    chosen = None if state is None else (state, parse_value(state, value))
    leasing.release_items(store, viewer.name)
    groups = [show_group(group, chosen) for group in leasing.count_groups(store, limit=MOST_GROUPS)]
    tiles = []
    if chosen is not None:
        items = leasing.lease_group(store, viewer.name, state=chosen[0], value=chosen[1], limit=GROUP_SIZE)
        sources = {item.sha256: load_views(store.files, item.sha256) for item in items}
        tiles = [show_tile(item, sources[item.sha256]) for item in items]
    shown = next((group for group in groups if group["current"]), None)
    text = shown["text"] if shown else value
    return {"groups": groups, "tiles": tiles, "chosen": chosen, "text": text, "state": state or "", "value": value}


def _find_reports(request: Request, store: Store) -> dict[str, Any]:
    wanted = _read_query(request, ("agency", "year", "form", "finding", "kind"))
    year, problem = _read_year(wanted["year"])
    query = reports.DocumentFilter(
        text=wanted["agency"] or None,
        year=year,
        form=wanted["form"] or None,
        finding=wanted["finding"] or None,
        source_kind=wanted["kind"] or None,
    )
    after = _read_after(request)
    rows = [] if problem else reports.find_documents(store, query, limit=PAGE_ROWS, after=after)
    before = reports.find_years_before(store, [row.document_id for row in rows])
    last = rows[-1].document_id if len(rows) == PAGE_ROWS else None
    return {
        "wanted": wanted,
        "documents": rows,
        "before": before,
        "problem": problem,
        "agencies": [agency for agency, *_ in reports.list_agencies(store, limit=200) if agency],
        "all_forms": list(load_forms()),
        "kinds": list(SOURCE_KINDS),
        "next_page": f"/documents?{urlencode(wanted | {'after': last})}" if last else None,
    }


def _find_findings(request: Request, store: Store) -> dict[str, Any]:
    wanted = _read_query(request, ("agency", "year", "kind"))
    year, problem = _read_year(wanted["year"])
    query = findings.FindingFilter(organization=wanted["agency"] or None, year=year, kind=wanted["kind"] or None)
    after = read_finding(request.query_params.get("after", ""))
    rows = [] if problem else findings.list_findings(store, query, limit=PAGE_ROWS, after=after)
    last = f"{rows[-1].record_id}-{rows[-1].position}" if len(rows) == PAGE_ROWS else None
    return {
        "wanted": wanted,
        "findings": [show_finding(row) for row in rows],
        "problem": problem,
        "counts": [] if after else findings.count_findings(store),
        "next_page": f"/findings?{urlencode(wanted | {'after': last})}" if last else None,
    }


def _read_query(request: Request, names: Iterable[str]) -> dict[str, str]:
    """Words of an address, as no database stumbles over them."""
    return {name: request.query_params.get(name, "").replace("\0", "")[:200] for name in names}


def _read_year(text: str) -> tuple[int | None, str]:
    if not text:
        return None, ""
    if text.isascii() and text.isdigit() and len(text) == 4:
        return int(text), ""
    return None, f"{text!r} 不是年度 / is no year"


def _read_after(request: Request) -> int | None:
    text = request.query_params.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _show_entry(entry: Any) -> dict[str, Any]:
    sides = {
        side: {
            "state": str(getattr(entry, f"{side}_state")),
            "value": getattr(entry, f"{side}_value"),
            "raw": getattr(entry, f"{side}_raw"),
        }
        if getattr(entry, f"{side}_state") is not None
        else None
        for side in ("before", "after")
    }
    names = ("action", "person", "at", "seconds", "note", "retracted")
    return {name: getattr(entry, name) for name in names} | sides


def _say_about(cell: dict[str, Any], language: str) -> str:
    """Who vouches for a cell, how sure the machine was and why it doubted."""
    reasons = [find_word(REASONS, code, language) for code in cell["reasons"]] if cell["origin"] == "open" else []
    who = cell["person"] if cell["person"] else find_word(ORIGINS, cell["origin"], language)
    return " · ".join([cell["unit"], f"{cell['confidence']:.4f}", who, *reasons])


def _compare(store: Store, earlier: int, later: int, *, all_cells: bool) -> dict[str, Any]:
    rows = [_find_document(store, earlier), _find_document(store, later)]
    found = [reports.read_cells(store, row.document_id) for row in rows]
    cells = [[show_cell(cell) for cell in row] for row in found]
    same_agency = rows[0].organization == rows[1].organization
    adjacent = same_agency and rows[0].year is not None and rows[1].year == rows[0].year + 1
    years = [make_year(row, row_cells) for row, row_cells in zip(rows, found, strict=True)]
    records = [reports.read_record(store, row.document_id) or {} for row in rows]
    pairs = pair_cells(cells[0], cells[1])
    sections = pair_sections(*(record.get("sections", []) for record in records))
    letters = sum(len("".join(s.text for s in repetition.stretches)) for _, repetition in sections)
    repeated = sum(repetition.share * len("".join(s.text for s in repetition.stretches)) for _, repetition in sections)
    return {
        "earlier": rows[0],
        "later": rows[1],
        "pairs": [pair for pair in pairs if all_cells or pair.differs],
        "changed": sum(pair.differs for pair in pairs),
        "sections": sections,
        "repeated": repeated / letters if letters else 0.0,
        "same_agency": same_agency,
        "checks": check_years(*years) if adjacent else [],
        "show_all": all_cells,
    }
