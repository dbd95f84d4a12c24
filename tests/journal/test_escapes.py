"""Percent-escapes become what they stand for, as the standard library has it."""

from __future__ import annotations

from urllib.parse import unquote, unquote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockflow.journal.escapes import unescaped, unescaped_field

TEXTS = st.lists(
    st.sampled_from(["%", "%4", "%41", "%C3", "%A9", "%ff", "%zz", "+", "a", "é", "\U0001f600", "%25"])
).map("".join)


@settings(max_examples=300, derandomize=True, database=None)
@given(TEXTS)
def test_it_is_what_the_library_makes_of_it(text: str) -> None:
    assert unescaped(text) == unquote(text)
    assert unescaped_field(text) == unquote_plus(text)


def test_what_is_no_utf_8_can_be_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        unescaped_field("%ff", "strict")
