"""Whether arms are right on the same test items: a secondary result beside the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.seeds import stream
from fairtrial.core.text import number_text, p_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.images.exhibits.metrics import interval_text
from fairtrial.images.scoring.pooled import FIRST_COUNTS
from fairtrial.statistics.agreement import compare_right, compare_right_pairs
from fairtrial.statistics.resampling import group_bootstrap

_TITLE = "Right on the same items"


def agreement_exhibit(
    right: pd.DataFrame,
    groups: Sequence[str],
    resamples: int,
    alpha: float,
    seed: tuple[int, str],
) -> Files:
    """McNemar's test or Cochran's Q, all pairs, and differences in accuracy by group.

    Args:
        right: bool, items that all arms predicted x arms.
        groups: group of each item.
        resamples: resamplings of the groups.
        alpha: intervals cover 1 - alpha.
        seed: the root seed and the study's name.
    """
    if right.shape[1] < 2 or right.empty:
        caption = "Fewer than two arms predicted the same test items: there is nothing to compare."
        return exhibit(_TITLE, caption, data=pd.DataFrame(columns=["a", "b"]), table=True)
    pairs = compare_right_pairs(right)
    differences = group_bootstrap(
        _differences(right), groups, resamples, 1 - alpha, stream(*seed, "agreement")
    )
    found = [differences[f"{row.a} {row.b}"] for row in pairs.itertuples()]
    data = pairs.assign(
        difference=[d.estimate for d in found],
        low=[d.low for d in found],
        high=[d.high for d in found],
    )
    made = pd.DataFrame(
        {
            "pair": [f"{row.a}, {row.b}" for row in data.itertuples()],
            "only the first right": data["only_a"],
            "only the second": data["only_b"],
            "McNemar": [p_text(p, alpha) for p in data["p"]],
            "adjusted after Holm": [p_text(p, alpha) for p in data["p_holm"]],
            "difference in accuracy": [
                interval_text(row["difference"], row["low"], row["high"])
                for row in data.to_dict("records")
            ],
        }
    )
    whole = compare_right(right)
    statistic = f" = {number_text(whole.statistic, 3)}" if right.shape[1] > 2 else ""
    together = len(set(groups)) < len(groups)
    caption = (
        f"{whole.name}{statistic}, {p_text(whole.p, alpha)}, over {len(right)} test items that all "
        "arms predicted. A secondary result: the verdict rests on blocks. "
        + (
            f"The items come in {len(set(groups))} groups and those of one group are not "
            "independent: these p-values are smaller than they should be. "
            if together
            else ""
        )
        + f"The {100 * (1 - alpha):g} % intervals of differences resample whole groups. "
        + FIRST_COUNTS
    )
    return exhibit(_TITLE, caption, data=data, table=made)


def _differences(right: pd.DataFrame) -> Callable[[np.ndarray], Mapping[str, np.ndarray]]:
    pairs = list(combinations(right.columns, 2))
    values = np.stack([right[a].to_numpy(float) - right[b].to_numpy(float) for a, b in pairs])

    def measure(weights: np.ndarray) -> Mapping[str, np.ndarray]:
        means = weights @ values.T / weights.sum(1, keepdims=True)
        return {f"{a} {b}": means[:, place] for place, (a, b) in enumerate(pairs)}

    return measure
