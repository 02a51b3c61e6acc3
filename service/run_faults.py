"""What may be wrong with the processes that read, and says nothing of the document they were given."""

from __future__ import annotations


class ChildGone(Exception):  # noqa: N818
    """The child was stopped, or could not be started."""


class ChildFault(ChildGone):
    """The processes that read did not get ready: their models are broken, say. Others will do no better here."""
