"""Text that is sent in pieces is the text."""

from hypothesis import given
from hypothesis import strategies as st

from api.exports.writing import pieces


@given(text=st.lists(st.text()), size=st.integers(1, 20))
def test_pieces_are_the_text_and_all_but_the_last_are_large(text: list[str], size: int) -> None:
    found = list(pieces(text, size))
    assert "".join(found) == "".join(text)
    assert all(len(piece) >= size for piece in found[:-1])
