"""The content half of the synthetic reports."""

import random
from collections import Counter
from decimal import Decimal

import pytest

from models.form import load_forms
from models.identity import Status, check_identities
from models.numbers import parse_value, plain_number
from training.synthesis.agencies import draw_agency, places_of
from training.synthesis.chances import SPLIT_SHARES
from training.synthesis.content import make_report
from training.synthesis.figures import draw_figures, plant_errors
from training.synthesis.filled_forms import Variety, fill_form, printed_numbers
from training.synthesis.other_documents import make_other_document
from training.synthesis.printed import Paragraph, PrintedTable
from training.synthesis.printing import PLAIN
from training.synthesis.tables import lay_out, official_layout
from training.synthesis.variations import CHANCES, FITTING, LAYOUT_WEIGHTS, TABLE_WEIGHTS, TEAR_WEIGHTS, families_of

FORMS = load_forms()
FIELDS = {form_id: {field.field_id: field for field in form.fields} for form_id, form in FORMS.items()}
SEEDS = range(250)
DIFFICULTIES = ("clean", "mixed", "hard")


@pytest.fixture(scope="module")
def reports():
    return [
        make_report(random.Random(seed), split=list(SPLIT_SHARES)[seed % 3], difficulty=DIFFICULTIES[seed % 3 - 1])
        for seed in SEEDS
    ]


def tables_of(report):
    return [block for block in report.blocks if isinstance(block, PrintedTable)]


def printed_cells(report):
    return [cell for table in tables_of(report) for cell in table.cells if cell.field_id]


def test_same_seed_makes_the_same_report():
    for seed in range(20):
        one, two = (make_report(random.Random(seed), split="train", difficulty="hard") for _ in range(2))
        assert one == two


def test_every_form_appears(reports):
    assert {form for report in reports for form in report.truth["forms"]} == set(FORMS)


def test_truth_covers_every_field_of_every_form_once(reports):
    for report in reports:
        expected = [field for form in report.truth["forms"] for field in FIELDS[form]]
        assert len(expected) == len(set(expected))
        assert set(report.truth["cells"]) == set(expected)


def test_no_two_forms_of_one_family_stand_in_one_report(reports):
    for report in reports:
        families = [form.split("@")[0] for form in report.truth["forms"]]
        assert len(families) == len(set(families))


def test_every_field_is_printed_once_unless_it_is_missing_or_merged(reports):
    for report in reports:
        printed = Counter(cell.field_id for cell in printed_cells(report))
        assert not printed or max(printed.values()) == 1
        there = {cell for cell, truth in report.truth["cells"].items() if truth["state"] != "missing"}
        assert set(printed) <= there
        if "merged_value" not in report.variations:
            assert set(printed) == there


def test_printed_value_parses_to_the_value_of_the_truth(reports):
    for report in reports:
        for cell in printed_cells(report):
            truth = report.truth["cells"][cell.field_id]
            field = FIELDS[truth["form"]][cell.field_id]
            value = parse_value(cell.text, unit=field.unit, kind=field.kind)
            assert (value.state.value, plain_number(value.number)) == (truth["state"], truth["value"])
            assert truth["raw"] == cell.text.strip()


def test_identities_hold_but_for_the_planted_errors(reports):
    for report in reports:
        numbers = printed_numbers(report.truth["cells"])
        planted = {i["identity"] for error in report.truth["source_errors"] for i in error["identities"]}
        for form in report.truth["forms"]:
            checks = check_identities(numbers, FORMS[form].identities)
            failing = {check.identity.identity_id for check in checks if check.status is Status.FAILS}
            of_form = {i.identity_id for i in FORMS[form].identities}
            assert failing <= planted and planted & of_form <= failing


def test_some_reports_hold_source_errors_with_the_number_that_would_be_right(reports):
    errors = [(report, error) for report in reports for error in report.truth["source_errors"]]
    assert errors
    for report, error in errors:
        assert error["identities"]
        assert report.truth["cells"][error["cell"]]["value"] == error["printed"] != error["correct"]


@pytest.mark.parametrize("form_id", FORMS)
def test_drawn_figures_keep_every_identity_also_those_across_years(form_id):
    form, rng = FORMS[form_id], random.Random(1)
    for _ in range(60):
        last = draw_figures(rng, form, weight=rng.random())
        numbers = draw_figures(rng, form, weight=rng.random(), last=last)
        checks = check_identities(numbers, form.identities + form.across_years, last=last)
        assert all(check.status is Status.HOLDS for check in checks)
        assert all(field.kind == "decimal" or numbers[field.field_id] % 1 == 0 for field in form.fields)


@pytest.mark.parametrize("form_id", [form_id for form_id, form in FORMS.items() if form.identities])
def test_a_planted_error_breaks_an_identity(form_id):
    form, rng = FORMS[form_id], random.Random(2)
    for count in (1, 2) * 20:
        numbers = draw_figures(rng, form, weight=0.5)
        spoilt = plant_errors(rng, form, numbers, count)
        checks = check_identities({**numbers, **spoilt}, form.identities)
        broken = {cell for check in checks if check.status is Status.FAILS for cell in check.identity.fields}
        assert spoilt and set(spoilt) <= broken


@pytest.mark.parametrize("form_id", FORMS)
def test_tables_have_no_overlapping_cells(form_id):
    form, rng = FORMS[form_id], random.Random(3)
    every = [*LAYOUT_WEIGHTS, *TABLE_WEIGHTS, *TEAR_WEIGHTS]
    for name in every:
        for _ in range(8):
            variety = Variety(CHANCES["hard"], [name])
            filled = fill_form(rng, form, draw_figures(rng, form, weight=0.4), year=2022, variety=variety)
            for table in (part for part in filled.parts if isinstance(part, PrintedTable)):
                squares = [
                    (r, c)
                    for cell in table.cells
                    for r in range(cell.row, cell.row_end)
                    for c in range(cell.column, cell.column_end)
                ]
                assert squares and len(squares) == len(set(squares))


@pytest.mark.parametrize("name", [*LAYOUT_WEIGHTS, *TABLE_WEIGHTS, *TEAR_WEIGHTS])
def test_every_variation_is_seen_on_the_families_it_is_meant_for(name):
    rng = random.Random(4)
    for family in set(families_of(name)):
        forms = [form for form in FORMS.values() if form.family == family]
        seen = False
        for _ in range(60):
            form = rng.choice(forms)
            figures = draw_figures(rng, form, weight=0.3)
            filled = fill_form(rng, form, figures, year=2022, variety=Variety(CHANCES["clean"], [name]))
            seen = seen or name in filled.variations
        assert seen, (name, family)


def test_official_requests_form_has_the_printed_shape():
    form = FORMS["requests@2021"]
    table = lay_out(form, official_layout(form), {field.field_id: "0" for field in form.fields})
    boxes = {
        cell.text: (cell.row, cell.column, cell.row_end, cell.column_end) for cell in table.cells if not cell.field_id
    }
    assert boxes["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"] == (0, 0, 3, 3)
    assert boxes["申请人情况"] == (0, 3, 1, 10)
    assert boxes["自然人"] == (1, 3, 3, 4)
    assert boxes["法人或其他组织"] == (1, 4, 2, 9)
    assert boxes["总计"] == (1, 9, 3, 10)
    assert boxes["三、本年度办理结果"] == (5, 0, 27, 1)
    assert boxes["（六）其他处理"] == (23, 1, 26, 2)
    assert boxes["（七）总计"] == (26, 1, 27, 3)
    assert boxes["四、结转下年度继续办理"] == (27, 0, 28, 3)


def test_official_disputes_form_has_three_heading_rows_and_fifteen_numbers():
    form = FORMS["disputes@2019"]
    table = lay_out(form, official_layout(form), {field.field_id: "0" for field in form.fields})
    assert {cell.row for cell in table.cells if cell.field_id} == {3}
    assert len([cell for cell in table.cells if cell.field_id]) == 15
    tops = [(cell.text, cell.column, cell.column_end) for cell in table.cells if cell.row == 0]
    assert tops == [("行政复议", 0, 5), ("行政诉讼", 5, 15)]


def test_last_years_table_gives_no_cell_of_this_report():
    found = 0
    for seed in range(400):
        report = make_report(random.Random(seed), split="train", difficulty="hard")
        if "last_year" in report.variations:
            found += 1
            bare = [t for t in tables_of(report) if t.form_id and not any(cell.field_id for cell in t.cells)]
            assert bare
    assert found


def test_splits_share_no_agency():
    places = [set(places_of(split)) for split in SPLIT_SHARES]
    assert not places[0] & places[1] and not places[0] & places[2] and not places[1] & places[2]
    names = [{draw_agency(random.Random(seed), split=split).name for seed in range(800)} for split in SPLIT_SHARES]
    assert not names[0] & names[1] and not names[0] & names[2] and not names[1] & names[2]


def test_unknown_split_is_refused():
    with pytest.raises(ValueError, match="no split"):
        draw_agency(random.Random(0), split="validate")


def test_facts_are_said_in_the_paragraphs(reports):
    for report in reports:
        paragraphs = [block.text for block in report.blocks if isinstance(block, Paragraph)]
        for fact in report.truth["facts"]:
            assert any(fact["text"] in text for text in paragraphs), fact
            if "cell" in fact:
                assert report.truth["cells"][fact["cell"]]["value"] == fact["value"]


def test_sections_of_the_truth_are_the_headings_in_order(reports):
    for report in reports:
        headings = [
            block.section for block in report.blocks if isinstance(block, Paragraph) and block.role == "heading"
        ]
        assert headings == report.truth["sections"]


def test_title_of_the_truth_is_printed(reports):
    for report in reports:
        titles = [block.text for block in report.blocks if isinstance(block, Paragraph) and block.role == "title"]
        assert report.truth["title"] in ("".join(titles[:2]), titles[0])


def test_reports_before_2014_have_no_form_and_no_cells(reports):
    early = [report for report in reports if report.truth["year"] < 2014]
    assert early
    assert all(report.truth["forms"] == [] and report.truth["cells"] == {} for report in early)


def test_clean_reports_have_no_structural_variations():
    structural = {*LAYOUT_WEIGHTS, *TABLE_WEIGHTS, *TEAR_WEIGHTS}
    for seed in range(60):
        report = make_report(random.Random(seed), split="train", difficulty="clean")
        assert not structural & set(report.variations)


def test_merged_row_keeps_one_printed_cell_and_truth_for_all():
    form, rng = FORMS["requests@2021"], random.Random(0)
    numbers = dict.fromkeys(FIELDS["requests@2021"], Decimal(0))
    variety = Variety(CHANCES["clean"], ["merged_value"], PLAIN)
    filled = fill_form(rng, form, numbers, year=2022, variety=variety)
    (table,) = filled.parts
    assert len([cell for cell in table.cells if cell.field_id]) == 175 - 6
    assert len([truth for truth in filled.cells.values() if "accept" in truth]) == 6


def test_other_documents_have_no_cells():
    seen = set()
    for seed in range(120):
        document = make_other_document(random.Random(seed), split=list(SPLIT_SHARES)[seed % 3])
        assert document.truth["forms"] == [] and document.truth["cells"] == {} and document.truth["sections"] == []
        assert all(table.form_id is None for table in tables_of(document))
        assert not printed_cells(document)
        seen |= set(document.variations)
    assert len(seen) > 8


def test_every_family_named_for_a_variation_exists():
    families = {form.family for form in FORMS.values()}
    assert all(set(names) <= families for names in FITTING.values())
