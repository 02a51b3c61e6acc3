"""Frozen dataclasses of which a document makes thousands, made in less than half the time."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


def quicken(cls: type[T]) -> type[T]:
    """Give a frozen dataclass with slots an `__init__` that takes less than half the time; it stays frozen.

    The usual one calls `object.__setattr__` for each field, which was 13 % of the time of a report. This one sets the
    fields of an open twin with the same slots, which then becomes what it shall be by its `__class__`.
    Raises `TypeError` for any other class, for default factories and `__post_init__`, and where one is subclassed.
    """
    entries = fields(cls)  # type: ignore[arg-type]
    names = tuple(entry.name for entry in entries)
    plain = all(entry.init and entry.default_factory is MISSING for entry in entries)
    if cls.__dict__.get("__slots__") != names or hasattr(cls, "__post_init__") or not plain:
        raise TypeError(f"{cls.__name__} is no dataclass of slots and plain defaults alone")
    scope: dict[str, Any] = {
        "_set_class": object.__dict__["__class__"].__set__,
        "_open": type(cls.__name__, (), {"__slots__": names}),
        "_closed": cls,
    }
    scope |= {f"_{entry.name}": entry.default for entry in entries if entry.default is not MISSING}
    parameters = ", ".join(f"{name}=_{name}" if f"_{name}" in scope else name for name in names)
    lines = ["_set_class(self, _open)", *(f"self.{name} = {name}" for name in names), "self.__class__ = _closed"]
    exec(f"def __init__(self, {parameters}):\n " + "\n ".join(lines), scope)  # as dataclasses makes its own
    init = scope["__init__"]
    init.__qualname__, init.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    init.__annotations__ = {entry.name: entry.type for entry in entries} | {"return": None}
    cls.__init__ = init  # type: ignore[method-assign]
    cls.__init_subclass__ = classmethod(_refuse_subclass)  # type: ignore[assignment]
    return cls


def _refuse_subclass(cls: type) -> NoReturn:
    raise TypeError(f"{cls.__name__} would be made as the quickened class that it is derived from")
