"""What a rating round said of each arm's runs."""

from __future__ import annotations

import pandas as pd

from fairtrial.core.records import Files
from fairtrial.evidence.exhibits import exhibit


def ratings_exhibit(ratings: pd.DataFrame) -> Files:
    """A table of means by arm and run, and every rating as data.

    Args:
        ratings: one row a rating: arm, run, clip, rater, rating.
    """
    rows = []
    for (arm, run), group in ratings.groupby(["arm", "run"], sort=False):
        by_clip = group.groupby("clip")["rating"].mean()
        rows.append(
            {
                "arm": arm,
                "run": run,
                "clips": len(by_clip),
                "mean rating": group["rating"].mean(),
                "worst clip": by_clip.min(),
                "best clip": by_clip.max(),
            }
        )
    # Runs in the order of their names, within the study's order of arms.
    table = pd.DataFrame(rows)
    place = {arm: number for number, arm in enumerate(dict.fromkeys(table["arm"]))}
    table = table.sort_values(
        ["arm", "run"], key=lambda cells: cells.map(place) if cells.name == "arm" else cells
    )
    return exhibit(
        "Ratings by run",
        "Means over raters. All raters heard the same clips, so where an arm's runs are rated "
        "unlike each other, other runs could have changed the verdict.",
        data=ratings,
        table=table,
    )
