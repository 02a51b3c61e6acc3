from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from models.width import fold_width


@given(st.text(alphabet="，：；（）！？％＝\u3000\xa0１ａ政府1a=(\u0338\u0301\ufb01", max_size=12))
def test_width_is_folded_as_unicode_folds_it(text: str) -> None:
    assert fold_width(text) == unicodedata.normalize("NFKC", text)
