"""Pictures with what the arms made of them: some at random, and the worst mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays, Files
from fairtrial.core.seeds import stream
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.picture_figures import Shown, picture_rows
from fairtrial.images.scoring.pooled import FIRST_COUNTS, Pooled

COLS = 6


def gallery_exhibit(
    pools: Mapping[str, Pooled], pack: Arrays, labels: Sequence[str], seed: tuple[int, str]
) -> Files:
    """The same few test pictures for every arm, with its prediction and confidence.

    Args:
        pools: predictions by arm.
        pack: the pictures.
        labels: names of the classes.
        seed: the root seed and the study's name.
    """
    shared = sorted(set.intersection(*(set(map(str, found.ids)) for found in pools.values())))
    chosen = stream(*seed, "gallery").permutation(shared)[:COLS]
    rows, data = {}, []
    for arm, found in pools.items():
        place = {str(item): index for index, item in enumerate(found.ids)}
        picked = [place[str(item)] for item in chosen]
        rows[arm] = show_predictions(found, picked, pack, labels)
        data.append(describe_predictions(found, picked, labels).assign(arm=arm))
    caption = (
        f"{len(chosen)} test pictures drawn at random: prediction and its probability, and where "
        f"it is wrong (in red) the true class below. {FIRST_COUNTS}"
    )
    figure = picture_rows(rows, COLS)
    return exhibit("Predictions", caption, figure, pd.concat(data, ignore_index=True))


def mistakes_exhibit(pools: Mapping[str, Pooled], pack: Arrays, labels: Sequence[str]) -> Files:
    """The surest wrong predictions of every arm.

    Args:
        pools: predictions by arm.
        pack: the pictures.
        labels: names of the classes.
    """
    rows, data = {}, []
    for arm, found in pools.items():
        wrong = np.flatnonzero(~found.right)
        wrong = wrong[np.argsort(-found.confidence[wrong], kind="stable")]
        rows[f"{arm}: {len(wrong)}"] = show_predictions(found, wrong[:COLS], pack, labels)
        data.append(describe_predictions(found, wrong, labels).assign(arm=arm))
    table = pd.concat(data, ignore_index=True)
    table = table[["arm", *(name for name in table.columns if name != "arm")]]
    caption = (
        f"Of every arm the {COLS} wrong predictions with the highest probability, the true class "
        "below; beside the arm's name, how many test items it got wrong. Look here first for "
        f"wrong labels. The data list every mistake. {FIRST_COUNTS}"
    )
    made = table.groupby("arm", sort=False).head(3)
    return exhibit("Worst mistakes", caption, picture_rows(rows, COLS), table, made)


def show_predictions(
    found: Pooled, rows: Sequence[int] | np.ndarray, pack: Arrays, labels: Sequence[str]
) -> list[Shown]:
    """Pictures with prediction, probability, and where it is wrong the true class."""
    place = {item: index for index, item in enumerate(pack.description["items"])}
    out = []
    for row in rows:
        guess, truth = int(found.predicted[row]), int(found.y[row])
        caption = prediction_text(labels, guess, truth, float(found.confidence[row]))
        picture = np.array(pack["pixels"][place[str(found.ids[row])]])
        out.append(Shown(picture, caption, wrong=guess != truth))
    return out


def prediction_text(labels: Sequence[str], guess: int, truth: int, confidence: float) -> str:
    """``trout 98 %``, and below it the truth where the guess is wrong."""
    # 99.96 % is not certain: it is cut off, never rounded up.
    shown = int(100 * confidence)
    said = f"{labels[guess]} {shown} %"
    return said if guess == truth else f"{said}\nis {labels[truth]}"


def describe_predictions(
    found: Pooled, rows: Sequence[int] | np.ndarray, labels: Sequence[str]
) -> pd.DataFrame:
    """Columns item_id, block, true, predicted, confidence, probability_of_true."""
    rows = np.asarray(rows, dtype=int)
    return pd.DataFrame(
        {
            "item_id": found.ids[rows],
            "block": found.blocks[rows],
            "true": [labels[k] for k in found.y[rows]],
            "predicted": [labels[k] for k in found.predicted[rows]],
            "confidence": found.confidence[rows],
            "probability_of_true": found.probabilities[rows, found.y[rows]],
        }
    )
