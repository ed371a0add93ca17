"""What a user can wish for in a bar: descriptors in 0 to 1, and the fitness that weighs them.

All are computed for whole populations of all bars of a song at once.

Source: the evolution of melodies in the authors' programme; what it leaves open is said below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairtrial.melodies.descriptors import share_of
from fairtrial.melodies.piano_roll import COLUMNS, COLUMNS_PER_QUARTER, ROWS
from fairtrial.melodies.songs.bits import ONSETS, SOUNDING, Bits, count_bits

FloatArray = NDArray[np.float64]

# Values of the plain shares at which a descriptor is 0 and 1.
_DENSITY = (0.2, 0.8)
_VARIETY = (0.05, 0.15)
_SINGLE_NOTES = (0.3, 1.0)

_STEP, _LEAP = 2, 12  # semitones: a whole tone, an octave


@dataclass(frozen=True)
class Scene:
    """Bars and what they stand on, as the descriptors see them.

    Args:
        bits: uint64 (bars, n, 2, 64), n candidates for each bar of the song.
        chord_rows: uint64 (bars,), as `Harmony.chord_rows` gives them.
        scale_rows: uint64 (bars,), likewise.
    """

    bits: Bits
    chord_rows: Bits
    scale_rows: Bits

    @property
    def sounding(self) -> Bits:
        """Rows that sound in each column, uint64 (bars, n, 64)."""
        return self.bits[..., SOUNDING, :]

    @property
    def onsets(self) -> Bits:
        """Rows whose note begins in each column, uint64 (bars, n, 64)."""
        return self.bits[..., ONSETS, :]


def _between(value: FloatArray, ends: tuple[float, float]) -> FloatArray:
    """0 at the first end and below, 1 at the second and above, straight between them."""
    return np.clip((value - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0)


def chord_tones(scene: Scene) -> FloatArray:
    """Share of the sounding cells on rows of the chord's triad."""
    rows = scene.chord_rows[:, None, None]
    return share_of(count_bits(scene.sounding & rows), count_bits(scene.sounding))


def onsets_on_beats(scene: Scene) -> FloatArray:
    """Share of the onsets on one of the four beats."""
    return share_of(count_bits(scene.onsets[..., ::COLUMNS_PER_QUARTER]), count_bits(scene.onsets))


def density(scene: Scene) -> FloatArray:
    """Share of the columns that sound: 0 at 0.2, 1 at 0.8."""
    return _between(np.mean(scene.sounding != 0, axis=-1), _DENSITY)


def variety(scene: Scene) -> FloatArray:
    """Share of the rows that are used: 0 at 0.05, 1 at 0.15."""
    used = np.bitwise_count(np.bitwise_or.reduce(scene.sounding, axis=-1))
    return _between(used / ROWS, _VARIETY)


def single_notes(scene: Scene) -> FloatArray:
    """Share of the sounding columns with one note only: 0 at 0.3, 1 at 1."""
    sounding = scene.sounding
    single = (sounding != 0) & (sounding & (sounding - np.uint64(1)) == 0)
    return _between(share_of(single.sum(axis=-1), (sounding != 0).sum(axis=-1)), _SINGLE_NOTES)


def out_of_scale(scene: Scene) -> FloatArray:
    """Share of the sounding cells outside the key's scale."""
    rows = ~scene.scale_rows[:, None, None]
    return share_of(count_bits(scene.sounding & rows), count_bits(scene.sounding))


def repetition(scene: Scene) -> FloatArray:
    """Sounding cells common to both halves of the bar, over those of either."""
    first, second = np.split(scene.sounding, 2, axis=-1)
    return share_of(count_bits(first & second), count_bits(first | second))


def stepwise(scene: Scene) -> FloatArray:
    """How near successive notes lie: 1 for a semitone or a whole tone, falling to 0 at an octave.

    The mean over the intervals between highest onsets; a repeated note is no step and counts 0,
    and so does a bar without intervals.
    """
    onsets = scene.onsets
    begins = onsets != 0
    # The exponent of a number below 2**53 is exact: one more than its highest bit, a row below 64.
    highest = np.frexp(onsets.astype(np.float64))[1].astype(np.int16)
    # Columns count more than rows, so that the largest so far is the latest onset.
    places = np.where(begins, highest + _COLUMN_PLACES, np.int16(-1))
    before = np.maximum.accumulate(places[..., :-1], axis=-1)
    pairs = begins[..., 1:] & (before >= 0)
    size = np.abs(highest[..., 1:] - (before & _ROW_MASK))
    nearness = np.where(pairs, _NEARNESS[np.minimum(size, _LEAP)], 0.0)
    return share_of(nearness.sum(axis=-1), pairs.sum(axis=-1))


_ROW_MASK = np.int16(63)
_COLUMN_PLACES = np.arange(COLUMNS, dtype=np.int16) << 6
_NEARNESS = np.array(
    [0.0, *(min(1.0, (_LEAP - size) / (_LEAP - _STEP)) for size in range(1, _LEAP + 1))]
)

WISHES: Mapping[str, Callable[[Scene], FloatArray]] = {
    each.__name__: each
    for each in (
        chord_tones,
        onsets_on_beats,
        density,
        variety,
        single_notes,
        out_of_scale,
        repetition,
        stepwise,
    )
}


def measure_wishes(scene: Scene) -> dict[str, FloatArray]:
    """Every descriptor of every bar: name -> float64 (bars, n) in [0, 1]."""
    return {name: wish(scene) for name, wish in WISHES.items()}


def fitness(scene: Scene, weights: Mapping[str, float]) -> FloatArray:
    """The weighted sum of the descriptors, brought to 0 for the worst possible bar and 1 for best.

    Args:
        scene: the bars.
        weights: descriptor -> weight, at least one of them not 0. The best possible bar has 1 in
            each descriptor of positive weight and 0 in each of negative weight.

    Returns:
        float64 (bars, n) in [0, 1].
    """
    given = {name: weight for name, weight in weights.items() if weight}
    worst = sum(weight for weight in given.values() if weight < 0)
    span = sum(abs(weight) for weight in given.values())
    total = np.zeros(scene.bits.shape[:2])
    for name, weight in given.items():
        total += weight * WISHES[name](scene)
    return np.clip((total - worst) / span, 0.0, 1.0)
