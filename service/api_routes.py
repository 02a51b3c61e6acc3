"""The JSON API for programs: uploads, documents, records, cells, findings, exports, policy."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query
from fastapi import Path as PathPart
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from models.form import load_forms
from models.policy import NEVER, choose_thresholds, load_promises
from review.corrections import add_labels
from review.exports import write_export
from review.originals import read_original
from review.pages import BIGGEST
from review.pages_findings import read_finding
from review.pages_people import Reader, Reviewer, StoreIn
from review.store import findings, progress, reports, uploads
from review.store.database import Store
from review.store.kinds import dump_json
from review.store.rows import iter_corrections
from service.access import FormIn, SettingsIn
from service.api_models import Fault, PolicyOut, PromiseOut, UploadOut
from service.api_uploads import UploadRefused, take_uploads

CHUNK = 2**16
DocumentId = Annotated[int, PathPart(ge=1, lt=BIGGEST)]
Words = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]
Year = Annotated[int | None, Query(ge=1990, le=2100)]
Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[int | None, Query(ge=1, lt=BIGGEST)]
Format = Literal["csv", "xlsx", "parquet", "jsonl"]
FAULTS: dict[int | str, dict[str, Any]] = {
    401: {"model": Fault, "description": "no login or token"},
    403: {"model": Fault, "description": "the role or the CSRF token is missing"},
    413: {"model": Fault, "description": "too large"},
}
MISSING: dict[int | str, dict[str, Any]] = {404: {"model": Fault, "description": "there is no such thing"}}
UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            }
        },
    }
}
BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
router = APIRouter(prefix="/api/v1", tags=["documents"], responses=FAULTS)
REFUSED: dict[int | str, dict[str, Any]] = {
    415: {"model": Fault, "description": "a kind of file that is not read"},
    422: {"model": Fault, "description": "no files, or names that are not allowed"},
    503: {"model": Fault, "description": "too many uploads are waiting"},
}


@router.post("/uploads", status_code=202, openapi_extra=UPLOAD_BODY, responses=REFUSED)
async def add_uploads(viewer: Reviewer, store: StoreIn, settings: SettingsIn, form: FormIn) -> list[UploadOut]:
    """Put documents into the queue; ask for each upload until it is `done` or `failed`."""
    try:
        added = await take_uploads(store, settings, form, viewer.name)
    except UploadRefused as refused:
        raise HTTPException(refused.status, refused.message) from refused
    return [UploadOut.model_validate(upload) for upload in added]


@router.get("/uploads")
def list_uploads(viewer: Reviewer, store: StoreIn, limit: Limit = 50, after: After = None) -> list[UploadOut]:
    """Uploads, the newest first; on from the one with the number `after`."""
    return [UploadOut.model_validate(row) for row in uploads.list_uploads(store, limit=limit, after=after)]


@router.get("/uploads/{upload_id}", responses=MISSING)
def find_upload(viewer: Reviewer, store: StoreIn, upload_id: Annotated[int, PathPart(ge=1, lt=BIGGEST)]) -> UploadOut:
    """One upload and how far it is."""
    found = uploads.find_upload(store, upload_id)
    if found is None:
        raise HTTPException(404, "there is no such upload")
    return UploadOut.model_validate(found)


def find_row(store: Store, document_id: int) -> reports.DocumentRow:
    """A document; raises `HTTPException` 404 where there is none."""
    row = reports.find_document(store, document_id)
    if row is None:
        raise HTTPException(404, "there is no such document")
    return row


@router.get("/documents")
def list_documents(  # noqa: PLR0913, PLR0917
    viewer: Reader,
    store: StoreIn,
    organization: Words = None,
    text: Words = None,
    year: Year = None,
    form: Words = None,
    finding: Words = None,
    kind: Words = None,
    sha256: Annotated[str | None, Query(pattern=r"^[0-9a-f]{64}$")] = None,
    limit: Limit = 50,
    after: After = None,
) -> list[reports.DocumentRow]:
    """Documents, the newest first; on from the one with the number `after`. `kind`: `text`, `html`, `pdf`, `scan` …"""
    wanted = reports.DocumentFilter(
        organization=organization, text=text, year=year, form=form, finding=finding, source_kind=kind, sha256=sha256
    )
    return reports.find_documents(store, wanted, limit=limit, after=after)


@router.get("/documents/{document_id}", responses=MISSING)
def find_document(viewer: Reader, store: StoreIn, document_id: DocumentId) -> reports.DocumentRow:
    """One document."""
    return find_row(store, document_id)


@router.get("/documents/{document_id}/record", responses=MISSING)
def read_record(
    viewer: Reader,
    store: StoreIn,
    document_id: DocumentId,
    version: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
) -> dict[str, Any]:
    """The record as it was read, the newest version or the one wanted."""
    record = reports.read_record(store, document_id, version)
    if record is None:
        raise HTTPException(404, "there is no such record")
    return record


@router.get("/documents/{document_id}/versions", responses=MISSING)
def list_versions(viewer: Reader, store: StoreIn, document_id: DocumentId) -> list[reports.VersionRow]:
    """The versions of the record, the oldest first, with the models that read each."""
    find_row(store, document_id)
    return reports.list_versions(store, document_id)


@router.get("/documents/{document_id}/cells", responses=MISSING)
def read_cells(viewer: Reader, store: StoreIn, document_id: DocumentId) -> list[reports.CellRow]:
    """The cells: what the machine read, and what they are now. Values are exact, as strings of digits."""
    find_row(store, document_id)
    return reports.read_cells(store, document_id)


@router.get("/documents/{document_id}/original", responses=MISSING | {200: {"content": {"*/*": BINARY}}})
def read_document(viewer: Reader, store: StoreIn, document_id: DocumentId) -> Response:
    """The bytes of the document as they came."""
    row = find_row(store, document_id)
    content = read_original(store.files, row.sha256) if row.sha256 else None
    if content is None:
        raise HTTPException(404, "the bytes of this document are not kept")
    name = quote(Path(row.source).name, safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    # Never shown as a page: a document may hold scripts.
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/findings")
def list_findings(  # noqa: PLR0913, PLR0917
    viewer: Reader,
    store: StoreIn,
    organization: Words = None,
    year: Year = None,
    kind: Literal["source", "reading"] | None = None,
    limit: Limit = 100,
    after: Annotated[str | None, Query(pattern=r"^\d{1,15}-\d{1,15}$")] = None,
) -> list[findings.FindingRow]:
    """Identities that do not hold, those of the newest records first; on from `after`, `record_id-position` of one."""
    wanted = findings.FindingFilter(organization=organization, year=year, kind=kind)
    return findings.list_findings(store, wanted, limit=limit, after=read_finding(after or ""))


@router.get("/agencies")
def list_agencies(
    viewer: Reader, store: StoreIn, text: Words = None, limit: Limit = 200, after: Words = None
) -> list[dict[str, Any]]:
    """Agencies by name with the number of their documents and the years of them; on from the one named `after`."""
    rows = reports.list_agencies(store, text=text, limit=limit, after=after)
    return [{"organization": name, "documents": count, "years": list(years)} for name, count, years in rows]


@router.get("/progress")
def measure_progress(viewer: Reader, store: StoreIn) -> progress.Progress:
    """What was read, what people did, how well they agree, how often accepted cells are wrong."""
    return progress.measure_progress(store)


@router.get("/policy")
def find_policy(request: Request, viewer: Reader, store: StoreIn) -> PolicyOut:
    """From which confidence cells are accepted and what is promised of them, and how people are asked."""
    chosen, folder = store.settings, request.app.state.models
    cards = {path.parent.name: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*/card.json"))}
    versions = {name: str(card["version"]) for name, card in cards.items()}
    promises = {kind: promise for kind, promise in load_promises(folder=folder).items() if promise.fits(versions)}
    thresholds = choose_thresholds(cards["cells"]["threshold"], cards.get("scans", {}).get("threshold"), promises)
    return PolicyOut(
        thresholds={kind: None if value >= NEVER else value for kind, value in thresholds.items()},
        promises=[PromiseOut.model_validate(promise) for promise in promises.values()],
        models=versions,
        lease_seconds=chosen.lease_seconds,
        double_share=chosen.double_share,
        audit_share=chosen.audit_share,
        audit_rates=dict(chosen.audit_rates),
    )


@router.get("/export", responses={200: {"content": {"application/zip": BINARY}}}, response_class=StreamingResponse)
def export(
    viewer: Reader,
    store: StoreIn,
    format: Format = "csv",
    form: Words = None,
    *,
    wide: bool = False,
    accepted_only: bool = True,
) -> Response:
    """The values of all documents with a data dictionary, as a ZIP archive."""
    if form is not None and form not in load_forms():
        raise HTTPException(422, f"known forms are {', '.join(load_forms())}")
    return send_export(store, format, wide=wide, accepted_only=accepted_only, form=form)


@router.get("/corrections", response_class=StreamingResponse)
def list_corrections(viewer: Reader, store: StoreIn) -> Response:
    """All corrections, a JSON object a line, as training learns from them."""

    lines = (dump_json(add_labels(entry)) + "\n" for entry in iter_corrections(store))
    return StreamingResponse(lines, media_type="application/x-ndjson")


def send_export(store: Store, suffix: str, *, wide: bool, accepted_only: bool, form: str | None = None) -> Response:
    """An export with its data dictionary as a ZIP archive, sent in parts; nothing of it is left behind."""
    # Closed when it was sent.
    file = TemporaryFile()  # noqa: SIM115
    with (
        TemporaryDirectory(prefix="gouji-export-") as folder,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        target = Path(folder, f"gouji-{'wide' if wide else 'long'}.{suffix}")
        for path in write_export(store, target, wide=wide, accepted_only=accepted_only, form=form):
            archive.write(path, path.name)
    headers = {"Content-Disposition": f'attachment; filename="gouji-{suffix}.zip"'}
    return StreamingResponse(read_parts(file), media_type="application/zip", headers=headers)


def read_parts(file: IO[bytes]) -> Iterator[bytes]:
    """A file from its start in parts, closed at its end."""
    with file:
        file.seek(0)
        while part := file.read(CHUNK):
            yield part
