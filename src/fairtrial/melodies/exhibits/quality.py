"""How generated bars compare with real ones, number by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.melodies.descriptors import NAMES, describe
from fairtrial.melodies.piano_roll import Roll, as_generated
from fairtrial.melodies.scoring.judge import COLLAPSED_BELOW, distinct_share, find_unseen

_SHOWN_DESCRIPTORS = {
    "density": "density",
    "pitch_range": "range",
    "scale_consistency": "in scale",
    "onsets_on_beats": "on beats",
    "polyphony": "polyphony",
}


def quality_exhibit(
    real: Roll,
    train: Roll,
    generated: Mapping[str, Sequence[Roll]],
    scores: pd.DataFrame,
    metric: str,
) -> Files:
    """Distance, failures and some descriptors of every arm beside those of real bars.

    Args:
        real: the held-out bars, uint8 (n, 48, 64); where none are, the training bars.
        train: the training bars, uint8 (m, 48, 64).
        generated: arm -> the bars of each run that did not diverge.
        scores: of the study, its floor among them where bars are held out.
        metric: the primary one.
    """
    if "paper" in set(scores["protocol"]):
        compared = (
            "from the first N bars of the arm's own training set, as the paper has it: arms are "
            "compared with different bars, and a smaller N alone makes a distance larger. Real "
            "bars have none, because no others are left to compare them with."
        )
    else:
        seen = int((~find_unseen(real, train)).sum())
        compared = (
            "from held-out bars; for real bars that of training bars from held-out ones, which no "
            f"arm can be expected to beat. {seen} of {len(real)} held-out bars "
            f"({seen / len(real):.0%}) also stand, note for note, in the training songs"
            + (
                "; the distance to unseen bars leaves them out, and its smaller N alone moves its "
                "level. The verdict takes all held-out bars."
                if "unseen" in set(scores["subset"])
                else "."
            )
        )
    rows = [_quality_row("real bars", [as_generated(real)], scores, "real_bars", metric)]
    for arm, runs in generated.items():
        rows.append(_quality_row(arm, runs, scores, arm, metric))
    return exhibit(
        "How the bars compare",
        f"Distance: mean {metric} over runs, N bars a side, {compared} Distinct: share of a run's "
        f"bars that equal no earlier one; below {COLLAPSED_BELOW:.0%} a run counts as collapsed. "
        "The other columns are means of descriptors in 0 to 1.",
        data=pd.DataFrame(rows),
        table=True,
    )


def _quality_row(
    label: str, runs: Sequence[Roll], scores: pd.DataFrame, arm: str, metric: str
) -> dict[str, Any]:
    both = scores[(scores["arm"] == arm) & (scores["metric"] == metric)]
    mine = both[both["subset"] == "all"]
    items = mine["n_items"].dropna()
    shares = [distinct_share(run) for run in runs]
    row: dict[str, Any] = {
        "bars": label,
        "N": int(items.min()) if len(items) else None,
        "distance": _mean_value(mine),
        "distinct": round(float(np.mean(shares)), 2) if shares else None,
        "collapsed": sum(share < COLLAPSED_BELOW for share in shares),
        "diverged": int((mine["status"] == "diverged").sum()),
    }
    if "unseen" in set(scores["subset"]):
        row["to unseen"] = _mean_value(both[both["subset"] == "unseen"])
    features = np.concatenate([describe(run) for run in runs]) if runs else None
    for name, heading in _SHOWN_DESCRIPTORS.items():
        value = None if features is None else float(features[:, NAMES.index(name)].mean())
        row[heading] = None if value is None else round(value, 2)
    return row


def _mean_value(rows: pd.DataFrame) -> float | None:
    values = rows.loc[rows["status"] == "ok", "value"].astype(float)
    return round(float(values.mean()), 3) if len(values) else None
