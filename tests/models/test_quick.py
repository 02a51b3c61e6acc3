from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from models.document import Cell, Evidence
from models.quick import quicken

PLAIN = Cell("12", 0, 1, 1, 2, Evidence(page=1))


def test_quickened_class_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        PLAIN.text = "13"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del PLAIN.text
    with pytest.raises((AttributeError, TypeError)):
        PLAIN.other = 1  # type: ignore[attr-defined]


def test_quickened_class_is_made_as_any_dataclass() -> None:
    assert type(PLAIN) is Cell
    named = Cell(text="12", row=0, column=1, row_end=1, column_end=2, evidence=Evidence(page=1), position=-1)
    assert named == PLAIN
    assert hash(PLAIN) == hash(replace(PLAIN))
    assert replace(PLAIN, row=5).row == 5
    assert repr(Evidence(line=3)).startswith("Evidence(page=None, bbox=None, line=3, ")
    assert list(inspect.signature(Cell).parameters) == list(Cell.__slots__)


def test_quickened_class_can_be_copied_and_pickled() -> None:
    for made in (copy.copy(PLAIN), copy.deepcopy(PLAIN), pickle.loads(pickle.dumps(PLAIN))):
        assert made == PLAIN
        assert type(made) is Cell


def test_wrong_arguments_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"Cell.*evidence"):
        Cell("12", 0, 1, 1, 2)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="colour"):
        Evidence(colour="red")  # type: ignore[call-arg]


def test_class_that_cannot_be_quickened_is_refused() -> None:
    @dataclass(frozen=True)
    class WithoutSlots:
        text: str

    @dataclass(frozen=True, slots=True)
    class WithFactory:
        texts: list[str] = field(default_factory=list)

    @dataclass(frozen=True, slots=True)
    class WithMore:
        text: str

        def __post_init__(self) -> None:
            raise ValueError

    for cls in (WithoutSlots, WithFactory, WithMore):
        with pytest.raises(TypeError, match=cls.__name__):
            quicken(cls)


def test_quickened_class_cannot_be_derived_from() -> None:
    with pytest.raises(TypeError, match="Longer"):

        class Longer(Cell):
            pass
