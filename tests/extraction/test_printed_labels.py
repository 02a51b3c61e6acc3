"""The labels beside and over a cell as they are printed, for those whom it is shown to."""

from __future__ import annotations

import json

from extraction.pipeline import extract, load_reader
from models.document import Source
from models.record import make_record

ROWS = ["行政许可", "行政处罚", "行政强制"]


def make_page() -> bytes:
    heads = "<tr><td>信息内容</td><td>本年处理决定数量</td></tr>"
    rows = "".join(f"<tr><td>{name}</td><td>{'八' if n else 3}</td></tr>" for n, name in enumerate(ROWS))
    return (
        "<html><head><meta charset='utf-8'></head><body><h1>栖河县财政局2023年政府信息公开工作年度报告</h1>"
        f"<table><tr><td colspan='2'>第二十条第（五）项</td></tr>{heads}{rows}</table></body></html>"
    ).encode()


def test_a_cell_under_review_has_the_wording_of_its_row_and_column() -> None:
    record = make_record(extract(Source("a.html", make_page(), ""), reader=load_reader(facts=False)))
    cells = {cell["id"]: cell for cell in record["cells"]}
    asked = cells["proactive.penalties.decisions"]
    assert asked["review"]
    assert asked["printed"]["row"] == ["行政处罚"]
    assert "本年处理决定数量" in asked["printed"]["column"]


def test_accepted_cells_have_no_labels() -> None:
    record = make_record(extract(Source("a.html", make_page(), ""), reader=load_reader(facts=False)))
    assert not any("printed" in cell for cell in record["cells"] if not cell["review"])
    assert json.dumps(record, ensure_ascii=False)
