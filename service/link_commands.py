"""What is found over all reports of a store: agencies, copies, years, coverage."""

from __future__ import annotations

from review.store.database import Store


def link_and_tell(store: Store) -> None:
    """Link what is new."""
