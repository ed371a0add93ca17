"""The claimed mechanism taken apart: each part on and off, alone and together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import list_text, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.figures import interval_plot
from fairtrial.problems.exhibits.sections import OPTIMISERS
from fairtrial.statistics.factorial import factor_effects


def factors_exhibit(
    scores: pd.DataFrame, factors: Mapping[str, Sequence[str]], alpha: float
) -> Files:
    """Main effects and interactions on the ranks of the runs, and every combination's gaps.

    Args:
        scores: of the study.
        factors: mechanism -> arms that have it.
        alpha: intervals cover 1 - alpha.
    """
    gaps = scores[(scores["metric"] == "relative_gap") & (scores["role"] == "arm")]
    values = {
        str(arm): mine["value"].fillna(np.inf).to_numpy(dtype=float)
        for arm, mine in gaps.groupby("arm", sort=False)
    }
    effects = factor_effects(values, factors, False, 1 - alpha)
    figure = interval_plot(
        [
            (_words(name), float(low), float(middle), float(high))
            for name, low, middle, high in effects[
                ["effect", "low", "estimate", "high"]
            ].itertuples(index=False)
        ],
        "effect on the share of all runs that a run beats",
    )
    table = pd.DataFrame(
        [
            {
                **{_words(name): "yes" if arm in has else "" for name, has in factors.items()},
                "arm": arm,
                "runs with a feasible point": f"{int(np.isfinite(v).sum())} of {v.size}",
                "median gap": _gap(float(np.quantile(v, 0.5, method="inverted_cdf"))),
                "best gap": _gap(float(v.min())),
                "worst gap": _gap(float(v.max())),
            }
            for arm, v in values.items()
        ]
    )
    shown = effects[(effects["low"] > 0) | (effects["high"] < 0)]
    helps = [_words(e) for e, v in zip(shown["effect"], shown["estimate"], strict=True) if v > 0]
    harms = [_words(e) for e, v in zip(shown["effect"], shown["estimate"], strict=True) if v < 0]
    caption = (
        "Each mechanism on and off in every combination. Runs of all arms are ranked together, "
        "those without a feasible point last; an effect is the mean share of the runs that a run "
        "beats with the mechanism, less that without. A product of two says whether they do more "
        f"(right) or less (left) together than apart. Intervals cover {100 * (1 - alpha):g} %, "
        "each by itself."
    )
    if helps:
        caption += f" Shown to help: {list_text(helps)}."
    if harms:
        caption += f" Shown to harm, or to be worth less together: {list_text(harms)}."
    return exhibit("What each mechanism does", caption, figure, effects, table, section=OPTIMISERS)


def _words(effect: object) -> str:
    return str(effect).replace("_", " ")


def _gap(value: float) -> str:
    return "infeasible" if not np.isfinite(value) else number_text(value, 3)
