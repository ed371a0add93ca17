"""Results by the source of pictures: hospitals, markets, data sets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import DASH
from fairtrial.evidence.class_figures import dot_rows
from fairtrial.evidence.exhibits import exhibit
from fairtrial.images.exhibits.metrics import interval_text
from fairtrial.images.scoring.pooled import POOLED, Pooled
from fairtrial.statistics.resampling import wilson

_UNKNOWN = "unknown"


def sources_exhibit(
    pools: Mapping[str, Pooled], source_of: Mapping[str, str], alpha: float
) -> Files:
    """Accuracy of every arm on the pictures of each source.

    Args:
        pools: predictions by arm.
        source_of: item -> its source, "" if unknown.
        alpha: intervals cover 1 - alpha.
    """
    rows = []
    for arm, found in pools.items():
        here = np.array([source_of[str(item)] or _UNKNOWN for item in found.ids])
        for source in sorted(set(here)):
            part = here == source
            interval = wilson(int(found.right[part].sum()), int(part.sum()), 1 - alpha)
            rows.append(
                {
                    "source": source,
                    "arm": arm,
                    "items": int(part.sum()),
                    "classes": len(set(found.y[part])),
                    "accuracy": interval.estimate,
                    "low": interval.low,
                    "high": interval.high,
                }
            )
    table = pd.DataFrame(rows).sort_values("source", kind="stable", ignore_index=True)
    known = sorted(set(table["source"]) - {_UNKNOWN})
    caption = f"{POOLED}. "
    if len(known) < 2:
        said = f"All of one source, {known[0]}" if known else "No source is known"
        caption += f"{said}: how well arms carry over to another was not seen."
    else:
        caption += (
            f"Accuracy by source with Wilson's {100 * (1 - alpha):g} % intervals. "
            "The models were trained on pictures of these sources too: an arm may know a source "
            "rather than a class. Where a source holds one class alone, its accuracy is that "
            "class's recall there."
        )
    figure = dot_rows(table, "source", "accuracy", "accuracy") if len(known) > 1 else None
    return exhibit("Results by source", caption, figure, table, _readable(table))


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """One row a source, one column an arm."""
    arms = list(dict.fromkeys(table["arm"]))
    rows = []
    for source, part in table.groupby("source", sort=False):
        cells = {
            row["arm"]: interval_text(row["accuracy"], row["low"], row["high"])
            for row in part.to_dict("records")
        }
        first = part.iloc[0]
        rows.append(
            {
                "source": source,
                "items": first["items"],
                "classes": first["classes"],
                **{arm: cells.get(arm, DASH) for arm in arms},
            }
        )
    return pd.DataFrame(rows)
