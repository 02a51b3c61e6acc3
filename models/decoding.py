"""What decoding a table takes and gives: candidates of cells, ties, priors, posteriors, repairs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from models.form import Field
from models.picture import Candidate
from models.repair import Repair
from models.report import Finding
from models.trained import TRAINED_FOLDER, load_settings, save_settings

PRIORS_FILE = "decoding.json"


@dataclass(frozen=True, slots=True)
class CellCandidates:
    """A cell with what its picture may say, the most probable first; what lacks to a probability of 1 is anything else.

    No candidates: nothing is known of the cell (it is missing).
    """

    field: Field
    candidates: tuple[Candidate, ...]


class Witness(NamedTuple):
    """A number said elsewhere for a field: by a sentence (`fact`), another year, a `copy` of the report."""

    field_id: str
    value: Decimal
    confidence: float
    origin: str = "fact"


@dataclass(frozen=True, slots=True)
class Tie:
    """A linear tie between cells: the sum of `terms` (field, coefficient) `relation` `constant`.

    An identity of the form, or what another year or a witness says of cells of this one. `reliability`: the probability
    that it holds of the agency's own numbers, or `None` for the prior's.
    """

    tie_id: str
    terms: tuple[tuple[str, int], ...]
    constant: Decimal = Decimal(0)
    relation: str = "="
    reliability: float | None = None
    origin: str = "identity"


@dataclass(frozen=True, slots=True)
class Priors:
    """What is believed before the table is seen; probabilities unless said otherwise.

    `misprint`: that an agency's cell is not the number it should be. `unlocated`: that a sum does not hold for a reason
    that is no misprint of a few cells. `unfilled`: that it need not hold where cells in it are printed empty.
    `beyond`: least probability that a picture says something that is not among its candidates. `support`: least
    probability that the picture must give a candidate for it to be chosen.
    """

    misprint: float = 2e-4
    unlocated: float = 1e-6
    unfilled: float = 0.2
    beyond: float = 1e-6
    support: float = 0.01


class Method(StrEnum):
    """How a table was decoded; `unchanged`: it was not, and the probabilities are those of the pictures alone."""

    CLEAR = "clear"  # every sum holds and no cell is doubtful
    SEARCH = "search"  # every table within reach was listed
    PROGRAM = "program"  # the best table by integer programming, those around it listed
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class DecodedCell:
    """A cell after decoding. `chosen` is a place in its candidates, -1 where it has none that says anything.

    `posterior`: of each candidate, that it is what is printed; `rest`: of anything else. `tied`: whether an identity
    that could be checked says anything of it.
    """

    field_id: str
    candidates: tuple[Candidate, ...]
    chosen: int
    posterior: tuple[float, ...]
    rest: float
    tied: bool

    @property
    def confidence(self) -> float:
        """The posterior of the chosen candidate; not calibrated."""
        return self.posterior[self.chosen] if self.chosen >= 0 else 0.0

    @property
    def text(self) -> str | None:
        """The chosen print."""
        return self.candidates[self.chosen].text if self.chosen >= 0 else None


@dataclass(frozen=True, slots=True)
class Decoded:
    """A table after decoding: its cells in the order given, what is at odds, what may be the matter.

    `reason` says why it was not decoded, or not completely; else it is empty.
    """

    cells: tuple[DecodedCell, ...]
    findings: tuple[Finding, ...]
    repairs: tuple[Repair, ...]
    method: Method
    reason: str = ""


def load_priors(*, folder: Path = TRAINED_FOLDER) -> Priors:
    """The fitted priors of a folder of models, or those that ship where it has none."""
    where = folder if (folder / PRIORS_FILE).exists() else TRAINED_FOLDER
    return Priors(**load_settings(PRIORS_FILE, folder=where)["priors"])


def save_priors(priors: Priors, card: dict[str, Any], *, folder: Path = TRAINED_FOLDER) -> None:
    """Write priors beside what they were fitted on."""
    save_settings(PRIORS_FILE, {"priors": asdict(priors), **card}, folder=folder)
