from __future__ import annotations

import csv
import io
import json
import shutil
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.trained import TRAINED_FOLDER
from review.answers import Answer
from review.originals import save_original, save_view
from review.store.adding import add_record
from review.store.answering import answer_item
from review.store.leasing import lease_item
from review.store.uploads import add_upload, lease_upload, list_uploads
from service.api_intake import open_reader
from service.api_pages import find_local
from service.api_uploads import UploadRefused, clean_name
from service.api_worker import make_missing_views, read_uploads
from tests.review.records import make_cell, make_record
from tests.service.serving import HTML, Service, open_test_store, run_service

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
EDIT = {"form": "disputes@2019", "field": "disputes.reconsideration.total", "state": "number", "value": "1"}
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    store = open_test_store(tmp_path_factory.mktemp("api"))
    with run_service(
        store, max_file_bytes=20_000, max_upload_bytes=60_000, max_files=3, request_limit=10_000
    ) as running:
        yield running


def add_document(service: Service, name: str, *cells: dict[str, Any], **more: Any) -> int:
    return add_record(service.store, make_record(name, *cells, **more)).document_id


def send_files(client: httpx.Client, *files: tuple[str, bytes]) -> httpx.Response:
    return client.post("/api/v1/uploads", files=[("files", file) for file in files])


def test_an_upload_waits_in_the_queue_with_its_hash(service: Service) -> None:
    with service.program("vera") as client:
        response = send_files(client, ("报告.html", b"<p>1</p>"), ("b.txt", b"text"))
        assert response.status_code == 202
        first, second = response.json()
        assert (first["name"], first["status"], second["size"]) == ("报告.html", "waiting", 4)
        found = client.get(f"/api/v1/uploads/{first['upload_id']}").json()
        assert found["sha256"] == first["sha256"]
        assert client.get("/api/v1/uploads/999999").status_code == 404
        assert len(client.get("/api/v1/uploads", params={"limit": 1}).json()) == 1


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([], 422),
        ([("a.txt", b"")], 422),
        ([("a.exe", b"MZ")], 415),
        ([("noend", b"x")], 415),
        ([("a.txt", b"x" * 20_001)], 413),
        ([(f"{i}.txt", b"x") for i in range(4)], 400),
        ([("a.txt", b"x" * 15_000), ("b.txt", b"x" * 15_000), ("c.txt", b"x" * 40_000)], 413),
        ([("good.txt", b"good"), ("bad.exe", b"MZ")], 415),
    ],
)
def test_wrong_uploads_are_refused_whole(service: Service, files: list[tuple[str, bytes]], status: int) -> None:
    with service.program("vera") as client:
        before = client.get("/api/v1/uploads").json()
        assert send_files(client, *files).status_code == status
        assert client.get("/api/v1/uploads").json() == before


def test_what_is_no_form_is_no_upload(service: Service) -> None:
    with service.program("vera") as client:
        assert client.post("/api/v1/uploads", content=b"x" * 100).status_code == 422
        broken = {"Content-Type": "multipart/form-data; boundary=x"}
        assert client.post("/api/v1/uploads", content=b"--y\r\n", headers=broken).status_code in (400, 422)
        assert client.post("/api/v1/uploads", data={"files": "text"}).status_code == 422


def test_a_request_that_is_too_large_is_refused_before_it_is_read(service: Service) -> None:
    with service.program("vera") as client:
        assert client.post("/api/v1/corrections", json={"raw": "x" * 20_000}).status_code == 413

        def parts() -> Iterator[bytes]:
            for _ in range(200):
                yield b"x" * 1000

        assert client.post("/api/v1/corrections", content=parts()).status_code == 413


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/报告.pdf", "报告.pdf"),
        ("C:\\temp\\a.docx", "a.docx"),
        ("/etc/passwd.txt", "passwd.txt"),
        ("a\x00b\n.txt", "ab.txt"),
        ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
    ],
)
def test_a_name_keeps_nothing_of_folders_and_signs_that_do_not_print(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@pytest.mark.parametrize("name", [None, "", "..", "../", "x" * 300 + ".pdf", ".pdf/", "a.pdf/.."])
def test_a_name_that_is_none_is_refused(name: str | None) -> None:
    with pytest.raises(UploadRefused):
        clean_name(name)


def test_views_and_originals_are_found_by_number_and_plain_name_only(service: Service) -> None:
    content = b"<script>alert(1)</script>"
    sha256 = save_original(service.store.files, content)
    number = add_document(service, "traversal", sha256=sha256, source="a/../<b>.html")
    save_view(service.store.files, sha256, "page-1.png", b"\x89PNG")
    save_view(service.store.files, sha256, "source.json", b"{}")
    with service.program("rita") as client:
        assert client.get(f"/documents/{number}/views/page-1.png").status_code == 200
        for name in ("source.json", "..%2f..%2fstore.db", "%2e%2e/page-1.png", "page-1.png%00", "a" * 500 + ".png"):
            assert client.get(f"/documents/{number}/views/{name}").status_code == 404, name
        for path in ("/static/../pages.py", "/static/%2e%2e/pages.py", "/static/..%2fpages.py"):
            assert client.get(path).status_code == 404
        original = client.get(f"/api/v1/documents/{number}/original")
        assert original.content == content
        assert original.headers["content-type"] == "application/octet-stream"
        assert original.headers["content-disposition"].startswith("attachment")
        assert "<" not in original.headers["content-disposition"]


def test_text_of_documents_never_becomes_markup(service: Service) -> None:
    cells = [
        make_cell("total", "mark", raw=EVIL, evidence={"line": 2, "span": [0, 9]}),
        make_cell("other", 3, candidates=[{"state": "mark", "raw": EVIL, "probability": 0.1}]),
    ]
    finding = {"identity": EVIL, "cells": [], "left": 1, "right": 2, "kind": "source", "note": EVIL}
    section = {"id": "overview", "title": EVIL, "text": EVIL * 20, "confidence": 1.0}
    more = {"organization": EVIL, "title": EVIL, "findings": [finding], "sections": [section], "source": EVIL}
    numbers = [
        add_document(service, name, *cells, **more | {"year": year}) for name, year in (("e1", 2022), ("e2", 2023))
    ]
    sha256 = make_record("e2")["sha256"]
    blocks = [
        {"line": 2, "text": EVIL, "heading": 0},
        {"table": 1, "rows": [[{"text": EVIL, "place": [1, 1], "rows": 1, "columns": 1}]]},
    ]
    save_view(service.store.files, sha256, "source.json", json.dumps({"blocks": blocks}).encode())
    with service.log_in("adam") as client:
        paths = [
            f"/review?document={numbers[1]}", f"/documents/{numbers[1]}", "/documents", "/findings", "/progress",
            f"/compare?earlier={numbers[0]}&later={numbers[1]}&all=1", "/groups?state=mark",
            f"/documents?agency={EVIL}", "/nothing" + EVIL,
            f"/documents/{numbers[1]}/history?form=disputes@2019&field=disputes.reconsideration.total",
        ]  # fmt: skip
        for path in paths:
            page = client.get(path, headers=HTML).text
            assert "<script>alert" not in page, path
            assert "<img src=x" not in page, path
        assert "&lt;script&gt;" in client.get(f"/documents/{numbers[1]}", headers=HTML).text


def test_an_export_holds_corrections_and_no_formula(service: Service) -> None:
    number = add_document(service, "=cmd|' /C calc'!A0", make_cell("total", 5), organization="=1+1")
    body = {
        "document_id": number, "form": "disputes@2019", "field": "disputes.reconsideration.total",
        "state": "mark", "raw": "@SUM(1)",
    }  # fmt: skip
    with service.program("vera") as client:
        made = client.post("/api/v1/corrections", json=body)
        assert (made.status_code, made.json()["action"]) == (201, "change")
        archive = client.get("/api/v1/export", params={"format": "csv"}).content
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            name = next(name for name in opened.namelist() if name.startswith("gouji-long") and name.endswith(".csv"))
            rows = list(csv.DictReader(io.StringIO(opened.read(name).decode("utf-8-sig"))))
        row = next(row for row in rows if row["document_id"] == str(number))
        assert row["accepted_by"] == "person"
        assert "@SUM(1)" in row["raw"]
        assert not [cell for row in rows for cell in row.values() if cell and cell[0] in "=+@\t\r"]
        lines = [json.loads(line) for line in client.get("/api/v1/corrections").text.splitlines()]
        assert any(line["document_id"] == number for line in lines if "document_id" in line) or lines
        for kind in ("xlsx", "parquet", "jsonl"):
            assert client.get("/api/v1/export", params={"format": kind, "wide": "true"}).content[:2] == b"PK"
        assert client.get("/api/v1/export", params={"form": "nothing"}).status_code == 422


def test_questions_are_answered_once_taken_back_and_asked_again(service: Service) -> None:
    add_document(service, "asked", make_cell("pending", 7))
    with service.program("vera") as client, service.program("adam") as other:
        question = client.post("/api/v1/questions/next").json()
        answer = {"lease": question["lease"], "state": "number", "value": "8", "seconds": 1.5}
        assert other.post("/api/v1/questions/answer", json=answer).status_code == 409
        first = client.post("/api/v1/questions/answer", json=answer).json()
        assert client.post("/api/v1/questions/answer", json=answer).json() == first
        assert first["status"] == "settled"
        undone = client.post("/api/v1/questions/undo").json()
        assert undone["question"]["field"] == question["field"]
        assert undone["question"]["lease"] != question["lease"]
        for wrong in ({"state": "number"}, {"state": "blank", "value": "3"}, {"state": "x"}, {"value": "NaN"}):
            body = {"lease": undone["question"]["lease"]} | wrong
            assert client.post("/api/v1/questions/answer", json=body).status_code == 422, wrong
        assert client.post("/api/v1/questions/skip", json={"lease": undone["question"]["lease"]}).status_code == 200
        assert client.post("/api/v1/questions/skip", json={"lease": "gone"}).status_code == 409


def test_values_keep_their_digits(service: Service) -> None:
    number = add_document(service, "digits", make_cell("total", 96171.6))
    with service.program("rita") as client:
        cells = client.get(f"/api/v1/documents/{number}/cells").json()
        assert cells[0]["value"] == "96171.6"
        record = client.get(f"/api/v1/documents/{number}/record").json()
        assert record["cells"][0]["value"] == 96171.6


def test_answers_come_with_headers_that_keep_browsers_safe(service: Service) -> None:
    with service.log_in("rita") as client:
        for path in (
            "/documents",
            "/login",
            "/nothing",
            "/api/v1/documents",
            "/static/gouji.js",
            "/api/v1/nothing",
            "/health",
        ):
            headers = client.get(path, headers=HTML).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY"), path
        assert client.get("/documents").headers["cache-control"] == "no-store"


def test_pages_hold_no_script_or_style_of_their_own(service: Service) -> None:
    with service.log_in("adam") as client:
        for path in (
            "/review",
            "/documents",
            "/groups",
            "/progress",
            "/uploads",
            "/account",
            "/users",
            "/api",
            "/login",
        ):
            page = client.get(path, headers=HTML).text
            assert "style=" not in page, path
            assert "<style" not in page, path
            assert " onclick" not in page, path
            assert page.count("<script") == 1, path
            assert "http://" not in page and "https://" not in page, path


def test_a_foreign_host_name_is_refused(service: Service) -> None:
    with service.browser() as client:
        assert client.get("/health", headers={"Host": "evil.example"}).status_code == 400


def test_health_and_measures_tell_of_the_service_without_contents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with run_service(open_test_store(tmp_path)) as service, service.program("rita") as client:
        client.get("/api/v1/documents", params={"text": "SECRET-AGENCY"})
        client.get("/documents/SECRET-PATH")
        measures = client.get("/metrics").text
        assert client.get("/health").json() == {"status": "ok", "store": "ok"}
    assert 'gouji_requests_total{method="GET",route="/api/v1/documents",status="200"}' in measures
    assert "gouji_questions_open" in measures
    logged = capsys.readouterr().err
    lines = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    assert {"/api/v1/documents", "/metrics"} <= {line["route"] for line in lines if line["event"] == "request"}
    assert "SECRET" not in logged + measures


def test_the_schema_tells_every_route_of_the_api(service: Service) -> None:
    with service.program("rita") as client:
        schema = client.get("/openapi.json").json()
    assert {"/api/v1/uploads", "/api/v1/export", "/api/v1/policy", "/api/v1/findings", "/health", "/metrics"} <= set(
        schema["paths"]
    )
    for path, methods in schema["paths"].items():
        for method, entry in methods.items():
            assert entry["description"], (method, path)
            assert path == "/health" or "401" in entry["responses"], (method, path)
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_the_policy_says_from_where_cells_are_accepted(service: Service) -> None:
    with service.program("rita") as client:
        policy = client.get("/api/v1/policy").json()
    assert set(policy["thresholds"]) == {"digital", "pages", "scan"}
    assert all(threshold is None or 0.5 < threshold <= 1 for threshold in policy["thresholds"].values())
    assert policy["models"]["cells"]
    for promise in policy["promises"]:
        assert promise["wrong"] / promise["accepted"] < promise["bound"] <= promise["target"]


def test_the_policy_is_that_of_the_models_which_the_service_reads_with(tmp_path: Path) -> None:
    models = tmp_path / "models"
    for name in ("cells", "forms"):
        (models / name).mkdir(parents=True)
        card = {"version": f"own-{name}", "threshold": 0.75}
        (models / name / "card.json").write_text(json.dumps(card))
    shutil.copy(TRAINED_FOLDER / "policy.json", models)  # a promise for other versions
    store = open_test_store(tmp_path)
    with run_service(store, models=models) as service, service.program("rita") as client:
        policy = client.get("/api/v1/policy").json()
    assert policy["thresholds"] == {"digital": 0.75, "pages": 0.75, "scan": None}
    assert policy["promises"] == []
    assert policy["models"] == {"cells": "own-cells", "forms": "own-forms"}


def test_lists_go_on_after_the_last_of_the_page_before(service: Service) -> None:
    finding = {"identity": "disputes.reconsideration.total", "cells": [], "left": 1, "right": 2, "kind": "source"}
    for place in range(3):
        agency = f"续页{place}区人民政府"
        record = make_record(f"list-{place}", make_cell("total", 1), organization=agency, findings=[finding] * 2)
        add_record(service.store, record)
    with service.program("rita") as client:
        names, seen = [], []
        while rows := client.get("/api/v1/agencies", params={"text": "续页", "limit": 2} | names_after(names)).json():
            names += [row["organization"] for row in rows]
        after: dict[str, str] = {}
        while rows := client.get("/api/v1/findings", params={"limit": 2} | after).json():
            seen += [(row["record_id"], row["position"]) for row in rows]
            after = {"after": "{}-{}".format(*seen[-1])}
        assert client.get("/api/v1/findings", params={"after": "1"}).status_code == 422
    assert names == [f"续页{place}区人民政府" for place in range(3)]
    assert len(seen) == len(set(seen)) >= 6


def test_a_document_is_found_by_the_hash_of_its_bytes_and_tells_the_versions_of_its_record(service: Service) -> None:
    first = make_record("twice", make_cell("total", 1), models={"cells": "one"})
    number = add_record(service.store, first).document_id
    add_record(service.store, make_record("twice", make_cell("total", 2), models={"cells": "two"}))
    with service.program("rita") as client:
        found = client.get("/api/v1/documents", params={"sha256": first["sha256"], "kind": "pdf"}).json()
        assert [(row["document_id"], row["version"]) for row in found] == [(number, 2)]
        assert client.get("/api/v1/documents", params={"sha256": "../etc"}).status_code == 422
        versions = client.get(f"/api/v1/documents/{number}/versions").json()
        assert [(row["version"], row["models"]["cells"]) for row in versions] == [(1, "one"), (2, "two")]
        assert client.get("/api/v1/documents/999999/versions").status_code == 404
        older = client.get(f"/api/v1/documents/{number}/record", params={"version": 1}).json()
        assert older["cells"][0]["value"] == 1


def test_what_is_refused_is_told_in_the_language_of_the_page_and_to_programs_in_english(service: Service) -> None:
    with service.log_in("vera") as client:
        for language, said, other in (("zh", "没有这份报告", "no such document"), ("en", "no such document", "没有")):
            asked = {"Accept-Language": language}
            page = client.get("/documents/99999", headers=HTML | asked).text
            assert said in page and other not in page
            told = client.post("/documents/99999/cells", json=EDIT, headers=asked).json()["detail"]
            assert ("没有" in told) is (language == "zh") and ("no such cell" in told) is (language == "en")
            files = [("files", ("a.exe", b"MZ"))]
            page = client.post("/uploads", files=files, headers=HTML | asked).text
            assert ("文件名应以" in page) is (language == "zh") and ("documents end in" in page) is (language == "en")
        told = client.post("/api/v1/uploads", files=files, headers={"Accept-Language": "zh"}).json()["detail"]
        assert told.startswith("a.exe: documents end in")


def names_after(names: list[str]) -> dict[str, str]:
    return {"after": names[-1]} if names else {}


def test_uploads_that_a_dead_server_left_behind_are_read_by_the_next(tmp_path: Path) -> None:
    store = open_test_store(tmp_path)
    good = (ROOT / "examples" / "zone-2023-wrong-sum.html").read_bytes()
    uploads = [add_upload(store, "good.html", good, "vera"), add_upload(store, "bad.pdf", b"%PDF-1.7 broken", "vera")]
    assert lease_upload(store, seconds=0.01) is not None  # by a server that was killed
    with run_service(store, read_uploads=True) as service, service.program("vera") as client:
        until = time.monotonic() + 240
        while time.monotonic() < until:
            found = [client.get(f"/api/v1/uploads/{upload.upload_id}").json() for upload in uploads]
            if all(entry["status"] in ("done", "failed") for entry in found):
                break
            time.sleep(0.5)
        assert [entry["status"] for entry in found] == ["done", "failed"]
        assert found[1]["error_code"] == "damaged"
        number = found[0]["document_id"]
        assert len(client.get(f"/api/v1/documents/{number}/cells").json()) == 200
        assert len(client.get("/api/v1/findings", params={"kind": "source"}).json()) == 2
        page = client.get(f"/documents/{number}", headers=HTML).text
        assert "霁山现代农业示范区管理委员会" in page
        assert 'data-fields="requests.new.total"' in page


def test_a_document_that_takes_too_long_becomes_an_error_record(tmp_path: Path) -> None:
    content = (ROOT / "examples" / "county-2024-pages.pdf").read_bytes()
    with open_reader(time_limit=0.05) as reader:
        intake = reader.read(content, name="slow.pdf", sha256="0" * 64)
    assert intake.record["error"]["code"] == "timeout"
    assert intake.record["source"] == "slow.pdf"
    assert intake.views == {}


def test_a_worker_that_is_stopped_gives_back_what_it_has_not_begun(tmp_path: Path) -> None:
    store = open_test_store(tmp_path)
    stop = threading.Event()
    stop.set()
    add_upload(store, "a.txt", b"text", "vera")
    read_uploads(store, stop, open_child=open_reader, record=lambda end: None, logger=None)
    waiting = lease_upload(store)
    assert waiting is not None
    store.engine.dispose()


def test_a_worker_that_is_stopped_gives_back_what_it_reads_and_ends_at_once(tmp_path: Path) -> None:
    store = open_test_store(tmp_path)
    add_upload(store, "a.jpg", (ROOT / "examples" / "county-2024-scan.jpg").read_bytes(), "vera")
    stop = threading.Event()
    options: dict[str, Any] = {"open_child": open_reader, "record": lambda end: None, "logger": None}
    reading = threading.Thread(target=read_uploads, args=(store, stop), kwargs=options)
    reading.start()
    until = time.monotonic() + 60
    while list_uploads(store)[0].status != "reading" and time.monotonic() < until:
        time.sleep(0.05)
    stop.set()
    reading.join(timeout=60)
    assert not reading.is_alive()
    assert list_uploads(store)[0].status == "waiting"
    store.engine.dispose()


def test_addresses_to_go_on_to_are_of_this_server() -> None:
    assert find_local("/review?document=3") == "/review?document=3"
    assert [find_local(text) for text in ("//x", "http://x", "/a\nb", "", "/\\x", "/" + "a" * 3000)] == ["/"] * 6


def test_documents_loaded_with_their_originals_are_drawn_later(tmp_path: Path) -> None:
    store = open_test_store(tmp_path)
    content = (ROOT / "examples" / "city-2024-markdown.md").read_bytes()
    sha256 = save_original(store.files, content)
    add_record(store, make_record("kept", make_cell("total", 5), sha256=sha256))
    add_record(store, make_record("lost", make_cell("total", 5)))
    assert list(make_missing_views(store, open_reader)) == [("kept.pdf", 1)]
    assert list(make_missing_views(store, open_reader)) == []
    store.engine.dispose()


def test_people_see_their_own_figures_and_admins_those_of_all(service: Service) -> None:
    add_record(service.store, make_record("p", make_cell("total", 5), make_cell("other", 6)))
    for name in ("vera", "adam"):
        item = lease_item(service.store, name)
        assert item is not None
        answer_item(service.store, item.lease, Answer(name, item.state, item.value, seconds=2.0))
    with service.log_in("vera") as client:
        page = client.get("/progress", headers=HTML).text
        table = page[page.index('id="people"') :]
        assert "<td>vera</td>" in table and "<td>adam</td>" not in table
        assert client.get("/api/v1/progress/people").status_code == 403
    with service.log_in("adam") as client:
        assert "<td>vera</td>" in client.get("/progress", headers=HTML).text
        found = {one["person"]: one for one in client.get("/api/v1/progress/people").json()}
        assert found["vera"]["answers"] >= 1 and found["vera"]["cells_an_hour"] > 0
