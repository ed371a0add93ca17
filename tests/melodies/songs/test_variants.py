"""A song without each of its wishes, kept while it is made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fairtrial.melodies.parameters.songs import Evolution
from fairtrial.melodies.songs import variants
from fairtrial.melodies.songs.variants import (
    evolve_variants,
    leave_out,
    pack_variants,
    unpack_variants,
)
from tests.melodies.songs.support import goal, tunes

SMALL = Evolution(population=12, generations=3)
WANTED = goal({"variety": 1.0, "stepwise": 0.5})


def test_every_wish_is_left_out_once() -> None:
    """A single wish cannot be: no wish would be left."""
    assert leave_out({"variety": 1.0, "density": -1.0}) == {
        "song": {"variety": 1.0, "density": -1.0},
        "without_variety": {"density": -1.0},
        "without_density": {"variety": 1.0},
    }
    assert list(leave_out({"variety": 1.0})) == ["song"]


def test_variants_begin_with_the_same_bars() -> None:
    """What differs in the end is the wish, not the luck of the draw."""
    found = evolve_variants(tunes(), WANTED, SMALL, 5, None)
    for variant in found.values():
        for wish, values in variant.start.items():
            assert np.array_equal(values, found["song"].start[wish])


def test_stored_variants_are_the_same() -> None:
    """Every array and every reason comes back."""
    found = evolve_variants(tunes(), WANTED, SMALL, 5, None)
    stored = pack_variants(found, {"source": "tunes"})
    assert stored.description["source"] == "tunes"
    for name, back in unpack_variants(stored).items():
        assert np.array_equal(back.bars, found[name].bars)
        assert np.array_equal(back.best, found[name].best)
        assert back.stopped == found[name].stopped
        assert back.end["variety"].tolist() == found[name].end["variety"].tolist()


def test_a_killed_run_goes_on_with_the_variant_it_was_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finished variants are read back; the result is that of an undisturbed run."""
    whole = evolve_variants(tunes(), WANTED, SMALL, 5, None)
    evolve, made = variants.evolve_song, []

    def fail_at_third(*arguments: object) -> object:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(arguments)
        return evolve(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(variants, "evolve_song", fail_at_third)
    with pytest.raises(KeyboardInterrupt):
        evolve_variants(tunes(), WANTED, SMALL, 5, tmp_path)
    made.clear()
    resumed = evolve_variants(tunes(), WANTED, SMALL, 5, tmp_path)
    assert len(made) == 1
    for name, variant in whole.items():
        assert np.array_equal(resumed[name].bars, variant.bars)
        assert np.array_equal(resumed[name].evaluations, variant.evaluations)
        assert resumed[name].stopped == variant.stopped
