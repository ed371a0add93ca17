"""Named random streams."""

from hypothesis import given
from hypothesis import strategies as st

from fairtrial.core.seeds import stream, stream_seed

NAMES = st.lists(st.one_of(st.text(max_size=8), st.integers(-5, 5)), min_size=1, max_size=4)


@given(st.integers(), NAMES, NAMES)
def test_other_names_give_other_streams(seed: int, one: list, other: list) -> None:
    """Two streams are equal exactly when their names are, in value and type."""
    same = [(type(x), x) for x in one] == [(type(x), x) for x in other]
    assert (stream_seed(seed, *one) == stream_seed(seed, *other)) == same


@given(st.integers(), NAMES)
def test_a_stream_is_reproducible_and_fits_torch(seed: int, names: list) -> None:
    """The same name gives the same numbers, from a seed that torch accepts."""
    assert 0 <= stream_seed(seed, *names) < 2**63
    assert stream(seed, *names).random() == stream(seed, *names).random()


def test_streams_stay_what_they_are() -> None:
    """Stored results stay reproducible: the derivation of seeds is part of the contract."""
    assert stream_seed(0, "a", 1) == 1936669437220260711
