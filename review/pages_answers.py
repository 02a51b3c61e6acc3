"""What people answer on the pages: answers to questions, skips, undo, edits in place, groups."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from models.numbers import State
from review.answers import Answer
from review.pages import BIGGEST, GROUP_SIZE, render_item
from review.pages_cells import write_number
from review.pages_documents import show_text
from review.pages_people import Reviewer, StoreIn, Viewer
from review.store import answering, leasing
from review.store.database import Store

MAX_SECONDS = 3600.0  # longer, and the person was away
Lease = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")]
Text = Annotated[str, Field(max_length=200)]
Number = Annotated[Decimal, Field(max_digits=24, decimal_places=8, allow_inf_nan=False)]


router = APIRouter(include_in_schema=False)


class Strict(BaseModel):
    """Data that comes in: unknown names are refused."""

    model_config = ConfigDict(extra="forbid")


class ReadingIn(Strict):
    """What a person says is printed; without a state they are not sure."""

    state: State | None
    value: Number | None = None
    raw: Text | None = None
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None

    def make_answer(self, person: str) -> Answer:
        """The answer; raises `HTTPException` 422 where state and value contradict."""
        seconds = None if self.seconds is None else min(self.seconds, MAX_SECONDS)
        try:
            return Answer(person, self.state, self.value, self.raw, seconds)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error


Held = Annotated[list[Lease], Field(max_length=5)]


class AnswerIn(ReadingIn):
    """An answer to a question that one holds the lease of."""

    lease: Lease


class PageAnswerIn(AnswerIn):
    """An answer from the page; `held` are questions that it has already."""

    held: Held = []


class LeaseIn(Strict):
    """A question that one holds the lease of."""

    lease: Lease


class PageLeaseIn(LeaseIn):
    """A question that one holds the lease of, from the page; `held` are others that it has already."""

    held: Held = []


class HeldIn(Strict):
    """Questions that the page has already."""

    held: Held = []


class CellIn(ReadingIn):
    """A cell edited in place."""

    form: Text
    field: Text


class GroupIn(Strict):
    """A group: the questions whose cells are as read, and those that are not."""

    accepted: Annotated[list[Lease], Field(max_length=GROUP_SIZE)]
    odd: Annotated[list[Lease], Field(max_length=GROUP_SIZE)] = []
    state: State
    value: Number | None = None
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


class GroupUndoIn(Strict):
    """Answers to take back, those of a group at once, by the leases they were given to."""

    leases: Annotated[list[Lease], Field(max_length=GROUP_SIZE)]


def show_next(request: Request, store: Store, viewer: Viewer, held: Sequence[str] = ()) -> Response:
    """The next question of a person, as the part of the page that shows it."""
    return render_item(request, store, viewer, leasing.lease_item(store, viewer.name, held=held))


@router.post("/review/next")
def show_ahead(request: Request, viewer: Reviewer, store: StoreIn, data: HeldIn) -> Response:
    """The question after those that the page has, so that nobody waits for it."""
    return show_next(request, store, viewer, data.held)


@router.post("/review/release")
def release(viewer: Reviewer, store: StoreIn, data: HeldIn) -> dict[str, int]:
    """Give back questions that the page had and did not show."""
    return {"released": leasing.release_items(store, viewer.name, data.held)}


@router.post("/review/answer")
def take_answer(request: Request, viewer: Reviewer, store: StoreIn, data: PageAnswerIn) -> Response:
    """Take an answer; gives the next question after those in `held`."""
    try:
        _, item = answering.answer_and_lease(store, data.lease, data.make_answer(viewer.name), held=data.held)
    except answering.LeaseLost as error:
        raise HTTPException(
            409, "另有人在核对此格，请刷新 / another person has this cell now, please reload"
        ) from error
    return render_item(request, store, viewer, item)


@router.post("/review/skip")
def skip(request: Request, viewer: Reviewer, store: StoreIn, data: PageLeaseIn) -> Response:
    """Give a question to others; gives the next one after those in `held`."""
    leasing.skip_item(store, data.lease, viewer.name)
    return show_next(request, store, viewer, data.held)


@router.post("/review/undo")
def undo(request: Request, viewer: Reviewer, store: StoreIn) -> Response:
    """Take back the last answer; gives its question again."""
    undone = answering.undo_answer(store, viewer.name)
    if undone is None:
        raise HTTPException(409, "没有可以撤销的 / nothing is left to undo")
    item = undone if isinstance(undone, leasing.ReviewItem) else leasing.lease_item(store, viewer.name)
    return render_item(request, store, viewer, item)


@router.post("/documents/{document_id}/cells")
def edit(viewer: Reviewer, store: StoreIn, document_id: int, data: CellIn) -> dict[str, Any]:
    """Correct a cell in place."""
    if data.state is None:
        raise HTTPException(422, "请说明印的是什么 / an edit says what is printed")
    return edit_cell(store, viewer, document_id, data)


@router.post("/groups/answer")
def take_group(viewer: Reviewer, store: StoreIn, data: GroupIn) -> dict[str, int]:
    """Take one answer for many questions; each keeps its own print (`1204`, `1,204`)."""
    seconds = None if data.seconds is None else min(data.seconds, MAX_SECONDS)
    try:
        answer = Answer(viewer.name, data.state, data.value, seconds=seconds)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    outcomes = answering.answer_items(store, [(lease, answer) for lease in data.accepted])
    # The odd ones stay with the person, who is asked about them one by one next.
    for lease in data.odd:
        leasing.extend_lease(store, lease, viewer.name)
    return {"accepted": sum(outcome is not None for outcome in outcomes), "odd": len(data.odd)}


@router.post("/groups/undo")
def undo_group(viewer: Reviewer, store: StoreIn, data: GroupUndoIn) -> dict[str, int]:
    """Take back the answers of a group, and no others that came after."""
    return {"undone": answering.undo_answers(store, viewer.name, data.leases)}


def edit_cell(store: Store, viewer: Viewer, document_id: int, data: CellIn) -> dict[str, Any]:
    """Keep an edit and give the cell as it stands now; raises `HTTPException` 404 for a cell that is not there."""
    if not 0 < document_id <= BIGGEST:
        raise HTTPException(404, "没有这份报告 / there is no such document")
    try:
        answering.edit_cell(store, document_id, data.form, data.field, data.make_answer(viewer.name))
    except (KeyError, LookupError) as error:
        raise HTTPException(404, "没有这一格 / there is no such cell") from error
    state, value = str(data.state), write_number(data.value)
    return {"state": state, "value": value, "raw": data.raw, "text": show_text(state, value, data.raw)}
