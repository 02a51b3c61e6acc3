from __future__ import annotations

from decimal import Decimal

from extraction.facts.ties import list_witnesses, tie_facts
from models.document import Evidence
from models.form import Identity
from models.numbers import State
from models.report import Decision, Fact, Reading

UNITS = {"requests.new.total": "件", "statistics.fees.amount": "万元"}
DIRECT, AFTER = "disputes.litigation_direct.total", "disputes.litigation_after_reconsideration.total"
UNITS |= {DIRECT: "件", AFTER: "件", "requests.concluded.total": "件"}


def say(
    item: str | None, value: str, *, unit: str = "件", confidence: float = 0.99, line: int = 1, rounded: bool = False
):
    return Fact(item, Decimal(value), unit, "一句话", None, confidence, Evidence(line=line), rounded)


def read(field_id: str, value: str | None, *, review: bool = False) -> Reading:
    state = State.BLANK if value is None else State.NUMBER
    number = None if value is None else Decimal(value)
    family = field_id.split(".", maxsplit=1)[0]
    form = f"{family}@{'2014' if family == 'statistics' else '2019' if family == 'disputes' else '2021'}"
    return Reading(field_id, form, state, number, value, None, 0.999, Decision(review))


def test_a_fact_is_tied_to_the_cell_that_says_the_same() -> None:
    (fact,), findings = tie_facts([say("requests.received", "61")], [read("requests.new.total", "61")], UNITS)
    assert fact.field_id == "requests.new.total"
    assert findings == ()


PERSON, COMPANY = "requests.new.natural_person", "requests.new.company"
ROW = Identity("requests.new.total", (PERSON, COMPANY), ("requests.new.total",))
BALANCE = Identity(
    "requests.balance",
    ("requests.new.total", "requests.carried_in.total"),
    ("requests.concluded.total", "requests.carried_out.total"),
)
PERSON_BUT_ONE = [read(PERSON, "58"), read(COMPANY, "2")]  # together 60


def test_a_fact_with_which_the_sum_of_the_table_would_hold_is_a_finding_of_the_source() -> None:
    readings = [read("requests.new.total", "61"), *PERSON_BUT_ONE]
    (fact,), (finding,) = tie_facts([say("requests.received", "60")], readings, UNITS, identities=[ROW])
    assert fact.field_id is None
    assert (finding.identity_id, finding.fields, finding.kind) == (
        "facts.requests.received",
        ("requests.new.total",),
        "source",
    )
    assert (finding.left, finding.right) == (Decimal(61), Decimal(60))


def test_a_finding_is_of_the_reading_where_the_cell_or_the_fact_is_in_doubt() -> None:
    total = read("requests.new.total", "61")
    under_review = read("requests.new.total", "61", review=True)
    unsure = say("requests.received", "60", confidence=0.6)
    doubtful = tie_facts([unsure], [total, *PERSON_BUT_ONE], UNITS, identities=[ROW])
    reviewed = tie_facts([say("requests.received", "60")], [under_review, *PERSON_BUT_ONE], UNITS, identities=[ROW])
    assert [findings[0].kind for _, findings in (doubtful, reviewed)] == ["reading", "reading"]


def test_a_sentence_against_a_table_that_adds_up_is_no_finding_of_the_source() -> None:
    readings = [read("requests.new.total", "61"), read(PERSON, "59"), read(COMPANY, "2")]
    _, (finding,) = tie_facts([say("requests.received", "60")], readings, UNITS, identities=[ROW])
    assert finding.kind == "reading"


def test_a_sentence_against_a_cell_in_no_sum_is_no_finding_of_the_source() -> None:
    _, (finding,) = tie_facts([say("requests.received", "60")], [read("requests.new.total", "61")], UNITS)
    assert finding.kind == "reading"


def test_a_number_that_breaks_one_sum_to_mend_another_does_not_side_with_the_sentence() -> None:
    rest = [
        read("requests.carried_in.total", "0"),
        read("requests.concluded.total", "61"),
        read("requests.carried_out.total", "0"),
    ]
    readings = [read("requests.new.total", "61"), *PERSON_BUT_ONE, *rest]
    _, (finding,) = tie_facts([say("requests.received", "60")], readings, UNITS, identities=[ROW, BALANCE])
    assert finding.kind == "reading"


def test_of_two_sentences_at_odds_the_one_that_the_sums_side_with_is_told() -> None:
    facts = [say("requests.received", "12"), say("requests.received", "60", line=2)]
    readings = [read("requests.new.total", "61"), *PERSON_BUT_ONE]
    _, (finding,) = tie_facts(facts, readings, UNITS, identities=[ROW])
    assert (finding.right, finding.kind) == (Decimal(60), "source")


def test_a_count_of_what_came_in_and_was_carried_in_together_is_not_at_odds() -> None:
    readings = [
        read("requests.new.total", "61"),
        read("requests.carried_in.total", "2"),
        read("requests.concluded.total", "63"),
        read("requests.carried_out.total", "0"),
    ]
    assert tie_facts([say("requests.received", "63")], readings, UNITS, identities=[BALANCE])[1] == ()


def test_a_count_of_one_of_the_cells_of_an_item_is_not_at_odds() -> None:
    readings = [read(DIRECT, "26"), read(AFTER, "20")]
    assert tie_facts([say("litigation.received", "26")], readings, UNITS)[1] == ()
    assert tie_facts([say("litigation.received", "0")], readings, UNITS)[1] != ()


def test_money_is_compared_in_one_unit() -> None:
    facts = [say("fees.amount", "1605964", unit="元")]
    (fact,), findings = tie_facts(facts, [read("statistics.fees.amount", "160.5964")], UNITS)
    assert fact.field_id == "statistics.fees.amount"
    assert findings == ()


def test_a_sum_over_two_cells_agrees_without_a_cell_of_its_own() -> None:
    readings = [read(DIRECT, "26"), read(AFTER, "20")]
    (fact,), findings = tie_facts([say("litigation.received", "46")], readings, UNITS)
    assert fact.field_id is None
    assert findings == ()
    assert tie_facts([say("litigation.received", "45")], readings, UNITS)[1]


def test_a_blank_cell_is_at_odds_with_nothing() -> None:
    assert tie_facts([say("requests.received", "5")], [read("requests.new.total", None)], UNITS)[1] == ()


def test_a_rounded_number_is_at_odds_only_where_it_cannot_stand_for_the_cell() -> None:
    near = tie_facts([say("requests.received", "5500", rounded=True)], [read("requests.new.total", "5537")], UNITS)
    far = tie_facts([say("requests.received", "5500", rounded=True)], [read("requests.new.total", "6100")], UNITS)
    assert near[1] == ()
    assert far[1] != ()


def test_a_part_whose_rest_stands_in_the_same_line_is_not_at_odds() -> None:
    facts = [say("requests.concluded", "57"), say(None, "2")]
    assert tie_facts(facts, [read("requests.concluded.total", "59")], UNITS)[1] == ()
    apart = [say("requests.concluded", "57"), say(None, "2", line=9)]
    assert tie_facts(apart, [read("requests.concluded.total", "59")], UNITS)[1] != ()


def test_what_another_sentence_confirms_is_not_at_odds() -> None:
    facts = [say("requests.received", "61"), say("requests.received", "12", line=2)]
    assert tie_facts(facts, [read("requests.new.total", "61")], UNITS)[1] == ()


def test_a_fact_without_a_name_or_a_form_is_left_alone() -> None:
    facts = [say(None, "5"), say("training.courses", "3")]
    assert tie_facts(facts, [read("requests.new.total", "61")], UNITS) == (tuple(facts), ())
    assert tie_facts(facts, [], {}) == (tuple(facts), ())


def test_a_sure_fact_of_one_cell_is_a_witness_in_the_unit_of_the_cell() -> None:
    facts = [say("requests.received", "60"), say("fees.amount", "1605964", unit="元")]
    witnesses = {w.field_id: (w.value, w.confidence < 0.99) for w in list_witnesses(facts, UNITS)}
    assert witnesses == {
        "requests.new.total": (Decimal(60), True),
        "statistics.fees.amount": (Decimal("160.5964"), True),
    }


def test_what_is_unsure_rounded_contradicted_or_of_several_cells_is_no_witness() -> None:
    facts = [
        say("requests.received", "60"),
        say("requests.received", "61"),
        say("requests.concluded", "50", rounded=True),
        say("litigation.received", "46"),
        say("fees.amount", "3", unit="万元", confidence=0.7),
        say(None, "5"),
    ]
    assert list_witnesses(facts, UNITS) == ()
