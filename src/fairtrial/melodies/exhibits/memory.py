"""How near generated bars lie to the training bars, beside bars of unseen songs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import count_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, INK, new_figure
from fairtrial.melodies.scoring.memory import SAME, compare_nearest
from fairtrial.melodies.scoring.remembered import FLOOR

_GRID = np.linspace(0, 1, 101)


def memory_exhibit(nearest: pd.DataFrame) -> Files:
    """Share of bars up to each distance from the nearest training bar, a line an arm.

    Args:
        nearest: as `fairtrial.melodies.scoring.remembered.tabulate_nearest` makes it.
    """
    title = "Made or remembered"
    if nearest.empty:
        return exhibit(title, "No run finished.", data=nearest, table=True)
    figure, axes = new_figure(7.2, 3.4)
    unseen = nearest[nearest["role"] == "floor"]
    lines: dict[str, np.ndarray] = {}
    rows = []
    for arm, mine in nearest.groupby("arm", sort=False):
        label = "unseen real bars" if arm == FLOOR else str(arm)
        line = np.array([(mine["distance"] <= x + 1e-9).mean() for x in _GRID])
        colour = INK if arm == FLOOR else COLOURS[len(lines) % len(COLOURS)]
        axes.plot(_GRID, 100 * line, color=colour, label=label, zorder=3 if arm == FLOOR else 2)
        lines[label] = line
        rows.append(_row(label, mine, unseen))
    axes.set_xlabel("distance from the nearest training bar (0: a copy, 1: nothing in common)")
    axes.set_ylabel("bars as near (%)")
    axes.set_ylim(0, 102)
    axes.grid(True)
    axes.legend()
    data = pd.DataFrame({"distance": _GRID, **lines})
    return exhibit(title, " ".join(_caption(unseen)), figure, data, table=pd.DataFrame(rows))


def _row(label: str, mine: pd.DataFrame, unseen: pd.DataFrame) -> dict[str, Any]:
    row: dict[str, Any] = {
        "bars": label,
        "number": len(mine),
        "equal one learnt from": f"{mine['copied'].mean():.1%}",
        f"within {SAME:g}": f"{(mine['distance'] <= SAME).mean():.1%}",
        "mean distance": float(mine["distance"].mean()),
    }
    if unseen.empty:
        return row
    if mine["role"].iloc[0] == "floor":
        return {**row, "memorisation": 0.5, "runs that copy": ""}
    floor = (unseen["distance"].to_numpy(), unseen["song"].to_numpy())
    found = [
        compare_nearest(run["distance"].to_numpy(), *floor)
        for _, run in mine.groupby("block", sort=False)
    ]
    mean = float(np.mean([each.probability for each in found]))
    copying = f"{sum(each.copies for each in found)} of {len(found)}"
    return {**row, "memorisation": mean, "runs that copy": copying}


def _caption(unseen: pd.DataFrame) -> list[str]:
    parts = [
        "Two bars are as far apart as the share of cells that sound in only one of them, of those "
        "that sound in either; transposed or delayed copies count as copies. Every bar is compared "
        "with the training songs' bars before any augmentation; equal ones are looked for in the "
        "arm's own training set."
    ]
    if unseen.empty:
        return [*parts, "No songs are held out, so nothing tells how near unseen bars would lie."]
    songs = unseen["song"].nunique()
    if songs == 1:
        parts.append(
            "All unseen bars are of one song, so nothing tells how much songs differ, and no run "
            "is said to copy."
        )
    return [
        *parts,
        f"Unseen: {count_text(len(unseen), 'bar')} of {count_text(songs, 'held-out song')}, "
        "sharing held notes and scales with the training songs. Memorisation: chance that a bar "
        f"of the arm lies nearer than one of these (distances up to {SAME:g} count as equal): 0.5 "
        "is as near, "
        "and a run copies where it is above 0.5 by three standard errors, taken over songs.",
    ]
