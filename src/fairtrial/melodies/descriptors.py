"""Musical descriptors of bars: what a listener could name, each between 0 and 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairtrial.melodies.piano_roll import (
    COLUMNS,
    COLUMNS_PER_QUARTER,
    HELD,
    ONSET,
    ROWS,
    SILENT,
    Roll,
)

MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
"""Semitones above the tonic."""

_MANY_ONSETS = 16  # notes a bar at which a descriptor reaches 1: all sixteenths
_WIDE_INTERVAL = 12

NAMES = (
    *(f"share_of_step_{step}" for step in range(12)),
    "pitch_class_entropy",
    "scale_consistency",
    "mean_pitch",
    "pitch_range",
    "density",
    "onsets",
    "onsets_on_beats",
    "onsets_on_offbeats",
    "mean_duration",
    "polyphony",
    "mean_interval",
    "steps",
    "repeated_pitches",
    "half_bar_repetition",
)


def describe(rolls: Roll) -> NDArray[np.float64]:
    """Descriptors of bars.

    ``share_of_step_k``: share of sounding cells k semitones above the chord root (in any octave).
    ``pitch_class_entropy``: of these shares, over log 12. ``scale_consistency``: share of sounding
    cells in the major scale that holds most. ``mean_pitch``, ``pitch_range``: over 47 rows.
    ``density``: sounding columns. ``onsets``: notes over 16. ``onsets_on_beats``,
    ``onsets_on_offbeats``: share of onsets on quarters, on the eighths between. ``mean_duration``:
    over the bar. ``polyphony``: share of sounding columns with two notes or more.
    ``mean_interval``: between successive onsets, over an octave; ``steps``: share of intervals of
    one or two semitones; ``repeated_pitches``: of none. ``half_bar_repetition``: onsets common to
    both halves over those of either.

    Args:
        rolls: uint8 (n, 48, 64).

    Returns:
        float64 (n, 26) in [0, 1], in the order of `NAMES`; a silent bar is all zeros.
    """
    sounding = rolls > SILENT  # (n, 48, 64)
    before = np.concatenate([np.zeros_like(sounding[..., :1]), sounding[..., :-1]], axis=-1)
    onsets = (rolls == ONSET) | ((rolls == HELD) & ~before)
    features = [
        *_pitch_features(sounding),
        *_rhythm_features(sounding, onsets),
        *_interval_features(onsets),
    ]
    return np.column_stack(features).astype(np.float64)


def share_of(part: NDArray[np.generic], whole: NDArray[np.generic]) -> NDArray[np.float64]:
    """part / whole, 0 where there is no whole."""
    shares = np.zeros(np.shape(part), np.float64)
    np.divide(part, whole, out=shares, where=np.asarray(whole) > 0)
    return shares


def _pitch_features(sounding: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    by_row = sounding.sum(axis=2)  # (n, 48)
    total = by_row.sum(axis=1)
    steps = by_row.reshape(len(by_row), -1, 12).sum(axis=1)  # (n, 12)
    shares = share_of(steps, np.repeat(total[:, None], 12, axis=1))
    logs = np.log(np.where(shares > 0, shares, 1.0))
    entropy = -(shares * logs).sum(axis=1) / np.log(12)
    scales = np.array([np.isin((np.arange(12) - key) % 12, MAJOR_SCALE) for key in range(12)])
    consistency = (shares @ scales.T).max(axis=1)
    rows = np.arange(ROWS)
    used = by_row > 0
    lowest = np.where(used.any(axis=1), used.argmax(axis=1), 0)
    highest = np.where(used.any(axis=1), ROWS - 1 - used[:, ::-1].argmax(axis=1), 0)
    mean = share_of(by_row @ rows, total) / (ROWS - 1)
    return [*shares.T, entropy, consistency, mean, (highest - lowest) / (ROWS - 1)]


def _rhythm_features(
    sounding: NDArray[np.bool_], onsets: NDArray[np.bool_]
) -> list[NDArray[np.float64]]:
    by_column = sounding.sum(axis=1)  # (n, 64)
    density = (by_column > 0).mean(axis=1)
    onset_columns = onsets.sum(axis=1)
    notes = onset_columns.sum(axis=1)
    beat = slice(0, None, COLUMNS_PER_QUARTER)
    offbeat = slice(COLUMNS_PER_QUARTER // 2, None, COLUMNS_PER_QUARTER)
    return [
        density,
        np.minimum(notes / _MANY_ONSETS, 1.0),
        share_of(onset_columns[:, beat].sum(axis=1), notes),
        share_of(onset_columns[:, offbeat].sum(axis=1), notes),
        share_of(by_column.sum(axis=1), notes) / COLUMNS,
        share_of((by_column > 1).sum(axis=1), (by_column > 0).sum(axis=1)),
    ]


def _interval_features(onsets: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    bars = len(onsets)
    bar, _, row = np.nonzero(onsets.transpose(0, 2, 1))  # by bar, column, row
    same = bar[1:] == bar[:-1]
    where = bar[1:][same]
    size = np.abs(np.diff(row)[same])
    pairs = np.bincount(where, minlength=bars)
    total = np.bincount(where, np.minimum(size, _WIDE_INTERVAL), minlength=bars)
    steps = np.bincount(where, (size == 1) | (size == 2), minlength=bars)
    repeats = np.bincount(where, size == 0, minlength=bars)
    rhythm: NDArray[np.bool_] = np.asarray(onsets.any(axis=1))
    first, second = rhythm[:, : COLUMNS // 2], rhythm[:, COLUMNS // 2 :]
    return [
        share_of(total, pairs) / _WIDE_INTERVAL,
        share_of(steps, pairs),
        share_of(repeats, pairs),
        share_of((first & second).sum(axis=1), (first | second).sum(axis=1)),
    ]
