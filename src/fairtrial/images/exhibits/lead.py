"""How far arms are ahead of trivial models on the same test items."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.seeds import stream
from fairtrial.evidence.exhibits import exhibit
from fairtrial.images.exhibits.metrics import interval_text
from fairtrial.images.scoring.pooled import FIRST_COUNTS, Pooled, groups_of, right_table
from fairtrial.statistics.resampling import Weighted, group_bootstrap

_TITLE = "Ahead of trivial models on the same items"


def lead_exhibit(
    pools: Mapping[str, Pooled],
    probes: Mapping[str, Pooled],
    manifest: pd.DataFrame,
    resamples: int,
    alpha: float,
    seed: tuple[int, str],
) -> Files:
    """Accuracy of every arm less that of every probe, with its interval by group.

    Args:
        pools: predictions of the arms.
        probes: predictions of the classes by trivial models.
        manifest: groups of the items.
        resamples: resamplings of the groups.
        alpha: intervals cover 1 - alpha.
        seed: the root seed and the study's name.
    """
    rows = []
    for probe, trivial in probes.items():
        for arm, found in pools.items():
            right = right_table({"arm": found, "probe": trivial})
            together = groups_of(manifest, np.asarray(right.index))
            draws = stream(*seed, "lead", arm, probe)
            lead = group_bootstrap(_difference(right), together, resamples, 1 - alpha, draws)
            rows.append(
                {
                    "probe": probe,
                    "arm": arm,
                    "items": len(right),
                    "difference": lead["lead"].estimate,
                    "low": lead["lead"].low,
                    "high": lead["lead"].high,
                }
            )
    columns = ["probe", "arm", "items", "difference", "low", "high"]
    data = pd.DataFrame(rows, columns=columns)
    made = pd.DataFrame({"ahead of": list(probes)})
    for arm in pools:
        mine = data[data["arm"] == arm]
        made[arm] = [
            interval_text(row["difference"], row["low"], row["high"])
            for row in mine.to_dict("records")
        ]
    caption = (
        "Difference in accuracy, arm less trivial model, over the test items that both predicted. "
        f"The {100 * (1 - alpha):g} % intervals resample whole groups and hold the trained models "
        "fixed; those beside the verdict compare folds. An arm does better on these items only "
        f"where its whole interval lies above 0. {FIRST_COUNTS}"
    )
    return exhibit(_TITLE, caption, data=data, table=made)


def _difference(right: pd.DataFrame) -> Weighted:
    """Accuracy of the arm less that of the probe, from weights of the items."""
    ahead = right["arm"].to_numpy(float) - right["probe"].to_numpy(float)
    return lambda weights: {"lead": weights @ ahead / weights.sum(1)}
