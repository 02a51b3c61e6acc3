from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.trained import TRAINED_FOLDER, load_trained
from training.corrections import CorrectionError
from training.fitting import Order
from training.learning import CorrectedDocument, Lesson, learn_corrections, measure_answers, split_documents
from training.learning_text import describe_gain
from training.learning_trial import Trial, describe_trial, run_trial, write_answers
from training.reading import load_models, load_reader_of, read_content
from training.synthesis.planted import load_kind, make_planted


def say(text: str) -> None:
    del text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trial")


@pytest.fixture(scope="module")
def trial(folder: Path) -> Trial:
    order = Order(5, 20, say, folder=folder / "models", work=folder / "work")
    return run_trial(folder, order, corrected=8, measured=6, usual=4)


def test_what_people_corrected_is_read_right_in_other_documents_of_the_kind(trial: Trial) -> None:
    before, after = trial.planted
    assert before["accuracy"] < 0.7
    assert 1 - after["accuracy"] < (1 - before["accuracy"]) / 4
    assert after["silent_errors"] <= before["silent_errors"]


def test_what_was_right_stays_right_on_usual_reports(trial: Trial) -> None:
    before, after = trial.usual
    assert after["accuracy"] == before["accuracy"]
    assert after["silent_errors"] == before["silent_errors"]


def test_the_gain_is_shown_on_documents_held_out(trial: Trial) -> None:
    lesson = trial.lesson
    assert lesson.held_out == 2
    assert lesson.learned_from == 6
    assert lesson.after["error_rate"] < lesson.before["error_rate"]
    text = describe_gain(lesson)
    assert "个人提出 is 自然人" in text
    assert "held-out documents: 2" in text
    assert "planted kind" in describe_trial(trial)


def test_the_models_learned_are_a_set_of_their_own_and_those_that_ship_stay(trial: Trial, folder: Path) -> None:
    shipped, learned = load_models(), load_models(folder / "models")
    assert "learned" in learned["labels"].arrays
    assert "learned" not in shipped["labels"].arrays
    assert learned["labels"].version != shipped["labels"].version
    assert learned["cells"].version == shipped["cells"].version
    assert learned["labels"].card["learned"]["wordings"] == len(trial.lesson.learned)


def test_a_record_names_the_models_that_learned(folder: Path, trial: Trial) -> None:
    document = make_planted(1, seed=9, split="test")
    record = read_content("a.html", document.content, load_reader_of(folder / "models"))
    assert record["models"]["labels"] == load_trained("labels", folder=folder / "models").version


def test_learning_again_keeps_what_was_learned_before(folder: Path, trial: Trial, tmp_path: Path) -> None:
    row = json.loads((folder / "corrections.jsonl").read_text("utf-8").splitlines()[0])
    row |= {"form": "requests@2021", "field": "requests.new.natural_person", "row_labels": []}
    rows = [row | {"sha256": name, "source": name, "column_labels": ["群众个人"]} for name in "abcd"]
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    order = Order(5, 20, say, folder=tmp_path / "more", work=tmp_path)
    lesson = learn_corrections(tmp_path / "c.jsonl", order, base=folder / "models", confidence=False)
    learned = load_trained("labels", folder=tmp_path / "more").arrays["learned"].tolist()
    assert ["requests", "自然人", "群众个人"] in learned
    assert len(learned) == len(trial.lesson.learned) + 1
    assert lesson.before["cells"] == 0  # the documents are not at hand
    assert "not known" in describe_gain(lesson)


def test_the_models_that_ship_are_never_written_over(folder: Path, trial: Trial, tmp_path: Path) -> None:
    order = Order(5, 20, say, folder=TRAINED_FOLDER, work=tmp_path)
    with pytest.raises(CorrectionError, match="folder of their own"):
        learn_corrections(folder / "corrections.jsonl", order, confidence=False)


def test_confidence_is_not_fitted_on_fewer_documents_than_before(folder: Path, trial: Trial, tmp_path: Path) -> None:
    told: list[str] = []
    order = Order(5, 20, told.append, folder=tmp_path / "models", work=tmp_path)
    lesson = learn_corrections(folder / "corrections.jsonl", order, documents=folder / "documents")
    assert lesson.examples == 0
    assert load_trained("cells", folder=order.folder).version == load_trained("cells").version
    assert "confidence not fitted anew" in told[0]


def test_documents_are_held_out_by_their_names_and_one_alone_is_learned_from() -> None:
    documents = [CorrectedDocument(str(i), None, ()) for i in range(12)]
    kept, held_out = split_documents(documents)
    assert len(held_out) == 3
    assert split_documents(documents[::-1]) == (kept, held_out)
    assert split_documents(documents[:1]) == (documents[:1], [])
    assert split_documents([]) == ([], [])


def test_cells_that_were_not_found_are_wrong_but_not_silent(tmp_path: Path) -> None:
    document = make_planted(0, seed=1, split="train")
    reader = load_reader_of()
    write_answers(tmp_path / "c.jsonl", [document], reader, seed=1)
    from training.corrections import read_corrections
    from training.learning import gather_documents

    (found,) = gather_documents(read_corrections(tmp_path / "c.jsonl"), tmp_path / "documents")
    assert found.content == document.content
    nothing = replace(found, content=b"<html><body><p>none</p></body></html>")
    measured = measure_answers([nothing], reader)
    assert measured["wrong"] == measured["cells"] == len(found.answers)
    assert measured["silent_errors"] == 0


def test_the_planted_kind_is_seen_by_no_training() -> None:
    wordings = {text for family in load_kind()["wordings"].values() for text in family.values()}
    folder = Path(__file__).parent.parent.parent
    data = list(folder.glob("models/forms/*.yaml")) + [
        path for path in folder.glob("training/synthesis/*.yaml") if path.name != "planted.yaml"
    ]
    text = "".join(path.read_text("utf-8") for path in data)
    assert not [wording for wording in wordings if wording in text]


def test_a_planted_document_knows_under_which_labels_its_cells_stand() -> None:
    document = make_planted(3, seed=1, split="test")
    printed = document.truth["cells"]["requests.new.company"]["printed"]
    assert printed["column"][-1] == "公司厂商"
    assert printed["row"][-1] == "一、当期登记受理件"
    assert make_planted(3, seed=1, split="test").content == document.content


def test_a_lesson_is_plain_data(trial: Trial) -> None:
    assert isinstance(trial.lesson, Lesson)
    assert json.loads(json.dumps(trial.lesson.as_data()))["folder"] == "models"
    assert json.loads(json.dumps(trial.as_data()))["wordings"] == len(trial.lesson.learned)
