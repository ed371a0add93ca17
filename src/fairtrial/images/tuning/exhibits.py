"""What the page of a study of tuners shows beside its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from fairtrial.core.records import Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.figures import colour, learning_curves
from fairtrial.evidence.style import new_figure
from fairtrial.images.parameters.tune import Dimension, Tune

_COLUMNS = ["tuner", "block", "trial", "status", "value", "best", "note"]


def progress_exhibit(searches: Sequence[pd.DataFrame], tune: Tune) -> Files:
    """The best validation value by trials, of every tuner and block."""
    trials = pd.concat(searches, ignore_index=True)
    table = trials[_COLUMNS].rename(columns={"tuner": "arm", "best": f"best_{tune.objective}"})
    figure = learning_curves(
        table, "trial", [f"best_{tune.objective}"], "trials", log=tune.objective == "loss"
    )
    bad = int((trials["status"] != "ok").sum())
    lost = f" {bad} of {len(trials)} trials came to no finite value; they count." if bad else ""
    caption = (
        f"Best {tune.objective} on validation pictures so far against the trials made: thin lines "
        f"are blocks, the thick one is their mean.{lost} What a tuner gains here it may lose on "
        "test pictures, which no trial looks at."
    )
    return exhibit("Progress of the searches", caption, figure, table)


def chosen_exhibit(searches: Sequence[pd.DataFrame], tune: Tune) -> Files:
    """The hyper-parameters that each tuner chose in each block."""
    rows = []
    for table in searches:
        known = table.dropna(subset=["value"])
        if known.empty:
            continue
        first = known.loc[known["value"] == known["best"].iloc[-1]].iloc[0]
        rows.append(
            {
                "tuner": first["tuner"],
                "block": first["block"],
                "found in trial": int(first["trial"]),
                f"validation {tune.objective}": round(float(first["value"]), 5),
                **{name: first[name] for name in tune.search},
            }
        )
    caption = (
        f"What each tuner chose: of {tune.trials} trials in a block, the one with the best "
        f"{tune.objective} on its validation pictures. It was trained again from the block's own "
        "streams, and then tested once."
    )
    data = pd.DataFrame(rows) if rows else pd.DataFrame(columns=["tuner", "block"])
    return exhibit("Chosen hyper-parameters", caption, data=data, table=True)


def gap_exhibit(scores: pd.DataFrame, primary_metric: str) -> Files:
    """What is left on test pictures of what was reached on validation pictures."""
    mine = scores[
        (scores["metric"] == primary_metric)
        & (scores["subset"] == "all")
        & (scores["protocol"] == "standard")
        & scores["role"].isin(["arm", "reference"])
    ]
    sides = mine.pivot_table(
        index="arm", columns="split", values="value", aggfunc="mean", sort=False, observed=True
    ).reindex(columns=["valid", "test"])
    data = pd.DataFrame(
        {
            "recipe of": sides.index,
            "validation": sides["valid"].round(4).to_numpy(),
            "test": sides["test"].round(4).to_numpy(),
            "test - validation": (sides["test"] - sides["valid"]).round(4).to_numpy(),
        }
    )
    caption = (
        f"Mean {primary_metric.replace('_', ' ')} over the blocks. Trials were chosen on the "
        "validation pictures, so that theirs is too good by as much as a search has suited them; "
        "the untuned recipe, of one trial, shows how far the two sets differ by themselves."
    )
    return exhibit("Validation and test", caption, data=data, table=True)


def landscape_exhibit(searches: Sequence[pd.DataFrame], tune: Tune) -> Files:
    """Every trial: a panel a hyper-parameter, its value against what it came to."""
    trials = pd.concat(searches, ignore_index=True)
    figure = _landscape(trials.dropna(subset=["value"]), tune)
    caption = (
        f"Every trial of every tuner: its hyper-parameters against the {tune.objective} on "
        "validation pictures. The other hyper-parameters vary with the one shown: a cloud is no "
        "curve, and where tuners went most often it is densest."
    )
    return exhibit("What was tried", caption, figure, trials[[*_COLUMNS, *tune.search]])


def _landscape(trials: pd.DataFrame, tune: Tune) -> Figure:
    cols = min(len(tune.search), 2)
    rows = -(-len(tune.search) // cols)
    figure, axes = new_figure(height_in=0.6 + 2.5 * rows, rows=rows, cols=cols)
    panels = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()
    for panel, (name, dimension) in zip(panels, tune.search.items(), strict=False):
        for index, (tuner, mine) in enumerate(trials.groupby("tuner", sort=False)):
            panel.scatter(
                _places(mine[name], dimension),
                mine["value"],
                s=12,
                alpha=0.6,
                color=colour(index),
                linewidths=0,
                label=str(tuner),
            )
        _dress(panel, name, dimension)
        panel.set_yscale("log" if tune.objective == "loss" else "linear")
        panel.grid(True)
    for panel in panels[len(tune.search) :]:
        panel.axis("off")
    panels[0].set_ylabel(f"validation {tune.objective}")
    if len(trials):
        panels[0].legend(fontsize=7)
    return figure


def _places(column: pd.Series, dimension: Dimension) -> pd.Series:
    """Where values lie on the axis: choices at their index."""
    if dimension.choices is None:
        return column
    return column.map({dimension.stored(each): i for i, each in enumerate(dimension.choices)})


def _dress(panel: Any, name: str, dimension: Dimension) -> None:
    panel.set_title(name, loc="left")
    if dimension.choices is not None:
        names = [str(each) for each in dimension.choices]
        panel.set_xticks(range(len(names)), names)
    elif dimension.log:
        panel.set_xscale("log")
