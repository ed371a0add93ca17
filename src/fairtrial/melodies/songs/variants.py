"""A song, and the same song with each wish in turn left out: what every weight did."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fairtrial.core.files import write_bytes
from fairtrial.core.records import Arrays
from fairtrial.melodies.parameters.songs import Evolution, Songs
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.songs.evolution import Critic, Evolved, Goal, evolve_song
from fairtrial.melodies.songs.harmony import read_harmony
from fairtrial.melodies.songs.wishes import WISHES

LOG = logging.getLogger(__name__)

SONG = "song"


def make_goal(songs: Songs, critic: Critic | None = None) -> Goal:
    """What the bars of a song are judged by; ``critic`` where there is a discriminator's share."""
    return Goal(read_harmony(songs), songs.given, critic, songs.discriminator_share)


def leave_out(weights: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Variant -> weights: the song, then ``without_WISH`` for each wish that leaves others."""
    variants = {SONG: dict(weights)}
    if len(weights) > 1:
        for left_out in weights:
            rest = {name: weight for name, weight in weights.items() if name != left_out}
            variants[f"without_{left_out}"] = rest
    return variants


def evolve_variants(
    pool: Roll, goal: Goal, settings: Evolution, seed: int, checkpoints: Path | None
) -> dict[str, Evolved]:
    """Evolve the song and its variants, all from the same seed.

    Args:
        pool: uint8 (n, 48, 64).
        goal: of the song.
        settings: of the algorithm.
        seed: draws everything, the same first populations for each variant.
        checkpoints: folder in which finished variants are kept until all are; none keeps none.

    Returns:
        Variant -> what was found, in the order of `leave_out`.
    """
    found = {}
    variants = leave_out(goal.weights)
    for number, (name, weights) in enumerate(variants.items(), start=1):
        kept = checkpoints / f"{name}.npz" if checkpoints else None
        if kept is not None and kept.is_file():
            found[name] = _load(kept.read_bytes())
            continue
        begin = time.perf_counter()
        found[name] = evolve_song(pool, replace(goal, weights=weights), settings, seed)
        seconds = time.perf_counter() - begin
        LOG.info("%s, %d of %d: %.1f s", name, number, len(variants), seconds)
        if kept is not None:
            write_bytes(kept, _dump(found[name]))
    return found


def pack_variants(found: Mapping[str, Evolved], description: Mapping[str, object]) -> Arrays:
    """Variants as stored arrays, beside what a caller tells of them."""
    return Arrays(
        {
            f"{name}__{key}": array
            for name, evolved in found.items()
            for key, array in _to_arrays(evolved).items()
        },
        {**description, "stopped": {name: list(each.stopped) for name, each in found.items()}},
    )


def unpack_variants(stored: Arrays) -> dict[str, Evolved]:
    """The variants that `pack_variants` stored."""
    return {
        name: _from_arrays(
            {
                key.removeprefix(f"{name}__"): np.asarray(array)
                for key, array in stored.arrays.items()
                if key.startswith(f"{name}__")
            },
            tuple(stopped),
        )
        for name, stopped in stored.description["stopped"].items()
    }


def _to_arrays(evolved: Evolved) -> dict[str, np.ndarray]:
    return {
        "bars": evolved.bars,
        "values": evolved.values,
        "best": evolved.best,
        "mean": evolved.mean,
        "evaluations": evolved.evaluations,
        "start": np.array([evolved.start[wish] for wish in WISHES]),
        "end": np.array([evolved.end[wish] for wish in WISHES]),
    }


def _from_arrays(arrays: Mapping[str, np.ndarray], stopped: tuple[str, ...]) -> Evolved:
    kept = {name: arrays[name] for name in ("bars", "values", "best", "mean", "evaluations")}
    start, end = (dict(zip(WISHES, arrays[name], strict=True)) for name in ("start", "end"))
    return Evolved(**kept, stopped=stopped, start=start, end=end)


def _dump(evolved: Evolved) -> bytes:
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {**_to_arrays(evolved), "stopped": np.array(evolved.stopped)}
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _load(content: bytes) -> Evolved:
    with np.load(io.BytesIO(content)) as arrays:
        return _from_arrays(arrays, tuple(str(why) for why in arrays["stopped"]))
