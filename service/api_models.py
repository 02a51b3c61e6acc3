"""What the API takes and gives, where the store's own data are not given as they are."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.numbers import State
from review.pages_answers import Lease, Number, ReadingIn, Strict, Text

Role = Literal["reader", "reviewer", "admin"]
UserName = Annotated[str, Field(min_length=1, max_length=60)]
Password = Annotated[str, Field(min_length=1, max_length=200)]


class Given(BaseModel):
    """Data that goes out, made of the store's."""

    model_config = ConfigDict(from_attributes=True)


class Fault(BaseModel):
    """Why a request was refused."""

    detail: Any


class UploadOut(Given):
    """A document on its way: `waiting`, `reading`, `done` (with its document) or `failed` (with a code)."""

    upload_id: int
    name: str
    sha256: str
    size: int
    person: str
    added_at: datetime
    status: str
    attempts: int
    document_id: int | None
    error_code: str | None
    error_message: str | None
    finished_at: datetime | None


class QuestionOut(Given):
    """A cell to be checked, leased to whoever asked for it until `lease_until`."""

    lease: str
    lease_until: datetime
    document_id: int
    source: str
    organization: str | None
    year: int | None
    form: str
    field: str
    label: str
    unit: str
    kind: str
    state: State
    value: Decimal | None
    raw: str | None
    evidence: dict[str, Any] | None
    candidates: list[dict[str, Any]]


class OutcomeOut(Given):
    """What an answer came to; `status` is that of its question."""

    correction_id: int
    document_id: int
    form: str
    field: str
    action: str
    status: str


class AnswerIn(ReadingIn):
    """An answer to a question; without a state one is not sure. Sent twice it counts once."""

    lease: Lease
    state: State | None = None


class CorrectionIn(Strict):
    """What is printed in a cell, said without being asked."""

    document_id: Annotated[int, Field(ge=1, lt=2**53)]
    form: Text
    field: Text
    state: State
    value: Number | None = None
    raw: Text | None = None
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


class UndoneOut(BaseModel):
    """The cell whose last answer was taken back; `question` where it is asked again."""

    document_id: int
    form: str
    field: str
    question: QuestionOut | None = None


class PromiseOut(Given):
    """At most `target` of the accepted cells of a kind of source are wrong, with `certainty`; what it was fitted on."""

    kind: str
    target: float
    certainty: float
    bound: float
    method: str
    units: int
    accepted: int
    wrong: int


class PolicyOut(BaseModel):
    """How cells are accepted and asked about.

    `thresholds`: the confidence from which they are, by kind of source (`digital`, `pages`, `scan`); null where all go
    to a person. `promises`: those that hold for these models.
    """

    thresholds: dict[str, float | None]
    promises: list[PromiseOut]
    models: dict[str, str]
    lease_seconds: float
    double_share: float
    audit_share: float
    audit_rates: dict[str, float]


class UserOut(Given):
    """A user, without the hash of the password."""

    name: str
    role: str
    active: bool
    added_at: datetime


class UserIn(Strict):
    """A new user."""

    name: UserName
    password: Password
    role: Role


class UserChange(Strict):
    """What changes about a user."""

    role: Role | None = None
    active: bool | None = None
    password: Password | None = None


class TokenIn(Strict):
    """A new token of one's own, with no more rights than one has."""

    label: Annotated[str, Field(min_length=1, max_length=80)]
    role: Role = "reader"
    days: Annotated[int, Field(ge=1, le=3650)] = 90


class TokenOut(Given):
    """A token without its secret."""

    token_id: int
    label: str
    role: str
    added_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None


class NewToken(BaseModel):
    """A new token; its secret is never shown again."""

    token_id: int
    token: str


class Health(BaseModel):
    """Whether the service can work."""

    status: Literal["ok", "unavailable"]
    store: Literal["ok", "away"]
