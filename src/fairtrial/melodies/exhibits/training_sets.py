"""What each arm learns from: how many bars, of which how many are no news."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import count_text, list_text
from fairtrial.evidence.exhibits import exhibit


def training_sets_exhibit(described: Mapping[str, Mapping[str, Any]]) -> Files:
    """A table of the training sets, a line a step.

    Args:
        described: arm -> what `fairtrial.melodies.varying.banks.build_training_set` told of its
            set.
    """
    rows = [row for arm, told in described.items() for row in _rows(arm, told)]
    return exhibit(
        "What the arms learnt from",
        "Bars of each training set, in the order in which they were added; originals stand first "
        "and stay as they are. Unchanged: copies that equal the bar that they vary, because "
        "nothing in it could change that way. Repeated: added bars that equal any bar before them."
        + _excess(described),
        data=pd.DataFrame(rows),
        table=True,
    )


def _rows(arm: str, told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The originals, what each step adds, and repetition."""
    originals, total = told["originals"], told["bars"]
    added = sum(step["duplicates"] for step in told["steps"])
    replicated = total - originals if told["training_set"] == "replicated" else 0
    first = told["duplicates"] - added - replicated
    yield _row(arm, "originals", originals, 0, first, originals)
    for step in told["steps"]:
        name = f"{step['strategy'].replace('_', ' ')}, {count_text(step['factor'], 'time')}"
        yield _row(arm, name, step["added"], step["unchanged"], step["duplicates"], step["bars"])
    if replicated:
        yield _row(arm, "repetition", replicated, replicated, replicated, total)


def _row(
    arm: str, name: str, added: int, unchanged: int, repeated: int, total: int
) -> dict[str, Any]:
    return {
        "arm": arm,
        "step": name,
        "bars added": added,
        "unchanged": unchanged,
        "repeated": repeated,
        "bars in all": total,
    }


def _excess(described: Mapping[str, Mapping[str, Any]]) -> str:
    """Which factors pass those that are advised."""
    excess = {
        f"{step['factor']} copies by {step['strategy'].replace('_', ' ')}, where the paper advises "
        f"{step['advised_factor']} at most"
        for told in described.values()
        for step in told["steps"]
        if step["advised_factor"] is not None and step["factor"] > step["advised_factor"]
    }
    return f" Past what is advised: {list_text(sorted(excess))}." if excess else ""
