"""The scores of a whole melody study, from bars to tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.seeds import stream, stream_seed
from fairtrial.melodies.parameters import Evaluate
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.scoring.extractors import EXTRACTORS, Extract, Resources
from fairtrial.melodies.scoring.judge import Judge, find_unseen
from fairtrial.melodies.scoring.remembered import tabulate_nearest
from fairtrial.melodies.scoring.rows import Rows, score_arms, score_floor
from fairtrial.melodies.scoring.trials import Trial, draw_reference


@dataclass(frozen=True)
class RealBars:
    """The real bars of a study.

    Args:
        train: of the training songs, uint8 (n, 48, 64).
        held_out: of the others, uint8 (m, 48, 64); m is 0 under the paper's protocol.
        songs: (m,) songs of these.
        training_sets: arm -> what it learnt from, uint8 (k, 48, 64); may be memory-mapped.
    """

    train: Roll
    held_out: Roll
    songs: np.ndarray
    training_sets: Mapping[str, Roll]


def load_spaces(
    parameters: Evaluate, encoder: Mapping[str, np.ndarray] | None
) -> dict[str, Extract]:
    """Extractor -> function from bars to features.

    Args:
        parameters: of the evaluation.
        encoder: weights of the study's own encoder, where one was trained.
    """
    resources = Resources(
        weights_dir=parameters.weights_dir,
        encoder=encoder,
        paper=parameters.protocol == "paper",
        device=parameters.device,
    )
    return {name: EXTRACTORS.load(name).load(resources) for name in parameters.extractors}


def score_study(
    trials: Sequence[Trial],
    real: RealBars,
    spaces: Mapping[str, Extract],
    parameters: Evaluate,
    seed: int,
    shared: Mapping[str, Any],
) -> tuple[list[dict[str, Any]], pd.DataFrame, pd.DataFrame]:
    """Compare every run's bars with real ones.

    Args:
        trials: of every arm.
        real: the real bars.
        spaces: as `load_spaces` gives them.
        parameters: of the evaluation.
        seed: the root seed.
        shared: cells of the scores that all rows share, ``study`` among them.

    Returns:
        Rows of scores; the curves, as `Rows.curve_table` gives them; and the table ``nearest``, as
        `fairtrial.melodies.scoring.remembered.tabulate_nearest` makes it.
    """
    study, n_items = shared["study"], parameters.n_items
    nearest = tabulate_nearest(trials, real.training_sets, real.train, real.held_out, real.songs)
    draws = stream_seed(seed, study, "fewer_bars")
    rows = Rows()
    shared = {**shared, "protocol": parameters.protocol}
    if parameters.protocol == "paper":
        # Every arm against the first bars of its own training set, as the paper did. No real bars
        # are left that stand to an arm's own as its bars do, so there is no floor.
        judges = {
            arm: Judge(bars[:n_items], spaces, draws) for arm, bars in real.training_sets.items()
        }
        score_arms(rows, trials, judges, nearest, shared)
    else:
        reference = draw_reference(real.held_out, n_items, stream(seed, study, "reference_bars"))
        judge = Judge(reference, spaces, draws, find_unseen(reference, real.train))
        score_arms(rows, trials, dict.fromkeys(real.training_sets, judge), nearest, shared)
        blocks = list(dict.fromkeys(trial.block for trial in trials))
        generators = {block: stream(seed, study, block, "null_floor") for block in blocks}
        score_floor(rows, real.train, judge, nearest, n_items, generators, shared)
    return rows.scores, rows.curve_table(), nearest
