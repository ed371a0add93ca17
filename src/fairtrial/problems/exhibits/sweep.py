"""A map of an optimiser's settings: what the papers varied and did not show."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.target_figures import heat_maps
from fairtrial.problems.exhibits.sections import OPTIMISERS
from fairtrial.problems.parameters import Sweep


def sweep_exhibit(
    table: pd.DataFrame, sweep: Sweep, target: float | None, resolution: float
) -> Files:
    """Median relative gap at each point of the grid.

    Args:
        table: from `fairtrial.problems.sweep.run_sweep`.
        sweep: its parameters.
        target: the value that gaps are measured to; the best of the sweep where there is none.
        resolution: smaller gaps are drawn as this.
    """
    x, y, panel = (next(iter(axis)) for axis in (sweep.x, sweep.y, sweep.panels))
    best = float(table["objective"].min()) if target is None else target
    gaps = (table["objective"] - best) / (abs(best) or 1.0)
    gaps = gaps.clip(lower=resolution).fillna(np.inf)
    # An order statistic: a run without a feasible point counts as the worst.
    median = (
        table.assign(gap=gaps)
        .groupby([panel, y, x])["gap"]
        .quantile(0.5, interpolation="lower")
        .replace(np.inf, np.nan)
    )
    xs, ys, panels = sweep.x[x], sweep.y[y], sweep.panels[panel]
    maps = [
        np.array([[median.get((c, b, a), np.nan) for a in xs] for b in ys], dtype=float)
        for c in panels
    ]
    own = [getattr(sweep.recipe.settings, name) for name in (panel, y, x)]
    inside = all(value in axis for value, axis in zip(own, (panels, ys, xs), strict=True))
    figure = heat_maps(
        maps,
        [f"{panel} {value:g}" for value in panels],
        (x, xs),
        (y, ys),
        "median relative gap",
        (panels.index(own[0]), ys.index(own[1]), xs.index(own[2])) if inside else None,
    )
    here = median.get(tuple(own), np.nan) if inside else None
    return exhibit(
        "Settings of the optimiser",
        _caption(sweep, median, here),
        figure,
        median.rename("gap").reset_index(),
        section=OPTIMISERS,
    )


def _caption(sweep: Sweep, median: pd.Series, here: float | None) -> str:
    """What the map tells; ``here`` is the gap of the recipe itself, where it lies on the map."""
    text = (
        f"{sweep.recipe.optimizer.replace('_', ' ').capitalize()} over {len(median)} settings, "
        f"{sweep.runs} runs of {sweep.evaluations} evaluations each from the same seeds: median "
        "relative gap."
    )
    finite = median.dropna()
    if len(finite):
        at = cast(tuple[float, float, float], finite.idxmin())
        equals = int((finite == finite.min()).sum())
        where = ", ".join(f"{n} {v:g}" for n, v in zip(finite.index.names, at, strict=True))
        text += (
            f" Best: {number_text(finite.min(), 2)} at "
            f"{where if equals == 1 else f'{equals} settings alike'}; worst: "
            f"{number_text(finite.max(), 2)}. One sample of seeds: neighbours may differ by chance."
        )
    if here is not None:
        told = number_text(here, 2) if np.isfinite(here) else "no feasible point"
        text += f" Framed is the recipe as it stands ({told})."
    return text
