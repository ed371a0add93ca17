"""How near the bars of every run lie to the training bars, as a table, as scores and as warnings.

The table ``nearest`` has one row a bar: arm, role (arm, or floor for real bars of songs that were
held out), block, song (of real bars), distance (from the nearest training bar, in [0, 1]) and
copied (whether it equals a bar of the arm's own training set).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from fairtrial.core.text import count_text, number_text
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.scoring.judge import Measured
from fairtrial.melodies.scoring.memory import Memory, compare_nearest, find_copied
from fairtrial.melodies.scoring.trials import Trial

FLOOR = "real_bars"
COPIED, NEAREST, MEMORISATION = "copied_share", "nearest_distance", "memorisation"
_MOST_COPIED = 0.5


def tabulate_nearest(
    trials: Sequence[Trial],
    training_sets: Mapping[str, Roll],
    learnt: Roll,
    unseen: Roll,
    songs: np.ndarray,
) -> pd.DataFrame:
    """The table ``nearest``.

    Args:
        trials: of every arm.
        training_sets: arm -> the bars it learnt from, uint8 (m, 48, 64).
        learnt: bars of the training songs before any augmentation, the same for all arms: more
            training bars alone would bring every bar nearer to one.
        unseen: bars of held-out songs, uint8 (k, 48, 64), k may be 0.
        songs: (k,) their songs.
    """
    memory = Memory(learnt)
    parts = []
    for arm, training_set in training_sets.items():
        mine = [trial for trial in trials if trial.arm == arm and trial.bars is not None]
        if not mine:
            continue
        # Together, as the training set is long and read once.
        bars = np.concatenate([trial.bars for trial in mine if trial.bars is not None])
        blocks = [trial.block for trial in mine if trial.bars is not None for _ in trial.bars]
        part = _rows(memory, bars, training_set).assign(block=blocks, arm=arm, role="arm", song="")
        parts.append(part)
    if len(unseen):
        part = _rows(memory, unseen, learnt).assign(block="", arm=FLOOR, role="floor")
        parts.append(part.assign(song=songs.astype(str)))
    columns = ["arm", "role", "block", "song", "distance", "copied"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)[columns]


def _rows(memory: Memory, bars: Roll, training_set: Roll) -> pd.DataFrame:
    return pd.DataFrame(
        {"distance": memory.nearest(bars), "copied": find_copied(bars, training_set)}
    )


def memory_metrics(nearest: pd.DataFrame) -> list[tuple[str, bool]]:
    """Metrics that `measure_run` gives, and whether higher is better."""
    metrics = [(COPIED, False), (NEAREST, True)]
    return [*metrics, (MEMORISATION, False)] if (nearest["role"] == "floor").any() else metrics


def measure_run(nearest: pd.DataFrame, arm: str, block: str) -> Iterator[Measured]:
    """Scores of one run: share of copies, mean distance, and how much nearer than unseen bars."""
    mine = nearest[(nearest["arm"] == arm) & (nearest["block"] == block)]
    yield from _means(mine)
    unseen = nearest[nearest["role"] == "floor"]
    if len(unseen):
        found = compare_nearest(
            mine["distance"].to_numpy(), unseen["distance"].to_numpy(), unseen["song"].to_numpy()
        )
        yield Measured(MEMORISATION, found.probability, False, len(mine))


def measure_floor(
    nearest: pd.DataFrame, n_items: int, generator: np.random.Generator
) -> Iterator[Measured]:
    """The same of a draw of unseen real bars, without a comparison with themselves."""
    unseen = nearest[nearest["role"] == "floor"]
    if len(unseen):
        yield from _means(unseen.iloc[generator.permutation(len(unseen))[:n_items]])


def _means(bars: pd.DataFrame) -> Iterator[Measured]:
    yield Measured(COPIED, float(bars["copied"].mean()), False, len(bars))
    yield Measured(NEAREST, float(bars["distance"].mean()), True, len(bars))


def warn_of_copies(nearest: pd.DataFrame) -> list[str]:
    """Sentences about arms whose bars are copies, for the verdict; none about honest ones."""
    unseen = nearest[nearest["role"] == "floor"]
    found = []
    for arm, bars in nearest[nearest["role"] == "arm"].groupby("arm", sort=False):
        runs = bars.groupby("block", sort=False)
        if len(unseen):
            floor = (unseen["distance"].to_numpy(), unseen["song"].to_numpy())
            compared = [compare_nearest(run["distance"].to_numpy(), *floor) for _, run in runs]
            copying = [each.probability for each in compared if each.copies]
            if copying:
                found.append(
                    f"{arm} copies its training bars: in {len(copying)} of "
                    f"{count_text(len(compared), 'run')} its bars lie nearer to them than bars of "
                    "songs that nobody trained on (memorisation on average "
                    f"{number_text(float(np.mean(copying)), 2)} in these, 0.5 where both lie as "
                    "near)."
                )
            continue
        shares = runs["copied"].mean()
        copying = [share for share in shares if share > _MOST_COPIED]
        if copying:
            found.append(
                f"{arm} copies its training bars: in {len(copying)} of "
                f"{count_text(len(shares), 'run')} more than half of its bars equal one of them, "
                "cell for cell. No songs are held out to tell how many would by chance."
            )
    return found
