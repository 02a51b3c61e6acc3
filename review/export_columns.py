"""What an export has in each column, in English and Chinese: the data dictionary."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.form import load_forms


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export: its name, what it holds (`text`, `integer`, `number` or `float`), and its meaning."""

    name: str
    holds: str
    english: str
    chinese: str


HEAD = (
    Column("document_id", "integer", "number of the document in the store", "文档在库中的编号"),
    Column("sha256", "text", "SHA-256 of the bytes of the document", "文档内容的 SHA-256"),
    Column("source", "text", "path or name that the document came with", "文档来源路径或文件名"),
    Column(
        "organization", "text", "who published the report; empty where it does not say", "发布机关；报告未写明时为空"
    ),
    Column("year", "integer", "year reported on, not of publication", "报告所述年度（非发布年度）"),
)
LONG = (
    *HEAD,
    Column("form", "text", "statutory table that the cell belongs to", "所属法定表格"),
    Column("field", "text", "field of the form; listed below", "字段标识，见下表"),
    Column("label", "text", "wording of the field on the form", "字段在表格中的文字"),
    Column("unit", "text", "unit of the value", "数值单位"),
    Column(
        "state",
        "text",
        "number; blank (printed empty, which is not 0); mark (such as / or —); unreadable; missing (not on the table)",
        "number 数字；blank 空白（不等于 0）；mark 符号（如 / 或 —）；unreadable 无法辨认；missing 表中无此格",
    ),
    Column("value", "number", "the number as printed; empty in every other state", "照印的数字；其他状态为空"),
    Column("raw", "text", "the print itself", "印刷原文"),
    Column(
        "accepted_by",
        "text",
        "machine, person, or audit (a person checked what the machine had accepted); empty: not accepted, do not use",
        "machine 机器；person 人工；audit 抽查（人工复核机器已接受的值）；为空：尚未接受，勿用",
    ),
    Column(
        "confidence",
        "float",
        "calibrated probability that the machine read state and value right",
        "机器读对的校准概率",
    ),
    Column("reasons", "text", "why the machine sent the cell to a person, in short codes", "机器转人工的原因代码"),
    Column("machine_state", "text", "state that the machine read", "机器读得的状态"),
    Column("machine_value", "number", "value that the machine read", "机器读得的数值"),
)
WIDE = (
    *HEAD,
    Column(
        "open_cells",
        "integer",
        "cells of this form that nobody has accepted yet; they are empty here",
        "本表尚未接受的格数，此处留空",
    ),
)


def name_field(field_id: str) -> str:
    """A field in English words.

    >>> name_field("requests.new.natural_person")
    'requests: new, natural person'
    """
    family, *parts = field_id.replace("_", " ").split(".")
    return f"{family}: {', '.join(parts)}"


def write_dictionary(target: Path, columns: Sequence[Column], forms: Sequence[str]) -> Path:
    """Write the data dictionary of an export beside it, as CSV that spreadsheet programs open; its path."""
    path = target.with_name(f"{target.stem}.dictionary.csv")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(list_dictionary(columns, forms))
    return path


def list_dictionary(columns: Sequence[Column], forms: Sequence[str]) -> list[list[Any]]:
    """The data dictionary as rows: first the columns, then the fields of the forms, then what else to know."""
    rows: list[list[Any]] = [["name 名称", "holds 类型", "English", "中文", "unit 单位"]]
    rows += [[column.name, column.holds, column.english, column.chinese, ""] for column in columns]
    for form_id in forms:
        form = load_forms()[form_id]
        rows.append([form_id, "form 表格", f"form of {form.years[0]} on", f"{form.title}（{form.years[0]} 年起）", ""])
        rows += [
            [field.field_id, "number", name_field(field.field_id), " / ".join(field.label), field.unit]
            for field in form.fields
        ]
    return rows + [
        [
            "'",
            "note 说明",
            "in CSV and XLSX, an apostrophe before a text that a spreadsheet would take for a formula; not part of it",
            "CSV 与 XLSX 中，可能被当作公式的文字前加有撇号，并非原文",
            "",
        ]
    ]
