"""The JSON API of what people do: questions and answers, edits, users and tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from fastapi import Path as PathPart

from review.answers import Answer
from review.pages import BIGGEST
from review.pages_answers import MAX_SECONDS, LeaseIn
from review.pages_people import Admin, Reader, Reviewer, StoreIn
from review.store import answering, leasing, people, reports
from review.store.progress_people import PersonFigures, measure_people
from service.access_passwords import PasswordError, hash_key, hash_password, make_token
from service.api_account_pages import add_user, is_user_name
from service.api_models import (
    AnswerIn,
    CorrectionIn,
    Fault,
    NewToken,
    OutcomeOut,
    QuestionOut,
    TokenIn,
    TokenOut,
    UndoneOut,
    UserChange,
    UserIn,
    UserOut,
)
from service.api_routes import FAULTS, MISSING, DocumentId

CONFLICT: dict[int | str, dict[str, Any]] = {409: {"model": Fault, "description": "it is not as you think any more"}}
WRONG: dict[int | str, dict[str, Any]] = {422: {"model": Fault, "description": "values that contradict"}}
UserPath = Annotated[str, PathPart(min_length=1, max_length=60)]
router = APIRouter(prefix="/api/v1", responses=FAULTS)


@router.post("/questions/next", tags=["questions"])
def lease_question(viewer: Reviewer, store: StoreIn) -> QuestionOut | None:
    """The most useful cell to look at, yours until `lease_until`; null where nothing waits."""
    item = leasing.lease_item(store, viewer.name)
    return None if item is None else QuestionOut.model_validate(item)


@router.post("/questions/answer", tags=["questions"], responses=CONFLICT | WRONG)
def answer_question(viewer: Reviewer, store: StoreIn, data: AnswerIn) -> OutcomeOut:
    """Say what is printed; the same answer sent again counts once."""
    try:
        outcome = answering.answer_item(store, data.lease, data.make_answer(viewer.name))
    except answering.LeaseLost as error:
        raise HTTPException(409, "the lease has ended, and another person has the question") from error
    return OutcomeOut.model_validate(outcome)


@router.post("/questions/skip", tags=["questions"], responses=CONFLICT)
def skip_question(viewer: Reviewer, store: StoreIn, data: LeaseIn) -> dict[str, bool]:
    """Give a question to others."""
    if not leasing.skip_item(store, data.lease, viewer.name):
        raise HTTPException(409, "the lease has ended")
    return {"skipped": True}


@router.post("/questions/undo", tags=["questions"], responses=CONFLICT)
def undo(viewer: Reviewer, store: StoreIn) -> UndoneOut:
    """Take back your last answer; its question is yours again."""
    undone = answering.undo_answer(store, viewer.name)
    if undone is None:
        raise HTTPException(409, "nothing is left to undo")
    question = QuestionOut.model_validate(undone) if isinstance(undone, leasing.ReviewItem) else None
    return UndoneOut(document_id=undone.document_id, form=undone.form, field=undone.field, question=question)


@router.post("/corrections", status_code=201, tags=["corrections"], responses=MISSING | WRONG)
def add_correction(viewer: Reviewer, store: StoreIn, data: CorrectionIn) -> OutcomeOut:
    """Correct a cell; this settles it."""
    seconds = None if data.seconds is None else min(data.seconds, MAX_SECONDS)
    try:
        answer = Answer(viewer.name, data.state, data.value, data.raw, seconds)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    try:
        outcome = answering.edit_cell(store, data.document_id, data.form, data.field, answer)
    except LookupError as error:
        raise HTTPException(404, "there is no such cell") from error
    return OutcomeOut.model_validate(outcome)


@router.get("/documents/{document_id}/cells/{form}/{field}/history", tags=["corrections"], responses=MISSING)
def read_history(
    viewer: Reader, store: StoreIn, document_id: DocumentId, form: str, field: str
) -> list[dict[str, Any]]:
    """All that people said of a cell, the oldest first; not why they were asked."""
    if reports.find_document(store, document_id) is None or (form, field) not in store.field_numbers:
        raise HTTPException(404, "there is no such cell")
    rows = reports.read_history(store, document_id, form, field)
    return [{name: getattr(row, name) for name in row.__slots__ if name != "purpose"} for row in rows]


@router.get("/progress/people", tags=["users"])
def list_people(viewer: Admin, store: StoreIn) -> list[PersonFigures]:
    """How much each person answered lately, how fast, and how often a second person says the same."""
    return list(measure_people(store))


@router.get("/users", tags=["users"])
def list_users(viewer: Admin, store: StoreIn) -> list[UserOut]:
    """All users."""
    return [UserOut.model_validate(user) for user in people.list_users(store)]


@router.post("/users", status_code=201, tags=["users"], responses=WRONG)
def create_user(viewer: Admin, store: StoreIn, data: UserIn) -> dict[str, str]:
    """Add a user."""
    if problem := add_user(store, data.name, data.password, data.role):
        raise HTTPException(422, problem)
    return {"name": data.name}


@router.patch("/users/{name}", tags=["users"], responses=MISSING | WRONG)
def change_user(viewer: Admin, store: StoreIn, name: UserPath, data: UserChange) -> dict[str, str]:
    """Change role, password or whether a user may come in; one's own role of admin stays."""
    if name == viewer.name and (data.active is False or data.role not in (None, "admin")):
        raise HTTPException(422, "nobody takes the role of admin from themselves")
    try:
        hashed = None if data.password is None else hash_password(data.password)
    except PasswordError as error:
        raise HTTPException(422, str(error)) from error
    known = is_user_name(name) and people.change_user(
        store, name, password_hash=hashed, role=data.role, active=data.active
    )
    if not known:
        raise HTTPException(404, "there is no such user")
    return {"name": name}


@router.get("/tokens", tags=["users"])
def list_tokens(viewer: Reader, store: StoreIn) -> list[TokenOut]:
    """Your tokens, without their secrets."""
    return [TokenOut.model_validate(token) for token in people.list_tokens(store, viewer.name)]


@router.post("/tokens", status_code=201, tags=["users"], responses=WRONG)
def add_token(viewer: Reader, store: StoreIn, data: TokenIn) -> NewToken:
    """Make a token with a role that you have; it is shown this once."""
    if not viewer.may(data.role):
        raise HTTPException(422, "a token has no more rights than you")
    token = make_token()
    expires = store.clock() + timedelta(days=data.days)
    number = people.add_token(store, hash_key(token), viewer.name, label=data.label, role=data.role, expires_at=expires)
    return NewToken(token_id=number, token=token)


@router.delete("/tokens/{token_id}", tags=["users"], responses=MISSING)
def end_token(viewer: Reader, store: StoreIn, token_id: Annotated[int, PathPart(ge=1, lt=BIGGEST)]) -> dict[str, bool]:
    """End one of your tokens."""
    own = {row.token_id for row in people.list_tokens(store, viewer.name) if row.ended_at is None}
    if token_id not in own:
        raise HTTPException(404, "there is no such token")
    return {"ended": people.end_token(store, token_id)}
