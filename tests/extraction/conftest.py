"""What matches labels and forms, loaded once for all tests that read tables."""

from __future__ import annotations

import pytest

from extraction.forms import FormMatcher
from extraction.labels import LabelMatcher
from models.trained import load_trained
from tests.extraction.form_tables import FORMS


@pytest.fixture(scope="session")
def labels() -> LabelMatcher:
    return LabelMatcher(load_trained("labels"), FORMS.values())


@pytest.fixture(scope="session")
def matcher(labels: LabelMatcher) -> FormMatcher:
    return FormMatcher(FORMS, labels)
