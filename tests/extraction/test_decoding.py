from __future__ import annotations

from decimal import Decimal

import pytest

from extraction.decoding import decode
from extraction.decoding_ties import tie_last_year
from models.decoding import CellCandidates, Decoded, DecodedCell, Method, Priors, Witness
from models.form import Form, load_forms
from models.picture import Candidate
from models.repair import Cause

PRIORS = Priors(misprint=1e-3)
SURE = 0.99999
DISPUTES = load_forms()["disputes@2019"]
REQUESTS = load_forms()["requests@2021"]
UPHELD, PENDING, TOTAL = (f"disputes.reconsideration.{key}" for key in ("upheld", "pending", "total"))
SOLD = {UPHELD: "3", "disputes.reconsideration.corrected": "1", PENDING: "2", TOTAL: "6"}
NEW = {"requests.new.natural_person": "12", "requests.new.company": "4", "requests.new.total": "16"}
GRANTED = {f"requests.{row}.{key[13:]}": text for key, text in NEW.items() for row in ("granted", "concluded")}
ASKED = NEW | GRANTED


def read(form: Form, texts: dict[str, str], doubts: dict[str, tuple[tuple[str, float], ...]]) -> list[CellCandidates]:
    """Every field printed as in `texts`, else 0, read clearly but for those in doubt."""
    cells = []
    for field in form.fields:
        entries = doubts.get(field.field_id, ((texts.get(field.field_id, "0"), SURE),))
        cells.append(CellCandidates(field, tuple(Candidate(text, p) for text, p in entries)))
    return cells


def run(form: Form, texts: dict[str, str], **doubts: object) -> Decoded:
    return decode(read(form, texts, doubts.get("doubts", {})), form.identities, priors=PRIORS)  # type: ignore[arg-type]


def find(decoded: Decoded, field_id: str) -> DecodedCell:
    return next(cell for cell in decoded.cells if cell.field_id == field_id)


def test_a_table_that_adds_up_is_clear() -> None:
    decoded = run(REQUESTS, ASKED)
    assert decoded.method is Method.CLEAR
    assert not decoded.findings
    assert not decoded.repairs
    assert min(cell.confidence for cell in decoded.cells) >= 0.9999


def test_a_doubtful_cell_becomes_the_candidate_that_makes_the_sums_hold() -> None:
    decoded = run(REQUESTS, ASKED, doubts={"requests.new.company": (("1", 0.6), ("4", 0.3), ("7", 0.05))})
    cell = find(decoded, "requests.new.company")
    assert cell.text == "4"
    assert cell.confidence > 0.999
    assert not decoded.findings


def test_two_doubtful_cells_of_one_row_are_settled_by_their_columns() -> None:
    doubts = {
        "requests.new.company": (("1", 0.6), ("4", 0.3)),
        "requests.new.natural_person": (("15", 0.55), ("12", 0.4)),
    }
    decoded = run(REQUESTS, ASKED, doubts=doubts)
    assert find(decoded, "requests.new.company").text == "4"
    assert find(decoded, "requests.new.natural_person").text == "12"


def test_a_number_that_the_picture_does_not_support_is_proposed_and_never_chosen() -> None:
    decoded = run(REQUESTS, ASKED, doubts={"requests.new.company": (("1", 0.7),)})
    cell = find(decoded, "requests.new.company")
    assert cell.text == "1"
    assert cell.confidence < 0.01
    repair = decoded.repairs[0]
    assert [(c.field_id, c.printed, c.implied, c.supported) for c in repair.changes] == [
        ("requests.new.company", Decimal(1), Decimal(4), False)
    ]
    assert repair.probability > 0.9
    assert "requests.new.total" in repair.settles


def test_a_candidate_below_the_least_support_is_not_chosen() -> None:
    decoded = run(REQUESTS, ASKED, doubts={"requests.new.company": (("1", 0.99), ("4", 0.002))})
    assert find(decoded, "requests.new.company").text == "1"
    assert decoded.repairs[0].changes[0].implied == 4


def test_a_clear_picture_that_does_not_add_up_is_an_error_of_the_source() -> None:
    decoded = run(REQUESTS, ASKED | {"requests.new.company": "14"})
    assert {finding.kind for finding in decoded.findings} == {"source"}
    assert find(decoded, "requests.new.company").text == "14"
    change = decoded.repairs[0].changes[0]
    assert (change.implied, change.cause) == (4, Cause.SOURCE)


def test_a_blurred_picture_that_does_not_add_up_is_a_doubt_of_the_reading() -> None:
    decoded = run(REQUESTS, ASKED, doubts={"requests.new.company": (("1", 0.5),)})
    assert {finding.kind for finding in decoded.findings} == {"reading"}


def test_a_wrong_part_of_a_small_table_is_detected_and_not_located() -> None:
    decoded = run(DISPUTES, SOLD | {PENDING: "8"})
    assert [finding.identity_id for finding in decoded.findings] == ["disputes.reconsideration.total"]
    assert max(repair.probability for repair in decoded.repairs) < 0.95


def test_sums_do_not_tell_an_empty_cell_from_a_zero() -> None:
    field_id = "requests.refused.state_secret.company"
    cell = find(run(REQUESTS, ASKED, doubts={field_id: (("", 0.5),)}), field_id)
    assert cell.text == ""
    assert cell.confidence < 0.9


def test_a_row_of_empty_cells_gains_nothing_from_adding_up() -> None:
    empty = {f.field_id: "" for f in REQUESTS.fields if f.field_id.startswith("requests.carried_in.")}
    doubts = dict.fromkeys(empty, (("", 0.9),))
    decoded = run(REQUESTS, ASKED | empty, doubts=doubts)
    assert all(find(decoded, field_id).confidence < 0.999 for field_id in empty)


def test_a_field_without_sums_keeps_the_probabilities_of_its_picture() -> None:
    form = load_forms()["proactive@2021"]
    field_id = form.fields[0].field_id
    cell = find(run(form, {}, doubts={field_id: (("7", 0.7), ("1", 0.2))}), field_id)
    assert not cell.tied
    assert cell.posterior == pytest.approx((0.7, 0.2), abs=1e-6)


def test_a_part_of_another_number_gains_nothing_from_being_at_most_that() -> None:
    form = load_forms()["statistics@2014"]
    field_id = "statistics.responses.online_interviews_by_leaders"
    texts = {"statistics.responses.online_interviews": "9"}
    cell = find(run(form, texts, doubts={field_id: (("3", 0.7), ("8", 0.25))}), field_id)
    assert not cell.tied
    assert cell.posterior == pytest.approx((0.7, 0.25), abs=1e-6)


def test_a_cell_that_was_not_read_is_implied_by_its_sum() -> None:
    cells = read(DISPUTES, SOLD, {PENDING: ()})
    decoded = decode(cells, DISPUTES.identities, priors=PRIORS)
    assert find(decoded, PENDING).chosen == -1
    assert [(r.changes[0].implied, r.changes[0].printed) for r in decoded.repairs] == [(2, None)]


def test_text_that_is_no_number_is_kept_as_it_is() -> None:
    decoded = run(DISPUTES, SOLD, doubts={PENDING: (("3（含2）", 0.9),)})
    assert find(decoded, PENDING).text == "3（含2）"


def test_amounts_with_decimals_are_added_exactly() -> None:
    decoded = run(DISPUTES, SOLD | {UPHELD: "3.2", TOTAL: "6.2"})
    assert not decoded.findings


def test_a_sentence_settles_which_candidate_is_printed() -> None:
    form = load_forms()["proactive@2021"]
    field_id = "proactive.licensing.decisions"
    cells = read(form, {}, {field_id: (("17", 0.6), ("11", 0.35))})
    facts = (Witness(field_id, Decimal(11), 0.99),)
    assert find(decode(cells, form.identities, priors=PRIORS, facts=facts), field_id).text == "11"
    assert find(decode(cells, form.identities, priors=PRIORS), field_id).text == "17"


def test_a_sentence_never_overwrites_a_clear_print() -> None:
    form = load_forms()["proactive@2021"]
    field_id = "proactive.licensing.decisions"
    cells = read(form, {field_id: "17"}, {})
    decoded = decode(cells, form.identities, priors=PRIORS, facts=(Witness(field_id, Decimal(11), 0.99),))
    assert find(decoded, field_id).text == "17"
    assert [(f.identity_id, f.left, f.right) for f in decoded.findings] == [(f"fact.{field_id}", 17, 11)]


def test_last_year_settles_what_was_carried_in() -> None:
    field_ids = ("requests.carried_in.company", "requests.carried_in.total")
    doubts = {
        field_ids[0]: (("1", 0.5), ("7", 0.45)),
        field_ids[1]: (("1", 0.5), ("7", 0.45)),
        "requests.concluded.company": (("5", 0.5), ("11", 0.4)),
        "requests.granted.company": (("5", 0.5), ("11", 0.4)),
        "requests.granted.total": (("17", 0.5), ("23", 0.4)),
        "requests.concluded.total": (("17", 0.5), ("23", 0.4)),
    }
    last = {f"requests.carried_out.{f.rsplit('.', 1)[1]}": (Decimal(7), 0.9999) for f in field_ids}
    cells = read(REQUESTS, ASKED, doubts)
    ties = tie_last_year(REQUESTS, last)
    decoded = decode(cells, REQUESTS.identities, priors=PRIORS, neighbours=ties)
    assert [find(decoded, f).text for f in field_ids] == ["7", "7"]
    assert find(decode(cells, REQUESTS.identities, priors=PRIORS), field_ids[0]).text == "1"


def test_a_table_in_which_nearly_all_is_in_doubt_keeps_its_probabilities_or_is_listed() -> None:
    doubts = {
        f.field_id: ((str(i % 9), 0.3), (str(i % 7 + 2), 0.25), ("1", 0.2)) for i, f in enumerate(REQUESTS.fields)
    }
    decoded = run(REQUESTS, {}, doubts=doubts)
    assert len(decoded.cells) == len(REQUESTS.fields)
    assert decoded.method is not Method.UNCHANGED or decoded.reason
    for cell in decoded.cells:
        assert sum(cell.posterior) + cell.rest == pytest.approx(1.0, abs=1e-6)


def test_the_solver_prints_nothing_among_the_records(capfd: pytest.CaptureFixture[str]) -> None:
    doubts = {
        f.field_id: ((str(i % 9), 0.3), (str(i % 7 + 2), 0.25), ("1", 0.2)) for i, f in enumerate(REQUESTS.fields)
    }
    run(REQUESTS, {}, doubts=doubts)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("text", ["9" * 40, "-5", "0.0000001", "٣"])
def test_a_monstrous_candidate_breaks_nothing(text: str) -> None:
    decoded = run(DISPUTES, SOLD, doubts={PENDING: ((text, 0.6), ("2", 0.3))})
    assert find(decoded, PENDING).text in {text, "2"}


def test_no_table_is_an_empty_one() -> None:
    assert decode([], (), priors=PRIORS).cells == ()
