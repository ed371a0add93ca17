"""Several studies as the blocks of one: which arm ranks best across them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from fairtrial.core.errors import StatisticsError
from fairtrial.core.hashing import sha256_json
from fairtrial.statistics.scores import check_scores, make_scores
from fairtrial.statistics.selection import select


def gather_studies(
    tables: Mapping[str, pd.DataFrame], study: str, arms: Sequence[str], primary_metric: str
) -> pd.DataFrame:
    """Scores of a study whose blocks are other studies.

    The value of an arm in a block is its mean primary metric over the blocks of that study in
    which every arm finished; only its rank among the arms means the same from study to study.

    Args:
        tables: name of a study -> its scores.
        study: name of the gathering study.
        arms: arms to compare, which every study must have.
        primary_metric: metric to compare, which every study must have.

    Returns:
        A scores table as `make_scores` builds it; where an arm finished nowhere its row failed.

    Raises:
        StatisticsError: a study lacks an arm or the metric, or their directions differ.
    """
    hashes = {
        column: sha256_json({name: sorted(set(table[column])) for name, table in tables.items()})
        for column in ("manifest_sha256", "splits_sha256")
    }
    rows: list[dict[str, Any]] = []
    for name, scores in tables.items():
        scores = check_scores(scores)
        absent = sorted(set(arms) - set(scores.loc[scores["role"] == "arm", "arm"]))
        if absent:
            raise StatisticsError(
                f"scores of {name}",
                f"the arms {', '.join(arms)}",
                f"none of the name {absent[0]}",
                "Rank studies together whose arms share their names.",
            )
        shared = scores[scores["arm"].isin(arms)]
        chosen = select(shared, "blocked", primary_metric)
        means = chosen.table.mean()
        for arm in arms:
            finished = len(chosen.table) > 0
            rows.append(
                {
                    "study": study,
                    "arm": arm,
                    "block": name,
                    "metric": primary_metric,
                    "value": float(means[arm]) if finished else None,
                    "higher_is_better": chosen.higher_is_better,
                    "status": "ok" if finished else "failed",
                    "n_items": len(chosen.table),
                    **hashes,
                }
            )
    place = {arm: index for index, arm in enumerate(arms)}
    return make_scores(sorted(rows, key=lambda row: place[row["arm"]]))
