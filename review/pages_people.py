"""Who looks at a page: a person with a role, as the service finds them out, and the store they look into."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends
from starlette.requests import Request

from review.store.database import Store

ROLES = ("reader", "reviewer", "admin")  # each may do what those before it may


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person who is logged in; `csrf` goes into every form, `session` is false for API tokens."""

    name: str
    role: str
    csrf: str
    session: bool = True

    def may(self, role: str) -> bool:
        """Whether the person has a role or a higher one."""
        return role_reaches(self.role, role)


class Access(Protocol):
    """What the application keeps as `state.access`: it gives the viewer of a request, or raises to refuse it."""

    async def admit(self, request: Request, role: str) -> Viewer: ...


def role_reaches(role: str, wanted: str) -> bool:
    """Whether a role is the wanted one or a higher one; a role that is not known reaches nothing."""
    return role in ROLES and wanted in ROLES and ROLES.index(role) >= ROLES.index(wanted)


def require(role: str) -> Callable[[Request], Awaitable[Viewer]]:
    """A dependency of a route that needs a role."""

    async def admit(request: Request) -> Viewer:
        access: Access = request.app.state.access
        return await access.admit(request, role)

    admit.__qualname__ = f"require.{role}"
    return admit


async def find_store(request: Request) -> Store:
    """The store of the application, kept as `state.store`; asynchronous, so that no thread is asked for it."""
    store: Store = request.app.state.store
    return store


Reader = Annotated[Viewer, Depends(require("reader"))]
Reviewer = Annotated[Viewer, Depends(require("reviewer"))]
Admin = Annotated[Viewer, Depends(require("admin"))]
StoreIn = Annotated[Store, Depends(find_store)]
