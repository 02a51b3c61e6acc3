from __future__ import annotations

from pathlib import Path

import hypothesis
import schemathesis

from review.store.adding import add_record
from tests.review.records import make_cell, make_record
from tests.service.serving import open_test_store, run_service

EXAMPLES = 12  # of each operation


def test_whatever_is_sent_the_api_has_no_fault_of_its_own(tmp_path: Path) -> None:
    store = open_test_store(tmp_path)
    add_record(store, make_record("a", make_cell("total", 5), make_cell("other", "blank")))
    with run_service(store) as service:
        headers = {"Authorization": f"Bearer {service.token_of('adam')}"}
        schema = schemathesis.openapi.from_url(f"{service.url}/openapi.json", headers=headers)
        tried = set()
        for found in schema.get_all_operations():
            operation = found.ok()

            @hypothesis.settings(
                max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
                suppress_health_check=list(hypothesis.HealthCheck),
            )  # fmt: skip
            @hypothesis.given(case=operation.as_strategy())
            def send(case: schemathesis.Case) -> None:
                response = case.call(headers=headers)
                assert response.status_code < 500, (case.method, case.path, response.status_code)

            send()
            tried.add((operation.method, operation.path))
        assert len(tried) > 25
