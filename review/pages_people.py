"""Who looks at a page: a person with a role, as the service finds them out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

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
    """What the pages need of the service: a dependency that gives the viewer or refuses the request."""

    def require(self, role: str) -> Callable[[Request], Awaitable[Viewer]]: ...


def role_reaches(role: str, wanted: str) -> bool:
    """Whether a role is the wanted one or a higher one; a role that is not known reaches nothing."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(wanted)
