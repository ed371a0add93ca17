"""What the trials of a melody study will cost, from a rehearsal of a few updates."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from fairtrial.core.forecast import Forecast
from fairtrial.core.hashing import sha256_bytes
from fairtrial.core.records import RawFolder
from fairtrial.core.study import Study
from fairtrial.melodies.gan.trainee import RunSeeds
from fairtrial.melodies.gan.training import count_at_once, count_updates, train_runs
from fairtrial.melodies.reading.listing import choose_files, read_folder
from fairtrial.melodies.samples import draw_samples
from fairtrial.melodies.tuning.forecast import forecast_searches

# Updates that are timed, after a first one that pays for starting up.
_REHEARSED = 4


def forecast_trials(
    study: Study, groups: Mapping[str, Any], raw: RawFolder | None
) -> dict[str, Forecast]:
    """Cut the files into bars, time a few updates on them, and scale up to each arm's set.

    Of optimisers of songs, the first evaluations are timed.

    Args:
        study: its structure.
        groups: its checked parameters: ingest, split, augment, train, arms.
        raw: the MIDI files; none for the embedded tunes.

    Returns:
        arm -> cost of training one run.
    """
    rolls = _read_bars(groups, raw)
    if study.form == "song_tuners":
        return forecast_searches(study, groups["optimize"], groups["arms"], rolls)
    bars = max(1, round(len(rolls) * (1 - groups["split"].reference_share)))
    train, augment = groups["train"], groups["augment"]
    # Runs side by side share their time.
    _, blocks = max(study.chunks().items(), key=lambda chunk: len(chunk[1]))
    names = blocks[: count_at_once(train, len(blocks))]
    seeds = dict.fromkeys(names, RunSeeds(0, 0, 0, 0))

    def seconds_of(updates: int) -> tuple[float, float]:
        run = train_runs(rolls, updates, train, seeds, checkpoints=None, label=study.name)[names[0]]
        size = sum(array.nbytes for array in (run.state or {}).values())
        return float(run.history["seconds"].iloc[-1]), size

    first, size = seconds_of(1)
    each = max(seconds_of(1 + _REHEARSED)[0] - first, 0.0) / _REHEARSED
    found = {}
    for name in study.arms:
        arm = groups["arms"][name]
        larger = arm.training_set != "original" or arm.updates == "equal"
        left_out = arm.leave_out if arm.updates == "epochs" else ()
        steps = [step for step in augment.steps if larger and step.strategy not in left_out]
        updates = count_updates(bars * prod(step.growth for step in steps), train)
        found[name] = Forecast(first + each * updates, size)
    return found


def _read_bars(groups: Mapping[str, Any], raw: RawFolder | None) -> Any:
    """uint8 (n, 48, 64) of all files."""
    ingest = groups["ingest"]
    if raw is None:
        drawn = draw_samples()
        hashes = {path: sha256_bytes(content) for path, content in drawn.items()}
        pack, _, _ = read_folder(hashes, drawn.__getitem__, ingest, synthetic=True)
    else:
        listed = dict(zip(raw.files["path"], raw.files["sha256"], strict=True))
        chosen = choose_files(list(listed), ingest.files, raw.root)
        files = {path: listed[path] for path in chosen}
        pack, _, _ = read_folder(files, raw.read, ingest, synthetic=False)
    return pack["rolls"]
